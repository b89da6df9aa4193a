//! Deterministic CBOR (RFC 8949 §4.2.1), reduced to what ops may carry.
//!
//! Owns: [`Value`], its one encoding, and a decoder that accepts nothing else. Refuses: floats, tags, booleans, indefinite
//! lengths, integers outside `i64`, integers or lengths not in their shortest form, map keys out of order or twice, nesting
//! deeper than [`MAX_DEPTH`], trailing bytes.
//!
//! Invariant: `decode(bytes)? == v` implies `encode(&v) == bytes`. Signed bytes can therefore be kept verbatim and read later.

use crate::order;
use std::cmp::Ordering;

use thiserror::Error;

/// Deepest nesting that the decoder follows; our deepest message needs 5.
pub const MAX_DEPTH: usize = 16;

/// One CBOR item.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Major types 0 and 1.
    Int(i64),
    /// Major type 2.
    Bytes(Vec<u8>),
    /// Major type 3, always valid UTF-8.
    Text(String),
    /// Major type 4.
    Array(Vec<Value>),
    /// Major type 5, keys in the bytewise order of their encodings.
    Map(Vec<(Value, Value)>),
    /// Simple value 22.
    Null,
}

/// Why bytes are not one canonical item.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CborError {
    /// The input ends inside an item.
    #[error("input ends at byte {at} inside an item")]
    Truncated {
        /// Offset in bytes.
        at: usize,
    },
    /// A float, tag, boolean, indefinite length or reserved form.
    #[error("byte {byte:#04x} at {at} starts a form that ops never use")]
    Forbidden {
        /// Offset in bytes.
        at: usize,
        /// The initial byte.
        byte: u8,
    },
    /// An integer or a length that has a shorter form.
    #[error("the number at byte {at} is not in its shortest form")]
    NotShortest {
        /// Offset in bytes.
        at: usize,
    },
    /// An integer outside `i64`.
    #[error("the integer at byte {at} does not fit 64 signed bits")]
    TooLarge {
        /// Offset in bytes.
        at: usize,
    },
    /// Map keys out of order, or the same key twice.
    #[error("the map key at byte {at} is not greater than the one before")]
    KeyOrder {
        /// Offset in bytes.
        at: usize,
    },
    /// Text that is not UTF-8.
    #[error("the text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Offset in bytes.
        at: usize,
    },
    /// Too deep.
    #[error("nesting deeper than {MAX_DEPTH} at byte {at}")]
    TooDeep {
        /// Offset in bytes.
        at: usize,
    },
    /// Bytes after the item.
    #[error("{extra} bytes follow the item")]
    Trailing {
        /// How many.
        extra: usize,
    },
}

impl Value {
    /// Builds a map in canonical order. Keys must differ; of equal keys the first stays.
    #[must_use]
    pub fn map(pairs: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let mut keyed: Vec<(Vec<u8>, Value, Value)> =
            pairs.into_iter().map(|(key, value)| (encode(&key), key, value)).collect();
        order::sort_by(&mut keyed, |a, b| a.0.cmp(&b.0));
        keyed.dedup_by(|later, first| later.0 == first.0);
        Value::Map(keyed.into_iter().map(|(_, key, value)| (key, value)).collect())
    }

    /// Builds a map with integer keys.
    #[must_use]
    pub fn int_map(pairs: impl IntoIterator<Item = (i64, Value)>) -> Self {
        Self::map(pairs.into_iter().map(|(key, value)| (Value::Int(key), value)))
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Value::Bytes(bytes.as_ref().to_vec())
    }

    /// A text string.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// The integer, if this is one.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(int) = self { Some(*int) } else { None }
    }

    /// The byte string, if this is one.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The byte string as a fixed array, if this is one of that length.
    #[must_use]
    pub fn as_array_of<const N: usize>(&self) -> Option<[u8; N]> {
        self.as_bytes()?.try_into().ok()
    }

    /// The text, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The items, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }

    /// The value under an integer key, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: i64) -> Option<&Value> {
        let Value::Map(pairs) = self else { return None };
        pairs.iter().find(|(k, _)| *k == Value::Int(key)).map(|(_, v)| v)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Int(int) => write!(f, "{int}"),
            Value::Bytes(bytes) => {
                f.write_str("h'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("'")
            }
            Value::Text(text) => write!(f, "{text:?}"),
            Value::Array(items) => f.debug_list().entries(items).finish(),
            Value::Map(pairs) => f.debug_map().entries(pairs.iter().map(|(k, v)| (k, v))).finish(),
            Value::Null => f.write_str("null"),
        }
    }
}

