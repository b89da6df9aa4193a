//! A position as people need it: three ways to write it, and the links that hand it to another map.
//!
//! Owns: the words and the addresses. Refuses: to open anything; a link is followed only when somebody taps it.

use greenshield_domain::geo::{self, Position, Way, Wind};

use super::words::{t, tr};

/// A place that somebody pointed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Where.
    pub at: Position,
    /// How exactly a finger can mean it on that map, in cm.
    pub accuracy_cm: i64,
}

/// A position as `latitude, longitude` in degrees, as radios and chats have it; a Chinese comma and a space do as well.
#[must_use]
pub fn read_position(text: &str) -> Option<Position> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '\u{ff0c}' | '\u{3001}');
    let numbers = text.split(is_between).filter(|word| !word.is_empty()).map(str::parse::<f64>);
    let [lat, lon] = numbers.collect::<Result<Vec<_>, _>>().ok()?.try_into().ok()?;
    let is_on_earth = f64::abs(lat) <= 90.0 && f64::abs(lon) <= 180.0;
    is_on_earth.then(|| super::map::position((lon, lat)))
}

/// Short: degrees with six digits.
#[must_use]
pub fn short_words(at: Position) -> String {
    geo::decimal(at)
}

/// A position for the place card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceCardView {
    /// Label and words of each way to write it; the first is what programs take.
    pub formats: Vec<(String, String)>,
    /// Name and address of each other map.
    pub links: Vec<(&'static str, String)>,
}

impl PlaceCardView {
    /// The card of a WGS-84 position.
    #[must_use]
    pub fn of(at: Position) -> Self {
        let mut formats =
            vec![(t("place.decimal").to_owned(), geo::decimal(at)), (t("place.dms").to_owned(), geo::dms(at))];
        if let Some(zone) = geo::zone_of(at) {
            let point = geo::gauss_kruger(at, zone);
            let (north, east) = (point.north().to_string(), point.east_with_zone().to_string());
            let label = tr("place.grid", &[("zone", &zone.to_string())]);
            formats.push((label, tr("place.grid_value", &[("north", &north), ("east", &east)])));
        }
        Self { formats, links: links(at) }
    }
}

/// Each service gets its own datum, so that its pin stands where the thing is.
fn links(at: Position) -> Vec<(&'static str, String)> {
    let name = percent(t("place.pin"));
    let pair = |e7: [i64; 2]| e7.map(geo::degrees).join(",");
    let (gcj, bd) = (geo::gcj02_of_wgs84(at), geo::bd09_of_wgs84(at));
    let amap = pair([gcj.lon_e7, gcj.lat_e7]);
    let baidu = pair([bd.lat_e7, bd.lon_e7]);
    let tencent = pair([gcj.lat_e7, gcj.lon_e7]);
    vec![
        (
            t("place.amap"),
            format!(
                "https://uri.amap.com/marker?position={amap}&name={name}&src=greenshield&coordinate=gaode&callnative=1"
            ),
        ),
        (
            t("place.baidu"),
            format!(
                "https://api.map.baidu.com/marker?location={baidu}&title={name}&content={name}&output=html&coord_type=bd09ll&src=greenshield"
            ),
        ),
        (
            t("place.tencent"),
            format!(
                "https://apis.map.qq.com/uri/v1/marker?marker=coord:{tencent};title:{name};addr:{name}&referer=greenshield"
            ),
        ),
    ]
}

/// A text as a part of an address.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// How far and where to: `1.2 km northeast`.
#[must_use]
pub fn way_words(way: Way) -> String {
    if way.metres < 10 {
        return t("place.here").to_owned();
    }
    let distance = metres_words(way.metres);
    tr("place.way", &[("distance", &distance), ("wind", wind_words(Wind::of_bearing(way.bearing)))])
}

/// A length: `800 m`, `1.2 km`.
#[must_use]
pub fn metres_words(metres: u64) -> String {
    match metres {
        metres @ ..1000 => tr("place.metres", &[("n", &metres.to_string())]),
        metres @ ..100_000 => {
            let tenths = (metres + 50) / 100;
            tr("place.kilometres", &[("n", &format!("{}.{}", tenths / 10, tenths % 10))])
        }
        metres => tr("place.kilometres", &[("n", &((metres + 500) / 1000).to_string())]),
    }
}

fn wind_words(wind: Wind) -> &'static str {
    match wind {
        Wind::North => t("place.wind_n"),
        Wind::NorthEast => t("place.wind_ne"),
        Wind::East => t("place.wind_e"),
        Wind::SouthEast => t("place.wind_se"),
        Wind::South => t("place.wind_s"),
        Wind::SouthWest => t("place.wind_sw"),
        Wind::West => t("place.wind_w"),
        Wind::NorthWest => t("place.wind_nw"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GANZHOU: Position = Position { lat_e7: 389_342_000, lon_e7: 1_004_517_000 };

    #[test]
    fn a_position_that_somebody_read_out_is_understood_and_nonsense_is_not() {
        let at = Position { lat_e7: 389_256_000, lon_e7: 1_004_498_000 };
        for text in ["38.9256, 100.4498", " 38.9256 100.4498 ", "38.9256\u{ff0c}100.4498"] {
            assert_eq!(read_position(text), Some(at), "{text}");
        }
        for text in ["", "38.9", "91, 100", "38.9, 181", "38.9, 100, 3", "a, b", "NaN, 1"] {
            assert_eq!(read_position(text), None, "{text}");
        }
        assert_eq!(read_position(&short_words(at)), Some(at));
    }

    #[test]
    fn a_card_has_three_ways_to_write_a_position_and_two_outside_of_the_grid() {
        let card = PlaceCardView::of(GANZHOU);
        let words: Vec<&str> = card.formats.iter().map(|(_, words)| words.as_str()).collect();
        assert_eq!(words[..2], ["38.934200, 100.451700", "38°56′03.1″N 100°27′06.1″E"]);
        assert!(words[2].contains("4312201") && words[2].contains("33625875"));
        assert_eq!(PlaceCardView::of(Position { lat_e7: 0, lon_e7: 0 }).formats.len(), 2);
    }

    #[test]
    fn other_maps_get_their_own_datum_and_order() {
        let links = PlaceCardView::of(GANZHOU).links;
        let gcj = geo::gcj02_of_wgs84(GANZHOU);
        assert!(links[0].1.contains(&format!("position={},{}&", geo::degrees(gcj.lon_e7), geo::degrees(gcj.lat_e7))));
        assert!(links[1].1.contains("coord_type=bd09ll"));
        assert!(links[2].1.contains(&format!("coord:{},{};", geo::degrees(gcj.lat_e7), geo::degrees(gcj.lon_e7))));
        assert!(links.iter().all(|(_, link)| link.is_ascii() && !link.contains("38.934200")));
    }

    #[test]
    fn a_way_is_told_in_metres_then_in_kilometres() {
        let way = |metres| way_words(Way { metres, bearing: 45 });
        assert_eq!(way(3), t("place.here"));
        assert!(way(640).contains("640") && way(640).contains(t("place.wind_ne")));
        assert!(way(1_249).contains("1.2") && way(99_960).contains("100.0") && way(123_600).contains("124"));
    }
}
