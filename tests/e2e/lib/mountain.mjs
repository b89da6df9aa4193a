// A walk in the mountains as a receiver hears it, the same for the same seed: slow uphill and slower on scree, rests, drift under trees,
// a valley without a sky, and now and then a position that is plainly wrong.
import { random } from "./jpeg.mjs";

const METRE = 1 / 111_195;

/** `count` positions, one each `everySeconds`: `{latitude, longitude, altitude, accuracy}`. */
export function mountainWalk(seed, count, everySeconds, from) {
  const next = random(seed), noise = (metres) => (next() + next() + next() - 1.5) * metres;
  let { latitude, longitude } = from, heading = next() * 2 * Math.PI, altitude = 2_600, resting = 0;
  return Array.from({ length: count }, (_, i) => {
    if (resting > 0) resting -= everySeconds;
    else if (next() < everySeconds / 3_600) resting = 600;
    heading += noise(0.3);
    const slope = Math.sin((i / count) * 6 * Math.PI), speed = resting > 0 ? 0 : 1.3 - 0.6 * Math.abs(slope) + noise(0.2);
    const step = Math.max(0, speed) * everySeconds;
    latitude += Math.cos(heading) * step * METRE;
    longitude += (Math.sin(heading) * step * METRE) / Math.cos((latitude * Math.PI) / 180);
    altitude += slope * step * 0.2;
    const isUnderTrees = Math.sin(i / 90) > 0.6, isWild = next() < 0.004, drift = isWild ? 900 : isUnderTrees ? 14 : 4;
    return {
      latitude: latitude + noise(drift) * METRE, longitude: longitude + noise(drift) * METRE, altitude: altitude + noise(drift),
      accuracy: isWild ? 25 : isUnderTrees ? 30 + next() * 40 : 4 + next() * 8,
    };
  });
}

/** In the page: replaces the receiver by one that tells what it is handed; runs before anything else of the page. */
export function installReceiver() {
  const watches = new Map();
  let last = 0;
  navigator.geolocation.watchPosition = (found) => { watches.set(++last, found); return last; };
  navigator.geolocation.clearWatch = (id) => { watches.delete(id); };
  /** One position each so many seconds of a clock that is moved on with them. */
  window.walk = (positions, everySeconds) => {
    for (const coords of positions) {
      window.ahead += everySeconds * 1_000;
      for (const found of watches.values()) found({ coords, timestamp: Date.now() });
    }
    return watches.size;
  };
}
