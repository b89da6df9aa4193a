// What the map looks like. Colours are tokens of the theme; labels are drawn by the phone's own font, so no style names glyphs.
// Packs of our own make and packs in the schema of OpenMapTiles are drawn alike: `cls` or `class`, `name:zh` before `name`.

const kind = ["coalesce", ["get", "cls"], ["get", "class"], ""];
const name = ["coalesce", ["get", "name:zh"], ["get", "name"], ""];
const grows = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];
const FONT = ["sans"]; // any name: nothing is fetched

const label = (token, size, ink = "map-ink") => ({
  layout: { "text-field": name, "text-font": FONT, "text-size": size },
  paint: { "text-color": token(ink), "text-halo-color": token("map-halo"), "text-halo-width": 1.6 },
});
const fill = (token, color) => ({ type: "fill", paint: { "fill-color": token(color) } });
const line = (token, color, width, more = {}) => ({ type: "line", layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": token(color), "line-width": width, ...more } });

/** The layers of a vector pack, bottom first: [layer of the pack, how it is drawn]. */
const VECTOR = [
  ["landcover", (t) => ({ ...fill(t, "map-green"), filter: ["in", kind, ["literal", ["wood", "grass", "forest", "wetland"]]] })],
  ["glacier", (t) => fill(t, "map-ice")],
  ["water", (t) => fill(t, "map-water")],
  ["waterway", (t) => line(t, "map-river", grows(5, 0.6, 10, 2, 15, 4))],
  ["boundary", (t) => line(t, "map-border", 1.4, { "line-dasharray": [4, 2, 1, 2] })],
  ["contour", (t) => line(t, "map-contour", ["case", ["==", ["%", ["get", "ele"], 100], 0], 1, 0.5])],
  ["area", (t) => line(t, "map-border", 2)],
  ["road", (t) => line(t, "map-road", grows(5, 0.6, 10, 1.6, 15, 4))],
  ["transportation", (t) => line(t, "map-road", grows(5, 0.6, 10, 1.6, 15, 4))],
  ["water", (t) => ({ type: "symbol", ...label(t, 13, "map-river") })],
  ["transportation_name", (t) => placedOn("line", label(t, 12))],
  ["road_name", (t) => placedOn("line", label(t, 12))],
  ["region", (t) => spaced(label(t, 16))],
  ["peak", (t) => ({ type: "symbol", ...peak(t) })],
  ["mountain_peak", (t) => ({ type: "symbol", ...peak(t) })],
  ["place", (t) => town(t)],
  ["place", (t) => townName(t)],
];

function placedOn(placement, drawn) {
  drawn.layout["symbol-placement"] = placement;
  return { type: "symbol", ...drawn };
}

function spaced(drawn) {
  drawn.layout["text-letter-spacing"] = 0.3;
  return { type: "symbol", ...drawn };
}

function peak(token) {
  const drawn = label(token, 13);
  drawn.layout["text-field"] = ["concat", "▲ ", name, " ", ["to-string", ["coalesce", ["get", "ele"], ""]]];
  return drawn;
}

const rank = (big, middle, small) => ["match", kind, ["prefecture", "city"], big, ["county", "town"], middle, small];

function town(token) {
  const paint = { "circle-radius": rank(4.5, 3.5, 2.2), "circle-color": token("map-ink"), "circle-stroke-color": token("map-halo"), "circle-stroke-width": 1.2 };
  return { type: "circle", paint };
}

function townName(token) {
  const drawn = label(token, rank(17, 15, 13));
  Object.assign(drawn.layout, { "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.6, "symbol-sort-key": ["coalesce", ["get", "rank"], 9] });
  return { type: "symbol", ...drawn };
}

/** The layers of one pack. Terrain is shaded, pictures are shown as they are. */
export function layersOf(pack, token) {
  if (pack.tileType !== 1) {
    const shade = { "hillshade-exaggeration": 0.45, "hillshade-shadow-color": token("map-contour"), "hillshade-highlight-color": token("map-halo") };
    return [pack.encoding ? { id: pack.id, source: pack.id, type: "hillshade", paint: shade } : { id: pack.id, source: pack.id, type: "raster" }];
  }
  return VECTOR.filter(([layer]) => pack.layers.includes(layer)).map(([layer, drawn], at) => ({ id: `${pack.id} ${at}`, source: pack.id, "source-layer": layer, ...drawn(token) }));
}

/** A ring around something; what lies inside stays as it is. */
function ring(token, color, width) {
  return { type: "circle", paint: { "circle-radius": 21, "circle-opacity": 0, "circle-color": token(color), "circle-stroke-color": token(color), "circle-stroke-width": width } };
}

/** What is drawn above the packs. A gap of a track is dashed: nobody knows how the way went there. */
export function overlays(token) {
  const gap = ["==", ["get", "gap"], true];
  const ban = ["==", ["get", "ban"], true];
  const area = ["!", ["any", gap, ban]];
  const cluster = ["has", "point_count"];
  const grid = { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12, "symbol-placement": "line", "symbol-spacing": 400 };
  return [
    { id: "graticule", source: "graticule", ...line(token, "map-grid", 0.8) },
    { id: "graticule-label", source: "graticule", type: "symbol", layout: grid, paint: { "text-color": token("map-ink"), "text-halo-color": token("map-halo"), "text-halo-width": 1.4 } },
    { id: "gap-fill", source: "areas", filter: gap, type: "fill", paint: { "fill-color": token("alarm"), "fill-opacity": 0.26 } },
    { id: "gap-line", source: "areas", filter: gap, ...line(token, "alarm", 1.2, { "line-dasharray": [2, 2] }) },
    { id: "ban-fill", source: "areas", filter: ban, type: "fill", paint: { "fill-color": token("alarm"), "fill-opacity": 0.12 } },
    { id: "ban-line", source: "areas", filter: ban, ...line(token, "alarm", grows(6, 1.4, 12, 3.4), { "line-dasharray": [4, 1.5] }) },
    { id: "area-fill", source: "areas", filter: area, type: "fill", paint: { "fill-color": token("pine"), "fill-opacity": 0.07 } },
    { id: "area-line", source: "areas", filter: area, ...line(token, "pine", grows(6, 1.2, 12, 3)) },
    { id: "ban-name", source: "areas", filter: ban, type: "symbol", minzoom: 8, ...label(token, 14, "alarm") },
    { id: "area-name", source: "areas", filter: ["!", ban], type: "symbol", minzoom: 8, ...label(token, 14, "pine") },
    { id: "track-halo", source: "track", filter: ["!", gap], ...line(token, "map-halo", 7) },
    { id: "track", source: "track", filter: ["!", gap], ...line(token, "map-track", 4) },
    { id: "track-gap", source: "track", filter: gap, ...line(token, "map-track", 2.5, { "line-dasharray": [1, 2.5] }) },
    { id: "me-radius", source: "me", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("map-me"), "fill-opacity": 0.16 } },
    { id: "me", source: "me", type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 11, "circle-color": token("map-me"), "circle-stroke-color": token("map-halo"), "circle-stroke-width": 3.5 } },
    { id: "me-name", source: "me", type: "symbol", filter: ["all", ["==", ["geometry-type"], "Point"], ["has", "name"]], layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 15, "text-anchor": "bottom", "text-offset": [0, -1.1] }, paint: { "text-color": token("map-ink"), "text-halo-color": token("map-halo"), "text-halo-width": 2 } },
    { id: "cluster", source: "records", type: "circle", filter: cluster, paint: { "circle-radius": ["step", ["get", "point_count"], 19, 10, 23, 100, 28], "circle-color": token("surface"), "circle-stroke-color": token("pine"), "circle-stroke-width": 3 } },
    { id: "cluster-count", source: "records", type: "symbol", filter: cluster, layout: { "text-field": ["to-string", ["get", "point_count"]], "text-font": FONT, "text-size": 16, "text-allow-overlap": true }, paint: { "text-color": token("ink") } },
    { id: "record", source: "records", type: "symbol", filter: ["!", cluster], layout: { "icon-image": ["get", "mark"], "icon-allow-overlap": true, "symbol-sort-key": ["get", "order"] } },
    { id: "chosen-halo", source: "chosen", ...ring(token, "map-halo", 9) },
    { id: "chosen", source: "chosen", ...ring(token, "map-ink", 4) },
  ];
}
