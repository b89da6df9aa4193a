//! What a JPEG says of itself: when and where it was taken, by the camera's own word.
//!
//! Owns: finding the EXIF block and reading three facts of it. Refuses: every other tag, every other file, and trust; anybody can
//! write anything there, so it is a hint beside what the phone measured. Reads are bounds-checked, follow no loop, and a fact that
//! is torn, out of range or of an odd shape is simply not there.

/// Segments that are looked at before the picture begins.
const MOST_SEGMENTS: usize = 64;
/// Entries of a directory that are looked at.
const MOST_ENTRIES: u16 = 512;

const TAG_EXIF: u16 = 0x8769;
const TAG_GPS: u16 = 0x8825;
const TAG_TAKEN: u16 = 0x9003;
const TAG_LAT_REF: u16 = 1;
const TAG_LAT: u16 = 2;
const TAG_LON_REF: u16 = 3;
const TAG_LON: u16 = 4;
const TYPE_ASCII: u16 = 2;
const TYPE_LONG: u16 = 4;
const TYPE_RATIONAL: u16 = 5;

/// The facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exif {
    /// When the shutter opened, by the camera's clock, whose zone nobody knows.
    pub taken: Option<CameraTime>,
    /// Latitude and longitude × 1e7, WGS-84.
    pub place_e7: Option<(i64, i64)>,
}

/// A moment as a camera writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CameraTime {
    /// Year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
}

impl std::fmt::Display for CameraTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

impl Exif {
    /// Reads the beginning of a file; what is no JPEG, or says nothing, gives no facts.
    #[must_use]
    pub fn of_jpeg(bytes: &[u8]) -> Self {
        tiff_of(bytes).and_then(Tiff::of).map(Tiff::facts).unwrap_or_default()
    }
}

/// The TIFF block of the EXIF segment.
fn tiff_of(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    for _ in 0..MOST_SEGMENTS {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        // The picture itself begins, or something without a length.
        if matches!(marker, 0x01 | 0xd0..=0xda | 0xff) {
            return None;
        }
        let len = usize::from(u16::from_be_bytes([high, low]));
        let body = rest.get(4..2 + len)?;
        if marker == 0xe1
            && let Some(tiff) = body.strip_prefix(b"Exif\0\0")
        {
            return Some(tiff);
        }
        rest = rest.get(2 + len..)?;
    }
    None
}

#[derive(Clone, Copy)]
struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

/// An entry of a directory.
#[derive(Clone, Copy)]
struct Tag {
    ty: u16,
    count: u32,
    /// Where its four bytes of value, or of the way there, stand.
    at: usize,
}

impl<'a> Tiff<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let is_little = match bytes.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let tiff = Self { bytes, is_little };
        (tiff.u16(2)? == 42).then_some(tiff)
    }

    fn facts(self) -> Exif {
        let Some(root) = self.u32(4) else { return Exif::default() };
        let below = |tag| {
            self.tag(root, tag).filter(|tag| tag.ty == TYPE_LONG && tag.count == 1).and_then(|tag| self.u32(tag.at))
        };
        let taken = below(TAG_EXIF).and_then(|at| self.taken(at));
        let place_e7 = below(TAG_GPS).and_then(|at| self.place(at));
        Exif { taken, place_e7 }
    }

    fn u16(self, at: usize) -> Option<u16> {
        let two: [u8; 2] = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn u32(self, at: usize) -> Option<u32> {
        let four: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    fn tag(self, directory: u32, wanted: u16) -> Option<Tag> {
        let directory = usize::try_from(directory).ok()?;
        let entries = self.u16(directory)?.min(MOST_ENTRIES);
        (0..usize::from(entries)).find_map(|entry| {
            let at = directory.checked_add(2 + entry * 12)?;
            (self.u16(at)? == wanted).then_some(())?;
            Some(Tag { ty: self.u16(at + 2)?, count: self.u32(at + 4)?, at: at + 8 })
        })
    }

    /// Bytes of a value that is longer than four bytes.
    fn far(self, tag: Tag, len: usize) -> Option<&'a [u8]> {
        let at = usize::try_from(self.u32(tag.at)?).ok()?;
        self.bytes.get(at..at.checked_add(len)?)
    }

    fn taken(self, directory: u32) -> Option<CameraTime> {
        let tag = self.tag(directory, TAG_TAKEN).filter(|tag| tag.ty == TYPE_ASCII && tag.count >= 19)?;
        // `2026:11:23 14:05:00`
        let text = self.far(tag, 19)?;
        let gaps = [(4, b':'), (7, b':'), (10, b' '), (13, b':'), (16, b':')];
        if gaps.iter().any(|(at, gap)| text[*at] != *gap) {
            return None;
        }
        let number = |from: usize, to: usize| {
            text[from..to]
                .iter()
                .try_fold(0_u16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
        };
        let part = |from: usize, low: u8, high: u8| {
            number(from, from + 2).and_then(|n| u8::try_from(n).ok()).filter(|n| (low..=high).contains(n))
        };
        Some(CameraTime {
            year: number(0, 4).filter(|year| *year >= 1970)?,
            month: part(5, 1, 12)?,
            day: part(8, 1, 31)?,
            hour: part(11, 0, 23)?,
            minute: part(14, 0, 59)?,
            second: part(17, 0, 60)?,
        })
    }

    fn place(self, directory: u32) -> Option<(i64, i64)> {
        let lat = self.degrees(directory, TAG_LAT, TAG_LAT_REF, [b'N', b'S'], 90)?;
        let lon = self.degrees(directory, TAG_LON, TAG_LON_REF, [b'E', b'W'], 180)?;
        // Cameras without a fix write zeros.
        ((lat, lon) != (0, 0)).then_some((lat, lon))
    }

    /// Degrees, minutes and seconds as × 1e7; the first letter counts upwards.
    fn degrees(self, directory: u32, tag: u16, side: u16, letters: [u8; 2], most: u64) -> Option<i64> {
        let side = self.tag(directory, side).filter(|tag| tag.ty == TYPE_ASCII)?;
        let letter = *self.bytes.get(side.at)?;
        let sign = if letter == letters[0] {
            1
        } else if letter == letters[1] {
            -1
        } else {
            return None;
        };
        let tag = self.tag(directory, tag).filter(|tag| tag.ty == TYPE_RATIONAL && tag.count == 3)?;
        let from = usize::try_from(self.u32(tag.at)?).ok()?;
        let mut e7: u128 = 0;
        for (part, share) in [1_u128, 60, 3_600].into_iter().enumerate() {
            let at = from.checked_add(part * 8)?;
            let (top, bottom) = (u128::from(self.u32(at)?), u128::from(self.u32(at.checked_add(4)?)?));
            if bottom == 0 {
                return None;
            }
            let whole = bottom * share;
            e7 += (top * 10_000_000 + whole / 2) / whole;
        }
        (e7 <= u128::from(most) * 10_000_000).then(|| sign * i64::try_from(e7).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
