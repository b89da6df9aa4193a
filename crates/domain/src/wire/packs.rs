//! `GET /v1/packs`, in JSON: map packs that a phone can take along.

use serde::{Deserialize, Serialize};

use crate::city::Text;

/// A map pack: one PMTiles archive, cut into chunks that are checked one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackRow {
    /// SHA-256 of the archive, hex: the identity of these bytes.
    pub sha256: String,
    /// Stable word: a new version of the same map has the same.
    pub id: String,
    /// Name to show.
    pub name: Text,
    /// Who made the data and under which licence; shown with the map.
    pub attribution: String,
    /// Length of the archive.
    pub bytes: u64,
    /// Length of every chunk but the last.
    pub chunk_bytes: u64,
    /// SHA-256 of each chunk, hex, in their order.
    pub chunks: Vec<String>,
    /// West, south, east and north end, degrees × 1e7.
    pub bounds_e7: [i64; 4],
    /// Least and greatest zoom.
    pub zooms: [u8; 2],
}

impl PackRow {
    /// Where a chunk lies in the archive: from, up to (exclusive). `None` beyond the last.
    #[must_use]
    pub fn span(&self, index: usize) -> Option<(u64, u64)> {
        let from = (index as u64).checked_mul(self.chunk_bytes).filter(|from| *from < self.bytes)?;
        (index < self.chunks.len()).then(|| (from, (from + self.chunk_bytes).min(self.bytes)))
    }
}

/// The packs of a server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PacksResponse {
    /// All of them, by id.
    pub packs: Vec<PackRow>,
}

/// What the first 127 bytes of an archive tell (PMTiles version 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackHeader {
    /// West, south, east and north end, degrees × 1e7.
    pub bounds_e7: [i64; 4],
    /// Least and greatest zoom.
    pub zooms: [u8; 2],
}

impl PackHeader {
    /// Length of a header.
    pub const BYTES: usize = 127;

    /// Reads a header. `None`: this is no archive of version 3, or it lies off the earth.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let header = bytes.get(..Self::BYTES)?;
        let is_ours = header.starts_with(b"PMTiles") && header[7] == 3;
        let degrees = |at: usize| Some(i64::from(i32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?)));
        let bounds_e7 = [degrees(102)?, degrees(106)?, degrees(110)?, degrees(114)?];
        let [west, south, east, north] = bounds_e7;
        let on_earth = west < east
            && south < north
            && west.abs().max(east.abs()) <= 1_800_000_000
            && south.abs().max(north.abs()) <= 900_000_000;
        let zooms = [header[100], header[101]];
        (is_ours && on_earth && zooms[0] <= zooms[1] && zooms[1] <= 30).then_some(Self { bounds_e7, zooms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bytes: u64, chunk_bytes: u64) -> PackRow {
        let chunks = vec![String::new(); bytes.div_ceil(chunk_bytes) as usize];
        let name = Text { zh: String::new(), en: String::new() };
        let (sha256, id, attribution) = Default::default();
        PackRow { sha256, id, name, attribution, bytes, chunk_bytes, chunks, bounds_e7: [0; 4], zooms: [0; 2] }
    }

    #[test]
    fn chunks_lie_end_to_end_and_the_last_is_shorter() {
        let pack = row(10, 4);
        assert_eq!([0, 1, 2, 3].map(|at| pack.span(at)), [Some((0, 4)), Some((4, 8)), Some((8, 10)), None]);
        assert_eq!(row(8, 4).span(2), None);
    }

    #[test]
    fn a_header_reads_and_anything_else_is_none() {
        let mut header = vec![0; PackHeader::BYTES];
        header[..8].copy_from_slice(b"PMTiles\x03");
        header[101] = 10;
        for (at, degrees) in [(102, 965_000_000_i32), (106, 368_000_000), (110, 1_030_000_000), (114, 408_000_000)] {
            header[at..at + 4].copy_from_slice(&degrees.to_le_bytes());
        }
        let read = PackHeader::read(&header).unwrap();
        assert_eq!((read.zooms, read.bounds_e7[2]), ([0, 10], 1_030_000_000));
        assert_eq!(PackHeader::read(&header[..100]), None);
        header[102..106].copy_from_slice(&1_100_000_000_i32.to_le_bytes());
        assert_eq!(PackHeader::read(&header), None, "its west lies east of its east");
        header[0] = b'p';
        assert_eq!(PackHeader::read(&header), None);
    }
}
