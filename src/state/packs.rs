//! Map packs as the page shows them.

use greenshield_domain::wire::PackRow;

use super::lamp::{Lamp, Tone};
use super::words::{self, t, tr};

/// A pack needs so much more room than it has bytes, in tenths: the browser keeps books too.
const ROOM_TENTHS: u64 = 13;

/// How far a pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackStage {
    /// Nothing of it is here.
    Absent,
    /// A part of it is here, in percent.
    Part(u64),
    /// It is here.
    Ready,
    /// It is here, and the server has a newer one.
    Old,
}

/// A line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackView {
    /// The pack.
    pub row: PackRow,
    /// How many of its chunks are here.
    pub held: usize,
    /// Whether the server has a newer version.
    pub is_old: bool,
    /// Whether an older version is on this phone.
    pub replaces: bool,
}

impl PackView {
    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> PackStage {
        let all = self.row.chunks.len();
        match self.held {
            0 => PackStage::Absent,
            held if held < all => PackStage::Part(held as u64 * 100 / all as u64),
            _ if self.is_old => PackStage::Old,
            _ => PackStage::Ready,
        }
    }

    /// One more chunk is here.
    pub fn count_one(&mut self) {
        self.held += 1;
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        words::of(&self.row.name)
    }

    /// Its size in MB, one digit.
    #[must_use]
    pub fn size(&self) -> String {
        let tenths = (self.row.bytes * 10).div_ceil(1 << 20);
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }

    /// How far it is, in words.
    #[must_use]
    pub fn lamp(&self) -> Lamp {
        let lamp = |tone, icon, words: String| Lamp { tone, icon, words };
        match self.stage() {
            PackStage::Absent if self.replaces => lamp(Tone::Warn, "download", t("packs.newer").to_owned()),
            PackStage::Absent => lamp(Tone::Plain, "download", t("packs.absent").to_owned()),
            PackStage::Part(percent) => lamp(Tone::Warn, "download", tr("packs.part", &[("n", &percent.to_string())])),
            PackStage::Ready => lamp(Tone::Sent, "circle-check", t("packs.ready").to_owned()),
            PackStage::Old => lamp(Tone::Plain, "history", t("packs.old").to_owned()),
        }
    }
}

/// The packs of the server with what is here of each, and what is here that the server has no more.
#[must_use]
pub fn views(rows: Vec<PackRow>, kept: Vec<(PackRow, usize)>) -> Vec<PackView> {
    let held = |row: &PackRow| kept.iter().find(|(own, _)| own.sha256 == row.sha256).map_or(0, |(_, held)| *held);
    let has_other = |row: &PackRow| kept.iter().any(|(own, _)| own.id == row.id && own.sha256 != row.sha256);
    let of_server =
        rows.iter().map(|row| PackView { row: row.clone(), held: held(row), is_old: false, replaces: has_other(row) });
    let only_here = kept.iter().filter(|(own, _)| rows.iter().all(|row| row.sha256 != own.sha256));
    let only_here = only_here.map(|(own, held)| PackView {
        row: own.clone(),
        held: *held,
        is_old: rows.iter().any(|row| row.id == own.id),
        replaces: false,
    });
    of_server.chain(only_here).collect()
}

/// Whether there is room for a pack.
#[must_use]
pub fn fits(row: &PackRow, free_bytes: u64) -> bool {
    row.bytes.saturating_mul(ROOM_TENTHS) / 10 <= free_bytes
}

#[cfg(test)]
mod tests {
    use greenshield_domain::city::Text;

    use super::*;

    fn row(id: &str, sha256: &str) -> PackRow {
        PackRow {
            sha256: sha256.to_owned(),
            id: id.to_owned(),
            name: Text { zh: id.to_owned(), en: id.to_owned() },
            attribution: String::new(),
            bytes: 10 << 20,
            chunk_bytes: 5 << 20,
            chunks: vec![String::new(); 2],
            bounds_e7: [0; 4],
            zooms: [0, 10],
        }
    }

    #[test]
    fn a_pack_is_absent_in_part_or_whole() {
        let stages = |held| views(vec![row("a", "1")], vec![(row("a", "1"), held)])[0].stage();
        assert_eq!([0, 1, 2].map(stages), [PackStage::Absent, PackStage::Part(50), PackStage::Ready]);
    }

    #[test]
    fn an_old_version_stays_in_use_beside_the_new_one_until_that_is_whole() {
        let shown = views(vec![row("a", "2")], vec![(row("a", "1"), 2)]);
        assert_eq!(shown.iter().map(PackView::stage).collect::<Vec<_>>(), [PackStage::Absent, PackStage::Old]);
        assert!(shown[0].replaces);
        let alone = views(Vec::new(), vec![(row("a", "1"), 2)]);
        assert_eq!(alone[0].stage(), PackStage::Ready, "without a list of the server nothing is called old");
    }

    #[test]
    fn a_pack_wants_a_third_more_room_than_it_has_bytes() {
        assert!(fits(&row("a", "1"), 13 << 20) && !fits(&row("a", "1"), 12 << 20));
        assert_eq!(views(vec![row("a", "1")], Vec::new())[0].size(), "10.0 MB");
    }
}
