//! What a picture says of itself: facts are in range, and what stands behind the EXIF block does not change them.

#![no_main]

use greenshield_domain::exif::Exif;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let exif = Exif::of_jpeg(bytes);
    if let Some(taken) = exif.taken {
        assert!(taken.year >= 1970 && (1..=12).contains(&taken.month) && (1..=31).contains(&taken.day));
        assert!(taken.hour < 24 && taken.minute < 60 && taken.second <= 60);
        assert_eq!(taken.to_string().len(), 19);
    }
    if let Some((lat, lon)) = exif.place_e7 {
        assert!(lat.unsigned_abs() <= 900_000_000 && lon.unsigned_abs() <= 1_800_000_000);
    }
    if exif != Exif::default() {
        let longer = [bytes, &[0xff; 64]].concat();
        assert_eq!(Exif::of_jpeg(&longer), exif, "what comes later is not part of it");
    }
    // The bare block, so that no JPEG has to be guessed around it.
    let block = &bytes[..bytes.len().min(60_000)];
    let len = u16::try_from(block.len() + 8).unwrap_or(u16::MAX).to_be_bytes();
    let wrapped = [&[0xff, 0xd8, 0xff, 0xe1], len.as_slice(), b"Exif\0\0", block].concat();
    let _facts = Exif::of_jpeg(&wrapped);
});
