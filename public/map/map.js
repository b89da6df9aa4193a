// The map. Draws what it is given, from packs whose bytes it is given, and tells gestures.
// Owns: MapLibre, the style, the graticule. Refuses: positions of its own (the app has one watch), records, any request but for the
// base pack beside it. Nothing is drawn by colour alone: each kind of record has a shape.
import { Map as Canvas, ScaleControl, addProtocol, setWorkerUrl } from "./maplibre-gl.mjs";
import { PMTiles, Protocol } from "./pmtiles.mjs";
import { layersOf, overlays } from "./style.js";
import { graticule } from "./graticule.js";
import { drawMark } from "./marks.js";

const beside = (name) => new URL(name, import.meta.url).href;
const NOTHING = { type: "FeatureCollection", features: [] };
const MOST_ZOOM = 18, MOST_FIT_ZOOM = 15, TOUCH_PIXELS = 22;
// What a person can still hit; with more the labels of a slow phone take seconds.
const MOST_PIXEL_RATIO = 2;

setWorkerUrl(beside("./maplibre-gl-worker.mjs"));
const protocol = new Protocol();
addProtocol("pmtiles", protocol.tile);

/** A pack behind a function: what PMTiles calls a source. */
class Pack {
  constructor(id, read) { this.id = id; this.read = read; }
  getKey() { return this.id; }
  async getBytes(offset, length) { return { data: await this.read(offset, length) }; }
}

/** A pack that the app keeps as chunks in a cache of its own. */
function keptPack({ id, cache, chunkBytes }) {
  const chunk = async (index) => {
    const kept = await (await caches.open(cache)).match(`/${index}`);
    if (!kept) throw new Error(`chunk ${index} is not on this phone`);
    return kept.blob();
  };
  return new Pack(id, async (offset, length) => {
    const first = Math.floor(offset / chunkBytes), last = Math.floor((offset + length - 1) / chunkBytes);
    const parts = await Promise.all(Array.from({ length: last - first + 1 }, (_, at) => chunk(first + at)));
    return new Blob(parts).slice(offset - first * chunkBytes, offset - first * chunkBytes + length).arrayBuffer();
  });
}

async function basePack() {
  const reply = await fetch(beside("./base.pmtiles"));
  if (!reply.ok) throw new Error(`base.pmtiles: ${reply.status}`);
  const bytes = await reply.arrayBuffer();
  return new Pack("base", async (offset, length) => bytes.slice(offset, offset + length));
}

/** What a pack holds: how its tiles are drawn depends on it. Throws when it is not a pack. */
async function open(pack) {
  const archive = new PMTiles(pack);
  const [header, about] = [await archive.getHeader(), await archive.getMetadata()];
  protocol.add(archive);
  return {
    id: pack.id, tileType: header.tileType, minzoom: header.minZoom, maxzoom: header.maxZoom,
    bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat],
    encoding: about.encoding, attribution: about.attribution ?? "",
    layers: (about.vector_layers ?? []).map((layer) => layer.id),
  };
}

function sourceOf(pack) {
  const tiles = { tiles: [`pmtiles://${pack.id}/{z}/{x}/{y}`], minzoom: pack.minzoom, maxzoom: pack.maxzoom, bounds: pack.bounds };
  if (pack.tileType === 1) return { type: "vector", ...tiles };
  return pack.encoding ? { type: "raster-dem", encoding: pack.encoding, tileSize: 256, ...tiles } : { type: "raster", tileSize: 256, ...tiles };
}

/** The tokens of the theme that is shown now. */
function tokens() {
  const values = getComputedStyle(document.documentElement);
  return (name) => values.getPropertyValue(`--${name}`).trim();
}

function circle(lon, lat, metres) {
  const wide = metres / (111_320 * Math.cos((lat * Math.PI) / 180)), high = metres / 110_574;
  const ring = Array.from({ length: 49 }, (_, at) => [lon + wide * Math.cos((at * Math.PI) / 24), lat + high * Math.sin((at * Math.PI) / 24)]);
  return { type: "Polygon", coordinates: [ring] };
}

/**
 * Draws into `element`. `options`: lon, lat, zoom; label (for screen readers); packs [{id, cache, chunkBytes}];
 * on.tap(ids, lon, lat), on.hold(lon, lat), on.seen(records), on.moved(west, south, east, north), on.lost(pack id, text). Rejects where
 * WebGL 2 is missing.
 */
