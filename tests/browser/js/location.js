// A device that tells where it is when it is told to. Evaluated by the test of the same name; again without harm.
globalThis.gsLocation ??= (() => {
  let found, failed, asked, watches = 0;
  function fake() {
    const device = {
      watchPosition(f, e, options) { found = f; failed = e; asked = options; watches += 1; return 7; },
      clearWatch(id) { if (id === 7) watches -= 1; },
    };
    Object.defineProperty(navigator, "geolocation", { value: device, configurable: true });
  }
  function fix(latitude, longitude, accuracy, timestamp) { found({ coords: { latitude, longitude, accuracy }, timestamp }); }
  function fail(code) { failed({ code }); }
  function running() { return watches; }
  function asksForTheBest() { return asked.enableHighAccuracy && asked.maximumAge === 0; }
  return { fake, fix, fail, running, asksForTheBest };
})();
