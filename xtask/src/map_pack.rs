//! `cargo xtask map-pack`: the base pack of the demo city, made from packages alone.
//!
//! Rivers and lakes: GSHHG and WDBII (LGPL-3+). Outline of the province: DCW (LGPL-3+), indicative. Places: GeoNames (CC BY 4.0).
//! Names of seats and ranges: `xtask/map/`, ours. The same packages give the same bytes, so a change shows in the review.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::process::{At, Failure, Outcome, Program, step};
use crate::setup::{self, Need};
use crate::toolchain::Places;

/// The pack, in the repository.
const PACK: &str = "public/map/base.pmtiles";
/// Told to everybody who looks at the map.
const ATTRIBUTION: &str = "GSHHG · DCW-GMT · © GeoNames (CC BY 4.0)";
/// Beyond these zooms a layer begins to be drawn.
const TOWNSHIPS_FROM: u8 = 8;
const VILLAGES_FROM: u8 = 9;
/// Endings of Chinese names by the standing of a place, the higher first.
const STANDINGS: [&[&str]; 2] = [&["县", "市", "区", "旗"], &["镇", "乡", "苏木", "街道"]];

type Point = [f64; 2];

/// What `xtask/map/<city>.json` says.
#[derive(Debug, Deserialize)]
struct Region {
    /// West, south, east, north, degrees.
    bbox: [f64; 4],
    /// Province in the naming of DCW.
    province: String,
    /// Names of lakes by a point inside.
    lakes: Vec<Label>,
    /// GeoNames numbers that double another place.
    leave_out: Vec<u64>,
    /// Seats of prefectures and counties by GeoNames number.
    seats: std::collections::BTreeMap<u64, Seat>,
    /// Names of ranges and deserts.
    labels: Vec<Label>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    name: String,
    code: String,
    cls: String,
}

#[derive(Debug, Deserialize)]
struct Label {
    name: String,
    name_en: String,
    #[serde(default)]
    cls: String,
    at: Point,
}

#[derive(Debug, Deserialize)]
struct Town {
    id: u64,
    at: Point,
    name: String,
    chinese: Vec<String>,
}

/// Makes the pack anew.
pub(crate) fn run(places: &Places) -> Outcome<()> {
    setup::ensure(places, &[Need::MapPack])?;
    let path = places.root.join("xtask/map/zhangye.json");
    let text = fs::read_to_string(&path).at(&path)?;
    let region: Region =
        serde_json::from_str(&text).map_err(|error| Failure::Content { path, problem: error.to_string() })?;
    let folder = places.target.join("map-pack");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).at(&folder)?;
    step("reading rivers, lakes, the province and places", || write_layers(places, &region, &folder))?;
    step("cutting tiles", || cut(places, &folder))?;
    let (made, pack) = (folder.join("base.pmtiles"), places.root.join(PACK));
    fs::copy(&made, &pack).at(&pack)?;
    let bytes = fs::metadata(&pack).at(&pack)?.len();
    eprintln!("✓ {PACK}: {:.0} KB", bytes as f64 / 1e3);
    Ok(())
}

fn write_layers(places: &Places, region: &Region, folder: &Path) -> Outcome<()> {
    let [west, south, east, north] = region.bbox;
    let frame = format!("-R{west}/{east}/{south}/{north}");
    let gmt = |args: &[&str]| Program::new("gmt", "gmt").args(args).output();
    let rivers = segments(&gmt(&["coast", &frame, "-Ia", "-Df", "-M"])?);
    let shores = segments(&gmt(&["coast", &frame, "-W", "-A0/2/4", "-Df", "-M"])?);
    let outline = segments(&gmt(&["coast", &format!("-E{}", region.province), "-M"])?);
    let towns = Program::new("places", setup::map_tool(places, "python"))
        .args([places.root.join("xtask/map/places.py")])
        .args(region.bbox.map(|degrees| degrees.to_string()))
        .output()?;
    let put = |name: &str, features: Vec<Value>| write_layer(folder, name, features);
    put("waterway", rivers.into_iter().map(|line| feature(json!({}), lines(&line), None)).collect())?;
    put("water", rings(shores).into_iter().map(|ring| lake(region, &ring)).collect())?;
    let inside = outline.iter().flat_map(|line| pieces_inside(line, region.bbox));
    put("boundary", inside.map(|line| feature(json!({ "indicative": 1 }), lines(&line), None)).collect())?;
    put("region", region.labels.iter().map(|label| feature(named(label), point(label.at), None)).collect())?;
    let towns = towns.lines().map(serde_json::from_str::<Town>).collect::<Result<Vec<_>, _>>();
    let towns = towns.map_err(|error| Failure::Content { path: "places.py".into(), problem: error.to_string() })?;
    put("place", towns.iter().filter(|town| !region.leave_out.contains(&town.id)).map(|t| place(region, t)).collect())
}

