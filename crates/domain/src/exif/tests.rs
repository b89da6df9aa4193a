//! Pictures made by hand, byte by byte.

use super::*;

/// A directory entry: tag, type, count, value or way.
type Entry = (u16, u16, u32, u32);

/// A JPEG with the EXIF of a phone: root at 8, EXIF directory at 40, its text at 60, GPS directory at 80, its numbers from 140.
fn picture(is_little: bool, taken: &[u8; 20], lat: [(u32, u32); 3], lon: [(u32, u32); 3], sides: [u8; 2]) -> Vec<u8> {
    let two = |n: u16| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let four = |n: u32| if is_little { n.to_le_bytes() } else { n.to_be_bytes() };
    let mut tiff = vec![0; 200];
    let mut put = |at: usize, bytes: &[u8]| tiff[at..at + bytes.len()].copy_from_slice(bytes);
    let entry = |(tag, ty, count, value): Entry| [two(tag).as_slice(), &two(ty), &four(count), &four(value)].concat();
    // A letter stands in the first of the four bytes, whatever their order.
    let letter = |tag: u16, letter: u8| [two(tag).as_slice(), &two(2), &four(2), &[letter, 0, 0, 0]].concat();
    put(0, if is_little { b"II" } else { b"MM" });
    put(2, &two(42));
    put(4, &four(8));
    put(8, &[two(2).to_vec(), entry((0x8769, 4, 1, 40)), entry((0x8825, 4, 1, 80))].concat());
    put(40, &[two(1).to_vec(), entry((0x9003, 2, 20, 60))].concat());
    put(60, taken);
    put(
        80,
        &[two(4).to_vec(), letter(1, sides[0]), entry((2, 5, 3, 140)), letter(3, sides[1]), entry((4, 5, 3, 164))]
            .concat(),
    );
    for (i, (top, bottom)) in lat.into_iter().chain(lon).enumerate() {
        put(140 + i * 8, &[four(top), four(bottom)].concat());
    }
    let len = u16::try_from(2 + 6 + tiff.len()).unwrap().to_be_bytes();
    let app0 = [0xff, 0xe0, 0, 4, 1, 2];
    [&[0xff, 0xd8], app0.as_slice(), &[0xff, 0xe1], &len, b"Exif\0\0", &tiff, &[0xff, 0xda]].concat()
}

const TAKEN: &[u8; 20] = b"2026:11:23 14:05:09\0";
const LAT: [(u32, u32); 3] = [(38, 1), (55, 1), (3_216, 100)];
const LON: [(u32, u32); 3] = [(100, 1), (26, 1), (5_928, 100)];

#[test]
fn both_orders_of_bytes_tell_time_and_place() {
    for is_little in [true, false] {
        let exif = Exif::of_jpeg(&picture(is_little, TAKEN, LAT, LON, *b"NE"));
        assert_eq!(exif.taken.unwrap().to_string(), "2026-11-23 14:05:09");
        assert_eq!(exif.place_e7, Some((389_256_000, 1_004_498_000)));
        let south = Exif::of_jpeg(&picture(is_little, TAKEN, LAT, LON, *b"SW"));
        assert_eq!(south.place_e7, Some((-389_256_000, -1_004_498_000)));
    }
}

#[test]
fn a_fact_out_of_range_is_not_there_and_the_other_one_stays() {
    let place = |lat, lon, sides| Exif::of_jpeg(&picture(true, TAKEN, lat, lon, sides)).place_e7;
    assert_eq!(place([(91, 1), (0, 1), (0, 1)], LON, *b"NE"), None);
    assert_eq!(place(LAT, [(180, 1), (0, 1), (1, 1)], *b"NE"), None);
    assert_eq!(place([(38, 0), (0, 1), (0, 1)], LON, *b"NE"), None);
    assert_eq!(place([(u32::MAX, 1), (u32::MAX, 1), (u32::MAX, 1)], LON, *b"NE"), None);
    assert_eq!(place(LAT, LON, *b"XE"), None);
    assert_eq!(place([(0, 1); 3], [(0, 1); 3], *b"NE"), None);
    for taken in
        [b"2026:13:23 14:05:09\0", b"2026:11:00 14:05:09\0", b"2026-11-23 14:05:09\0", b"    :  :     :  :  \0"]
    {
        let exif = Exif::of_jpeg(&picture(false, taken, LAT, LON, *b"NE"));
        assert_eq!((exif.taken, exif.place_e7.is_some()), (None, true), "{taken:?}");
    }
}

#[test]
fn torn_anywhere_or_changed_anywhere_it_never_panics() {
    let whole = picture(true, TAKEN, LAT, LON, *b"NE");
    for cut in 0..whole.len() {
        let _facts = Exif::of_jpeg(&whole[..cut]);
        for change in [0x00, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[cut] = change;
            let _facts = Exif::of_jpeg(&bytes);
        }
    }
    assert_eq!(Exif::of_jpeg(b""), Exif::default());
    assert_eq!(Exif::of_jpeg(b"\x89PNG\r\n\x1a\n"), Exif::default());
}

#[test]
fn a_directory_that_points_to_itself_ends() {
    let mut bytes = picture(true, TAKEN, LAT, LON, *b"NE");
    let tiff = bytes.windows(6).position(|w| w == b"Exif\0\0").unwrap() + 6;
    // Both ways lead back to the root.
    for at in [8 + 2 + 8, 8 + 2 + 12 + 8] {
        bytes[tiff + at..tiff + at + 4].copy_from_slice(&8_u32.to_le_bytes());
    }
    assert_eq!(Exif::of_jpeg(&bytes), Exif::default());
}
