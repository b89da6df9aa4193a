//! Reading GPX files of other devices with the XML parser of the browser.

use greenshield_client::ports::FileSource as _;
use greenshield_domain::track::Fix;
use web_sys::{Document, DomParser, Element, SupportedType};

use super::Exception;
use super::photo::PickedFile;

/// A larger file is no track of one patrol.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// GPX does not say how exact a point is.
const ASSUMED_ACCURACY_CM: i64 = 1_000;

/// A point that has no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTime;

/// The stretches of a GPX file, each without a hole; a file without any point gives none.
///
/// # Errors
/// When it can not be read or is no GPX.
pub async fn read_gpx(file: &PickedFile) -> Result<Result<Vec<Vec<Fix>>, NoTime>, Exception> {
    if file.size_bytes() > MOST_BYTES {
        return Err(Exception::named("NotReadableError", "too large"));
    }
    let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
    let bytes = file.read(0, most).await.map_err(|_| Exception::named("NotReadableError", "file"))?;
    let text = String::from_utf8_lossy(&bytes);
    let document = DomParser::new()?.parse_from_string(&text, SupportedType::ApplicationXml)?;
    if document.document_element().is_none_or(|root| root.local_name() != "gpx") {
        return Err(Exception::named("DataError", "gpx"));
    }
    Ok(stretches(&document))
}

fn stretches(document: &Document) -> Result<Vec<Vec<Fix>>, NoTime> {
    let segments = document.get_elements_by_tag_name("trkseg");
    let mut stretches = Vec::new();
    for index in 0..segments.length() {
        let Some(segment) = segments.item(index) else { continue };
        let points = segment.get_elements_by_tag_name("trkpt");
        let points = (0..points.length()).filter_map(|index| points.item(index));
        let fixes = points.filter_map(|point| fix_of(&point)).collect::<Result<Vec<Fix>, NoTime>>()?;
        if !fixes.is_empty() {
            stretches.push(fixes);
        }
    }
    Ok(stretches)
}

/// A point; `None` when it lies nowhere.
fn fix_of(point: &Element) -> Option<Result<Fix, NoTime>> {
    let degrees = |name: &str, most: f64| {
        let degrees: f64 = point.get_attribute(name)?.trim().parse().ok()?;
        (degrees.abs() <= most).then_some((degrees * 1e7).round() as i64)
    };
    let (lat_e7, lon_e7) = (degrees("lat", 90.0)?, degrees("lon", 180.0)?);
    let text = |name: &str| point.get_elements_by_tag_name(name).item(0).and_then(|element| element.text_content());
    let millis = text("time").map(|time| js_sys::Date::parse(time.trim())).filter(|millis| millis.is_finite());
    let Some(millis) = millis else { return Some(Err(NoTime)) };
    let height = text("ele").and_then(|metres| metres.trim().parse::<f64>().ok()).filter(|metres| metres.abs() < 1e5);
    Some(Ok(Fix {
        at_millis: millis as i64,
        lat_e7,
        lon_e7,
        accuracy_cm: ASSUMED_ACCURACY_CM,
        altitude_cm: height.map(|metres| (metres * 100.0).round() as i64),
    }))
}