export async function show(element, options) {
  const packs = [];
  for (const pack of [await basePack(), ...options.packs.map(keptPack)]) {
    try {
      packs.push(await open(pack));
    } catch (error) {
      if (pack.id === "base") throw error;
      options.on.lost(pack.id, String(error));
    }
  }
  const bottomUp = [...packs].sort((a, b) => Number(a.tileType === 1) - Number(b.tileType === 1)); // pictures and terrain below lines and names
  const data = { areas: NOTHING, records: NOTHING, track: NOTHING, me: NOTHING, chosen: NOTHING, graticule: NOTHING };

  const style = () => {
    const token = tokens();
    const sources = Object.fromEntries(packs.map((pack) => [pack.id, sourceOf(pack)]));
    for (const [name, shown] of Object.entries(data)) sources[name] = { type: "geojson", data: shown };
    Object.assign(sources.records, { cluster: true, clusterMaxZoom: 11, clusterRadius: 44 });
    const ground = { id: "ground", type: "background", paint: { "background-color": token("map-land") } };
    return { version: 8, sources, layers: [ground, ...bottomUp.flatMap((pack) => layersOf(pack, token)), ...overlays(token)] };
  };

  const map = new Canvas({
    container: element, style: style(), center: [options.lon, options.lat], zoom: options.zoom, minZoom: 3, maxZoom: MOST_ZOOM,
    pixelRatio: Math.min(devicePixelRatio, MOST_PIXEL_RATIO), maxPitch: 0, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    fadeDuration: 0, maxTileCacheSize: 64, attributionControl: false, locale: { "Map.Title": options.label },
    localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
  });
  let isClosed = false;
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
  map.setMissingStyleImageResolver((id) => {
    const ratio = 2;
    if (!map.hasImage(id)) map.addImage(id, drawMark(id, tokens(), ratio), { pixelRatio: ratio });
  });

  const put = (name, shown) => {
    data[name] = shown;
    map.getSource(name)?.setData(shown);
  };
  const lines = () => {
    const box = map.getBounds(), edges = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    put("graticule", graticule(edges));
    options.on.moved(...edges);
  };
  map.on("moveend", lines);
  map.on("load", () => {
    for (const [name, shown] of Object.entries(data)) put(name, shown); // what came before the style
    lines();
  });
  map.on("error", (event) => console.warn("map:", event.error?.message ?? event));
  map.on("idle", () => {
    const seen = map.queryRenderedFeatures({ layers: ["record", "cluster"] }).map((feature) => feature.properties);
    const records = new Set(seen.filter((one) => !one.cluster).map((one) => one.id));
    const clusters = new Map(seen.filter((one) => one.cluster).map((one) => [one.cluster_id, one.point_count]));
    element.dataset.ready = "true";
    options.on.seen(records.size + [...clusters.values()].reduce((sum, count) => sum + count, 0));
  });
  map.on("click", async (event) => {
    const { x, y } = event.point, reach = TOUCH_PIXELS;
    const hit = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers: ["record", "cluster"] });
    const cluster = hit.find((feature) => feature.properties.cluster);
    if (cluster && !hit.some((feature) => !feature.properties.cluster)) {
      const zoom = await map.getSource("records").getClusterExpansionZoom(cluster.properties.cluster_id);
      map.easeTo({ center: cluster.geometry.coordinates, zoom });
      return;
    }
    const ids = [...new Set(hit.filter((feature) => !feature.properties.cluster).map((feature) => feature.properties.id))];
    options.on.tap(ids, event.lngLat.lng, event.lngLat.lat);
  });
  map.on("contextmenu", (event) => options.on.hold(event.lngLat.lng, event.lngLat.lat));

  return {
    attributions: packs.map((pack) => pack.attribution).filter(Boolean),
    setRecords: (text) => put("records", JSON.parse(text)),
    setAreas: (text) => put("areas", JSON.parse(text)),
    setTrack: (text) => put("track", JSON.parse(text)),
    setChosen: (text) => put("chosen", JSON.parse(text)),
    setMe(lon, lat, accuracyMetres) {
      const at = (geometry) => ({ type: "Feature", properties: {}, geometry });
      put("me", { ...NOTHING, features: [at(circle(lon, lat, accuracyMetres)), at({ type: "Point", coordinates: [lon, lat] })] });
    },
    setWalkers(text) {
      const around = (one) => ({ ...one, geometry: circle(...one.geometry.coordinates, one.properties.metres) });
      put("me", { ...NOTHING, features: JSON.parse(text).features.flatMap((one) => [around(one), one]) });
    },
    goTo(lon, lat, leastZoom) {
      // What opens beside the map has taken its room by the next frame; the way leads to the middle of what is left.
      requestAnimationFrame(() => {
        if (isClosed) return;
        map.resize();
        map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), leastZoom) });
      });
    },
    fit: (west, south, east, north, padding) => map.fitBounds([[west, south], [east, north]], { padding, maxZoom: padding ? MOST_FIT_ZOOM : MOST_ZOOM, animate: false }),
    zoomBy: (steps) => map.easeTo({ zoom: map.getZoom() + steps }),
    centre() {
      const { lng, lat } = map.getCenter();
      // 512-pixel tiles: the width of a pixel at this latitude.
      return [lng, lat, (40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom())];
    },
    restyle: () => map.setStyle(style(), { diff: false }),
    close() {
      isClosed = true;
      map.remove();
    },
  };
}


