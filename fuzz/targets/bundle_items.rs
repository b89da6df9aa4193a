//! The items behind a header: what is let through is what the header announces, and pieces of the stream make no difference.

#![no_main]

use greenshield_domain::bundle::{BundleError, BundleHeader, Item, ItemReader};
use libfuzzer_sys::fuzz_target;

fn read(header: &BundleHeader, plain: &[u8], piece: usize) -> Result<Vec<Item>, BundleError> {
    let (mut reader, mut items) = (ItemReader::new(header), Vec::new());
    for piece in plain.chunks(piece) {
        items.extend(reader.push(piece)?);
    }
    reader.finish()?;
    Ok(items)
}

// The input is a header and the plain stream behind it.
fuzz_target!(|bytes: &[u8]| {
    let Ok(Some((header, used))) = BundleHeader::read(bytes) else { return };
    let plain = &bytes[used..];
    let whole = read(&header, plain, usize::MAX);
    for piece in [1, 13] {
        assert_eq!(read(&header, plain, piece).ok(), whole.as_ref().ok().cloned());
    }
    let Ok(items) = whole else { return };
    assert_eq!(items.iter().flat_map(Item::encode).collect::<Vec<u8>>(), plain);
    let count = |is: fn(&Item) -> bool| items.iter().filter(|item| is(item)).count() as u64;
    assert_eq!(count(|item| matches!(item, Item::Op(_))), header.ops());
    assert_eq!(count(|item| matches!(item, Item::Blob { .. })), header.blobs);
});