/// Encodes a value in its one canonical form.
#[must_use]
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(&mut out, value);
    out
}

/// Appends the canonical form of a value.
pub fn encode_into(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Int(int) if *int >= 0 => head(out, 0, int.unsigned_abs()),
        Value::Int(int) => head(out, 1, (!int).cast_unsigned()),
        Value::Bytes(bytes) => {
            head(out, 2, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        Value::Text(text) => {
            head(out, 3, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            head(out, 4, items.len() as u64);
            items.iter().for_each(|item| encode_into(out, item));
        }
        Value::Map(pairs) => {
            head(out, 5, pairs.len() as u64);
            for (key, value) in pairs {
                encode_into(out, key);
                encode_into(out, value);
            }
        }
        Value::Null => out.push(0xf6),
    }
}

/// Decodes exactly one canonical item that fills the whole input.
///
/// # Errors
/// Any deviation from the canonical form, with the offset where it starts.
pub fn decode(bytes: &[u8]) -> Result<Value, CborError> {
    let (value, used) = decode_prefix(bytes)?;
    if used < bytes.len() {
        return Err(CborError::Trailing { extra: bytes.len() - used });
    }
    Ok(value)
}

/// Decodes the first item of a CBOR sequence (RFC 8742) and returns how many bytes it took.
///
/// # Errors
/// As [`decode`], except that bytes may follow.
pub fn decode_prefix(bytes: &[u8]) -> Result<(Value, usize), CborError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.item(0)?;
    Ok((value, reader.at))
}

/// Length of the first item of a CBOR sequence, canonical or not, so that one bad item does not hide those after it.
///
/// # Errors
/// [`CborError::Truncated`], or [`CborError::Forbidden`] for an indefinite or reserved length.
pub fn item_length(bytes: &[u8]) -> Result<usize, CborError> {
    let mut reader = Reader { bytes, at: 0 };
    let mut left = 1u64;
    while left > 0 {
        left -= 1;
        let at = reader.at;
        let (major, n) = match reader.initial()? {
            (byte, Some(n)) => (byte >> 5, n),
            (byte, None) => return Err(CborError::Forbidden { at, byte }),
        };
        match major {
            2 | 3 => _ = reader.take(usize::try_from(n).map_err(|_| CborError::TooLarge { at })?)?,
            4 => left = left.saturating_add(n),
            5 => left = left.saturating_add(n.saturating_mul(2)),
            6 => left = left.saturating_add(1),
            _ => {}
        }
    }
    Ok(reader.at)
}

fn head(out: &mut Vec<u8>, major: u8, n: u64) {
    let major = major << 5;
    let be = n.to_be_bytes();
    match n {
        0..=23 => out.push(major | be[7]),
        24..=0xff => out.extend_from_slice(&[major | 24, be[7]]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&be[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&be[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&be);
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], CborError> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(CborError::Truncated { at: self.bytes.len() })?;
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }

    /// Reads the initial byte and its argument; `None` where the length is indefinite or reserved.
    fn initial(&mut self) -> Result<(u8, Option<u64>), CborError> {
        let byte = self.take(1)?[0];
        let argument = match byte & 0x1f {
            info @ 0..=23 => Some(u64::from(info)),
            info @ 24..=27 => {
                let mut wide = [0; 8];
                let n = 1 << (info - 24);
                wide[8 - n..].copy_from_slice(self.take(n)?);
                Some(u64::from_be_bytes(wide))
            }
            _ => None,
        };
        Ok((byte, argument))
    }

    /// Reads the major type and the argument of an item that ops may carry.
    fn head(&mut self) -> Result<(u8, u64), CborError> {
        let at = self.at;
        // A form that is never used is told as such even where its argument is cut off.
        if let Some(&byte) = self.bytes.get(at).filter(|byte| **byte >> 5 >= 6 && **byte != 0xf6) {
            return Err(CborError::Forbidden { at, byte });
        }
        let (byte, argument) = self.initial()?;
        let argument = argument.ok_or(CborError::Forbidden { at, byte })?;
        let least = match byte & 0x1f {
            24 => 24,
            25 => 0x100,
            26 => 0x1_0000,
            27 => 0x1_0000_0000,
            _ => 0,
        };
        if argument < least {
            return Err(CborError::NotShortest { at });
        }
        Ok((byte >> 5, argument))
    }

    fn item(&mut self, depth: usize) -> Result<Value, CborError> {
        let at = self.at;
        if depth >= MAX_DEPTH {
            return Err(CborError::TooDeep { at });
        }
        let (major, n) = self.head()?;
        let signed = || i64::try_from(n).map_err(|_| CborError::TooLarge { at });
        let length = || usize::try_from(n).map_err(|_| CborError::TooLarge { at });
        match major {
            0 => Ok(Value::Int(signed()?)),
            1 => Ok(Value::Int(!signed()?)),
            2 => Ok(Value::Bytes(self.take(length()?)?.to_vec())),
            3 => {
                let text = std::str::from_utf8(self.take(length()?)?).map_err(|_| CborError::NotUtf8 { at })?;
                Ok(Value::Text(text.to_owned()))
            }
            4 => (0..n).map(|_| self.item(depth + 1)).collect::<Result<_, _>>().map(Value::Array),
            5 => self.map(n, depth),
            _ => Ok(Value::Null),
        }
    }

    fn map(&mut self, n: u64, depth: usize) -> Result<Value, CborError> {
        let mut pairs = Vec::new();
        let mut last: &[u8] = &[];
        for i in 0..n {
            let from = self.at;
            let key = self.item(depth + 1)?;
            let encoded = &self.bytes[from..self.at];
            if i > 0 && last.cmp(encoded) != Ordering::Less {
                return Err(CborError::KeyOrder { at: from });
            }
            last = encoded;
            pairs.push((key, self.item(depth + 1)?));
        }
        Ok(Value::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_8949_examples_encode_as_published() {
        for (value, hex) in [
            (Value::Int(0), "00"),
            (Value::Int(23), "17"),
            (Value::Int(24), "1818"),
            (Value::Int(1000), "1903e8"),
            (Value::Int(1_000_000_000_000), "1b000000e8d4a51000"),
            (Value::Int(-1), "20"),
            (Value::Int(-100), "3863"),
            (Value::Int(i64::MIN), "3b7fffffffffffffff"),
            (Value::bytes([1, 2, 3, 4]), "4401020304"),
            (Value::text("IETF"), "6449455446"),
            (Value::text("水"), "63e6b0b4"),
            (Value::Array(vec![Value::Int(1), Value::Null]), "8201f6"),
            (Value::int_map([(3, Value::Int(4)), (1, Value::Int(2))]), "a201020304"),
        ] {
            assert_eq!(hex::encode(encode(&value)), hex);
            assert_eq!(decode(&hex::decode(hex).unwrap()).unwrap(), value);
        }
    }

    #[test]
    fn every_non_canonical_form_is_refused_with_its_place() {
        for (hex, error) in [
            ("1817", CborError::NotShortest { at: 0 }),
            ("82014301", CborError::Truncated { at: 4 }),
            ("9f01ff", CborError::Forbidden { at: 0, byte: 0x9f }),
            ("f5", CborError::Forbidden { at: 0, byte: 0xf5 }),
            ("fb3ff0000000000000", CborError::Forbidden { at: 0, byte: 0xfb }),
            ("c001", CborError::Forbidden { at: 0, byte: 0xc0 }),
            ("1bffffffffffffffff", CborError::TooLarge { at: 0 }),
            ("a203040102", CborError::KeyOrder { at: 3 }),
            ("a201020103", CborError::KeyOrder { at: 3 }),
            ("61ff", CborError::NotUtf8 { at: 0 }),
            ("0000", CborError::Trailing { extra: 1 }),
            ("9bffffffffffffff", CborError::Truncated { at: 8 }),
            ("5affffffff", CborError::Truncated { at: 5 }),
        ] {
            assert_eq!(decode(&hex::decode(hex).unwrap()).unwrap_err(), error, "{hex}");
        }
        assert_eq!(decode(&[0x81; 40]).unwrap_err(), CborError::TooDeep { at: MAX_DEPTH });
    }

    #[test]
    fn an_item_that_ops_never_use_still_has_a_length() {
        for (hex, length) in
            [("1817", 2), ("f5", 1), ("fb3ff000000000000000", 9), ("c101", 2), ("a2030401028100", 5), ("8261ff00", 4)]
        {
            assert_eq!(item_length(&hex::decode(hex).unwrap()), Ok(length), "{hex}");
        }
        assert_eq!(item_length(&[0x81; 40]), Err(CborError::Truncated { at: 40 }));
        assert_eq!(item_length(&hex::decode("bbffffffffffffffff00").unwrap()), Err(CborError::Truncated { at: 10 }));
        assert_eq!(item_length(&[0x9f, 0xff]), Err(CborError::Forbidden { at: 0, byte: 0x9f }));
        assert_eq!(item_length(&[]), Err(CborError::Truncated { at: 0 }));
    }
}
