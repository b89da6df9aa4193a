// Lines of longitude and latitude over the whole earth, so that a map without a pack is not a blank page.

/** Distances of lines, in minutes of arc; the largest first. */
const STEPS = [600, 300, 120, 60, 30, 15, 5, 2, 1];
const FEWEST_LINES = 3;

function words(minutes, [positive, negative]) {
  const all = Math.abs(minutes), rest = all % 60;
  const sign = minutes < 0 ? negative : positive;
  return rest ? `${Math.floor(all / 60)}°${String(rest).padStart(2, "0")}′${sign}` : `${all / 60}°${sign}`;
}

/** Lines in the box [west, south, east, north] in degrees, at least three each way, as GeoJSON with a label each. */
export function graticule([west, south, east, north]) {
  const span = Math.min(east - west, north - south) * 60;
  const step = STEPS.find((minutes) => span / minutes >= FEWEST_LINES) ?? STEPS.at(-1);
  const features = [];
  const line = (label, coordinates) => features.push({ type: "Feature", properties: { label }, geometry: { type: "LineString", coordinates } });
  const range = (low, high) => {
    const first = Math.ceil((low * 60) / step);
    return Array.from({ length: Math.max(0, Math.floor((high * 60) / step) - first + 1) }, (_, at) => (first + at) * step);
  };
  for (const minutes of range(west, east)) line(words(minutes, "EW"), [[minutes / 60, south], [minutes / 60, north]]);
  for (const minutes of range(Math.max(south, -85), Math.min(north, 85))) line(words(minutes, "NS"), [[west, minutes / 60], [east, minutes / 60]]);
  return { type: "FeatureCollection", features };
}
