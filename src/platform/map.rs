//! The map that `public/map/map.js` draws.
//!
//! Owns: calling it and hearing its gestures. Refuses: to know what is drawn; layers come as GeoJSON in words. The scripts are
//! fetched when the first map is shown; where they or WebGL 2 are missing, the caller gets an exception and shows a list.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::Exception;
use super::packs::KeptPack;

/// The box that a map is drawn into.
pub type MapBox = web_sys::HtmlDivElement;

#[wasm_bindgen]
extern "C" {
    type Module;
    type Drawn;

    #[wasm_bindgen(catch, js_name = loadMap)]
    async fn load_map() -> Result<Module, JsValue>;
    #[wasm_bindgen(catch, method)]
    async fn show(this: &Module, element: &MapBox, options: &Object) -> Result<Drawn, JsValue>;

    #[wasm_bindgen(method, js_name = setRecords)]
    fn set_records(this: &Drawn, geojson: &str);
    #[wasm_bindgen(method, js_name = setTrack)]
    fn set_track(this: &Drawn, geojson: &str);
    #[wasm_bindgen(method, js_name = setAreas)]
    fn set_areas(this: &Drawn, geojson: &str);
    #[wasm_bindgen(method, js_name = setMe)]
    fn set_me(this: &Drawn, lon: f64, lat: f64, accuracy_metres: f64);
    #[wasm_bindgen(method, js_name = setWalkers)]
    fn set_walkers(this: &Drawn, geojson: &str);
    #[wasm_bindgen(method, js_name = setChosen)]
    fn set_chosen(this: &Drawn, geojson: &str);
    #[wasm_bindgen(method, js_name = goTo)]
    fn go_to(this: &Drawn, lon: f64, lat: f64, least_zoom: f64);
    #[wasm_bindgen(method)]
    fn fit(this: &Drawn, west: f64, south: f64, east: f64, north: f64, padding: f64);
    #[wasm_bindgen(method, js_name = zoomBy)]
    fn zoom_by(this: &Drawn, steps: f64);
    #[wasm_bindgen(method)]
    fn centre(this: &Drawn) -> Array;
    #[wasm_bindgen(method, getter)]
    fn attributions(this: &Drawn) -> Array;
    #[wasm_bindgen(method)]
    fn restyle(this: &Drawn);
    #[wasm_bindgen(method)]
    fn close(this: &Drawn);
}

/// A corner or centre in degrees.
pub type LonLat = (f64, f64);

/// How a map begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Its centre.
    pub at: LonLat,
    /// Its zoom, 3 to 18.
    pub zoom: f64,
    /// What screen readers call it.
    pub label: String,
}

/// What the map tells.
pub trait Gestures: 'static {
    /// A tap: the ids of the records that it hit, and where it was.
    fn tapped(&self, ids: Vec<String>, at: LonLat);
    /// A long press.
    fn held(&self, at: LonLat);
    /// So many records are in view.
    fn seen(&self, records: usize);
    /// It rests: south-west and north-east of what it shows.
    fn moved(&self, low: LonLat, high: LonLat);
    /// A pack does not read.
    fn lost(&self, pack: String, reason: String);
}

/// A map on the page; it goes away when it is dropped.
pub struct MapSheet {
    drawn: Drawn,
    _hear: Hear,
}

struct Hear {
    tap: Closure<dyn FnMut(Array, f64, f64)>,
    hold: Closure<dyn FnMut(f64, f64)>,
    seen: Closure<dyn FnMut(f64)>,
    moved: Closure<dyn FnMut(f64, f64, f64, f64)>,
    lost: Closure<dyn FnMut(String, String)>,
}

impl Hear {
    fn by(gestures: std::rc::Rc<impl Gestures>) -> Self {
        let [tap, hold, seen, moved, lost] = std::array::from_fn(|_| gestures.clone());
        Self {
            tap: Closure::new(move |ids: Array, lon, lat| {
                tap.tapped(ids.iter().filter_map(|id| id.as_string()).collect(), (lon, lat));
            }),
            hold: Closure::new(move |lon, lat| hold.held((lon, lat))),
            seen: Closure::new(move |records: f64| seen.seen(records as usize)),
            moved: Closure::new(move |west, south, east, north| moved.moved((west, south), (east, north))),
            lost: Closure::new(move |pack, reason| lost.lost(pack, reason)),
        }
    }