fn cut(places: &Places, folder: &Path) -> Outcome<()> {
    let layers = ["waterway", "water", "boundary", "region", "place"].map(|name| format!("-L{name}:{name}.geojson"));
    // Relative names: the command stands in the pack, and it must be the same on every machine.
    Program::new("tippecanoe", setup::map_tool(places, "tippecanoe"))
        .args(["-q", "-f", "-z10", "-r1", "-o", "base.pmtiles", "-n", "Zhangye", "-A", ATTRIBUTION])
        .args(layers)
        .dir(folder)
        .run_quietly()
}

/// The lines of GMT's multi-segment text.
fn segments(text: &str) -> Vec<Vec<Point>> {
    let mut found: Vec<Vec<Point>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with('>') {
            found.push(Vec::new());
            continue;
        }
        let mut numbers = line.split_whitespace().map_while(|word| word.parse::<f64>().ok());
        if let (Some(lon), Some(lat), Some(last)) = (numbers.next(), numbers.next(), found.last_mut()) {
            last.push([rounded(lon), rounded(lat)]);
        }
    }
    found.retain(|line| line.len() > 1);
    found
}

/// Five digits are a metre: more than the sources know.
fn rounded(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// Joins lines that meet at their ends; each chain becomes a ring. What the frame cut is closed along the frame.
fn rings(mut open: Vec<Vec<Point>>) -> Vec<Vec<Point>> {
    let mut closed = Vec::new();
    while let Some(mut ring) = open.pop() {
        loop {
            let (first, last) = (ring[0], ring[ring.len() - 1]);
            if first == last {
                break;
            }
            let meets = |line: &Vec<Point>| line[0] == last || line[line.len() - 1] == first;
            let Some(at) = open.iter().position(meets) else { break };
            let line = open.swap_remove(at);
            if line[0] == last {
                ring.extend(line.into_iter().skip(1));
            } else {
                ring.splice(0..1, line);
            }
        }
        if ring[0] != ring[ring.len() - 1] {
            ring.push(ring[0]);
        }
        closed.push(ring);
    }
    closed
}

/// The runs of a line inside a box.
fn pieces_inside(line: &[Point], [west, south, east, north]: [f64; 4]) -> Vec<Vec<Point>> {
    let is_inside = |[lon, lat]: &Point| (west..=east).contains(lon) && (south..=north).contains(lat);
    line.split(|point| !is_inside(point)).filter(|run| run.len() > 1).map(<[Point]>::to_vec).collect()
}

/// Whether a point lies in a ring (the ray to the east crosses it an odd number of times).
fn contains(ring: &[Point], [lon, lat]: Point) -> bool {
    let crosses = |pair: &&[Point]| {
        let ([x1, y1], [x2, y2]) = (pair[0], pair[1]);
        (y1 > lat) != (y2 > lat) && lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1
    };
    ring.windows(2).filter(crosses).count() % 2 == 1
}

fn lake(region: &Region, ring: &[Point]) -> Value {
    let name = region.lakes.iter().find(|lake| contains(ring, lake.at)).map_or_else(|| json!({}), named);
    feature(name, json!({ "type": "Polygon", "coordinates": [ring] }), None)
}

fn named(label: &Label) -> Value {
    json!({ "name": label.name, "name_en": label.name_en, "cls": label.cls })
}

/// A town with its Chinese name. A seat is known by its number, the others by the ending of their name.
fn place(region: &Region, town: &Town) -> Value {
    if let Some(seat) = region.seats.get(&town.id) {
        let rank = if seat.cls == "prefecture" { 1 } else { 2 };
        let about =
            json!({ "name": seat.name, "name_en": town.name, "cls": seat.cls, "adcode": seat.code, "rank": rank });
        return feature(about, point(town.at), None);
    }
    let ends = |name: &&String, endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let of_standing = STANDINGS.iter().find_map(|endings| town.chinese.iter().find(|name| ends(name, endings)));
    let shortest = town.chinese.iter().min_by_key(|name| (name.chars().count(), (*name).clone()));
    let name = of_standing.or(shortest).unwrap_or(&town.name);
    let (cls, rank, from) =
        if of_standing.is_some() { ("township", 4, TOWNSHIPS_FROM) } else { ("village", 5, VILLAGES_FROM) };
    feature(json!({ "name": name, "name_en": town.name, "cls": cls, "rank": rank }), point(town.at), Some(from))
}

fn point(at: Point) -> Value {
    json!({ "type": "Point", "coordinates": at.map(rounded) })
}

fn lines(line: &[Point]) -> Value {
    json!({ "type": "LineString", "coordinates": line })
}

fn feature(properties: Value, geometry: Value, from_zoom: Option<u8>) -> Value {
    let mut made = Map::new();
    made.insert("type".into(), "Feature".into());
    made.insert("properties".into(), properties);
    made.insert("geometry".into(), geometry);
    if let Some(zoom) = from_zoom {
        made.insert("tippecanoe".into(), json!({ "minzoom": zoom }));
    }
    made.into()
}

fn write_layer(folder: &Path, name: &str, features: Vec<Value>) -> Outcome<()> {
    let path: PathBuf = folder.join(format!("{name}.geojson"));
    fs::write(&path, json!({ "type": "FeatureCollection", "features": features }).to_string()).at(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_meet_become_a_ring_and_what_the_frame_cut_is_closed() {
        let whole =
            rings(vec![vec![[0.0, 0.0], [1.0, 0.0]], vec![[1.0, 1.0], [0.0, 0.0]], vec![[1.0, 0.0], [1.0, 1.0]]]);
        assert_eq!(whole.len(), 1);
        assert_eq!((whole[0].len(), whole[0][0]), (4, whole[0][3]));
        let cut = rings(vec![vec![[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]]]);
        assert_eq!(cut, [vec![[0.0, 0.0], [1.0, 1.0], [2.0, 0.0], [0.0, 0.0]]]);
        assert!(contains(&cut[0], [1.0, 0.5]) && !contains(&cut[0], [1.0, 2.0]));
    }

    #[test]
    fn segments_are_read_and_cut_by_the_box() {
        let text = "# c\n> River\n1.0000001\t2\n3\t4\n> one point\n5 6\n";
        assert_eq!(segments(text), [vec![[1.0, 2.0], [3.0, 4.0]]]);
        let line = [[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [1.0, 1.0], [1.0, 2.0]];
        assert_eq!(
            pieces_inside(&line, [0.0, 0.0, 2.0, 2.0]),
            [vec![[0.0, 0.0], [1.0, 0.0]], vec![[1.0, 1.0], [1.0, 2.0]]]
        );
    }

    #[test]
    fn the_committed_pack_is_a_pack_of_the_city_and_small_enough_for_the_phone() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let pack = fs::read(root.join(PACK)).unwrap();
        assert_eq!(&pack[..8], b"PMTiles\x03");
        assert!(pack.len() < 300_000, "{} bytes", pack.len());
        let degree = |at: usize| f64::from(i32::from_le_bytes(pack[at..at + 4].try_into().unwrap())) / 1e7;
        let (west, south, east, north) = (degree(102), degree(106), degree(110), degree(114));
        assert!(west < 97.5 && south < 38.0 && east > 102.0 && north > 39.9, "{west} {south} {east} {north}");
    }
}
