//! Where a record is: the borders that it has, else its first place, else the track that it links.

use greenshield_domain::city::{FieldType, Kind};
use greenshield_domain::geo::{Position, contains};
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{BlobLink, Place};
use greenshield_domain::land::{self, Outline};
use greenshield_domain::merge::Merged;
use greenshield_domain::track::{self, Fix, Line, Segment};

use super::asked::Bbox;
use super::{LedgerError, MAX_TRACK_BYTES};
use crate::blobs::Blobs;
use crate::store::Store;

/// Where a record is.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// It does not say.
    Nowhere,
    /// At a place.
    At(Place),
    /// Along a track: its lines, between two of which nothing is known; none of them is empty.
    Along(Vec<Vec<Fix>>),
    /// Within borders: polygons as [`Outline::polygons`] gives them, at least one.
    Within(Vec<Vec<Vec<Position>>>),
}

impl Shape {
    /// Whether a part of it lies in a box.
    #[must_use]
    pub fn meets(&self, bbox: &Bbox) -> bool {
        match self {
            Self::Nowhere => false,
            Self::At(place) => bbox.has(Position::of(place)),
            Self::Along(lines) => lines.iter().any(|line| match line[..] {
                [only] => bbox.has(only.position()),
                _ => line.windows(2).any(|pair| bbox.meets(pair[0].position(), pair[1].position())),
            }),
            Self::Within(polygons) => {
                let mut rings = polygons.iter().flatten();
                let holds = |at| rings.clone().filter(|ring| contains(ring, at)).count() % 2 == 1;
                holds(bbox.corner()) || rings.any(|ring| ring.windows(2).any(|pair| bbox.meets(pair[0], pair[1])))
            }
        }
    }

    /// The lines of a track that have a length.
    #[must_use]
    pub fn lines(&self) -> Vec<&[Fix]> {
        match self {
            Self::Along(lines) => lines.iter().filter(|line| line.len() > 1).map(Vec::as_slice).collect(),
            Self::Nowhere | Self::At(_) | Self::Within(_) => Vec::new(),
        }
    }
}

/// The borders that a record has, else its first place.
pub(super) fn place(kind: &Kind, merged: &Merged) -> Shape {
    if kind.id == land::KIND {
        let borders = merged.value(land::field::OUTLINE).and_then(Outline::from_value);
        if let Some(polygons) = borders.map(|borders| borders.polygons()).filter(|polygons| !polygons.is_empty()) {
            return Shape::Within(polygons);
        }
    }
    let mut places = kind.fields.iter().filter(|field| field.ty == FieldType::Place);
    let place = places.find_map(|field| merged.value(field.id).and_then(Place::from_value));
    place.map_or(Shape::Nowhere, Shape::At)
}

/// The track that a record links. One of which nothing has arrived is nowhere.
pub(super) async fn track<S: Store>(
    store: &S,
    blobs: &Blobs,
    kind: &Kind,
    (record, merged): (RecordId, &Merged),
    track_bytes: &mut u64,
) -> Result<Shape, LedgerError> {
    let files = kind.fields.iter().filter(|field| field.ty == FieldType::Blob);
    let links =
        files.flat_map(|field| merged.elements(field.id)).filter_map(|found| BlobLink::from_value(&found.value));
    let line = line(store, blobs, record, links, track_bytes).await?;
    let lines: Vec<Vec<Fix>> = line.into_iter().map(|leg| leg.fixes).filter(|fixes| !fixes.is_empty()).collect();
    Ok(if lines.is_empty() { Shape::Nowhere } else { Shape::Along(lines) })
}

/// The line of the track files among what a record links, as far as they have arrived; `track_bytes` counts what was read.
pub(crate) async fn line<S: Store>(
    store: &S,
    blobs: &Blobs,
    record: RecordId,
    links: impl Iterator<Item = BlobLink>,
    track_bytes: &mut u64,
) -> Result<Line, LedgerError> {
    let mut segments = Vec::new();
    for link in links.filter(|link| link.mime == track::MIME) {
        let Some(row) = store.blob_of_record(record, link.blob).await? else { continue };
        *track_bytes += row.size_bytes;
        if *track_bytes > MAX_TRACK_BYTES {
            return Err(LedgerError::TooLarge);
        }
        // Whoever linked it said that it is a track; what does not read is none.
        segments.extend(Segment::decode(&blobs.read(&row.id, row.size_bytes).await?).ok());
    }
    segments.sort_by_key(|segment: &Segment| segment.span().0);
    Ok(track::measure(&segments).line)
}
