//! What a file is, by its first bytes.

/// Kinds of photo that phones make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoKind {
    /// JPEG.
    Jpeg,
    /// PNG, as screenshots are.
    Png,
    /// WebP.
    WebP,
    /// HEIC and AVIF; many browsers can not show it.
    Heic,
}

impl PhotoKind {
    /// The kind of these bytes; `None` when they are no photo.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let heic = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"];
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if heic.iter().any(|b| brand.starts_with(*b)) => {
                Some(Self::Heic)
            }
            _ => None,
        }
    }

    /// Its media type.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
        }
    }
}
