// A private key with a known scalar. Evaluated by the test of the same name; again without harm.
globalThis.gsSealing ??= (() => {
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  function privateKey(scalar, point) {
    const jwk = { kty: "EC", crv: "P-256", d: base64(scalar), x: base64(point.slice(1, 33)), y: base64(point.slice(33)) };
    return crypto.subtle.importKey("jwk", jwk, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  }
  return { privateKey };
})();