    fn object(&self) -> Result<Object, Exception> {
        let [tap, hold, moved] = [self.tap.as_ref(), self.hold.as_ref(), self.moved.as_ref()];
        let [seen, lost] = [self.seen.as_ref(), self.lost.as_ref()];
        object(&[("tap", tap), ("hold", hold), ("seen", seen), ("moved", moved), ("lost", lost)])
    }
}

impl MapSheet {
    /// Draws a map.
    ///
    /// # Errors
    /// When its files can not be had, or the browser can not draw it.
    pub async fn show(
        element: &MapBox,
        start: &Start,
        packs: &[KeptPack],
        gestures: impl Gestures,
    ) -> Result<Self, Exception> {
        let hear = Hear::by(std::rc::Rc::new(gestures));
        let packs = packs.iter().map(|pack| {
            let (id, cache) = (pack.row.id.as_str().into(), pack.cache().as_str().into());
            object(&[("id", &id), ("cache", &cache), ("chunkBytes", &(pack.row.chunk_bytes as f64).into())])
        });
        let packs = packs.collect::<Result<Array, _>>()?;
        let ((lon, lat), on) = (start.at, hear.object()?);
        let options = object(&[
            ("lon", &lon.into()),
            ("lat", &lat.into()),
            ("zoom", &start.zoom.into()),
            ("label", &start.label.as_str().into()),
            ("packs", &packs),
            ("on", &on),
        ])?;
        // Before the page is left behind by a broken boot there is no such function.
        let has_loader =
            Reflect::get(&js_sys::global(), &"loadMap".into()).is_ok_and(|f| f.is_instance_of::<Function>());
        if !has_loader {
            return Err(Exception::lacking("loadMap"));
        }
        let drawn = load_map().await?.show(element, &options).await?;
        Ok(Self { drawn, _hear: hear })
    }

    /// The records, GeoJSON points with `id`, `mark`, `order`.
    pub fn set_records(&self, geojson: &str) {
        self.drawn.set_records(geojson);
    }

    /// The track, GeoJSON lines; those with `gap` are dashed.
    pub fn set_track(&self, geojson: &str) {
        self.drawn.set_track(geojson);
    }

    /// Areas, GeoJSON polygons with `name`.
    pub fn set_areas(&self, geojson: &str) {
        self.drawn.set_areas(geojson);
    }

    /// The phone itself.
    pub fn set_me(&self, (lon, lat): LonLat, accuracy_metres: f64) {
        self.drawn.set_me(lon, lat, accuracy_metres);
    }

    /// People on their way, GeoJSON points with `metres`, how exact each is, and `name` where there are several; instead of the
    /// phone itself.
    pub fn set_walkers(&self, geojson: &str) {
        self.drawn.set_walkers(geojson);
    }

    /// A ring around each of these GeoJSON points.
    pub fn set_chosen(&self, geojson: &str) {
        self.drawn.set_chosen(geojson);
    }

    /// Moves there, at least so near.
    pub fn go_to(&self, (lon, lat): LonLat, least_zoom: f64) {
        self.drawn.go_to(lon, lat, least_zoom);
    }

    /// Shows the whole box between two corners, with so many pixels around it; without any, as near as it can be.
    pub fn fit(&self, (west, south): LonLat, (east, north): LonLat, padding: f64) {
        self.drawn.fit(west, south, east, north, padding);
    }

    /// Nearer (1) or further (-1).
    pub fn zoom_by(&self, steps: i32) {
        self.drawn.zoom_by(f64::from(steps));
    }

    /// The middle, and how many metres a pixel is there.
    #[must_use]
    pub fn centre(&self) -> (LonLat, f64) {
        let values = self.drawn.centre();
        let number = |at| values.get(at).as_f64().unwrap_or_default();
        ((number(0), number(1)), number(2))
    }

    /// Who made the data that is shown.
    #[must_use]
    pub fn attributions(&self) -> Vec<String> {
        self.drawn.attributions().iter().filter_map(|words| words.as_string()).collect()
    }

    /// Takes the colours of the theme anew.
    pub fn restyle(&self) {
        self.drawn.restyle();
    }
}

impl Drop for MapSheet {
    fn drop(&mut self) {
        self.drawn.close();
    }
}

impl std::fmt::Debug for MapSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MapSheet")
    }
}

fn object(fields: &[(&str, &JsValue)]) -> Result<Object, Exception> {
    let made = Object::new();
    for (name, value) in fields {
        Reflect::set(&made, &(*name).into(), value)?;
    }
    Ok(made)
}
