// Decodes what codec.py encodes: deflate in base64, varints, zigzag steps.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};

  lz.bytes = function (base64) {
    const text = root.atob(base64);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) { out[i] = text.charCodeAt(i); }
    return out;
  };

  lz.inflate = function (base64) { return root.fflate.inflateSync(lz.bytes(base64)); };

  // A property that is made when it is first asked for; `made` tells whether it was.
  lz.lazy = function (owner, name, make) {
    Object.defineProperty(owner, name, {
      configurable: true,
      enumerable: true,
      get: function () {
        const value = make.call(this);
        Object.defineProperty(this, name, { value: value, enumerable: true });
        return value;
      }
    });
  };
  lz.made = function (owner, name) {
    const found = Object.getOwnPropertyDescriptor(owner, name);
    return found !== undefined && found.get === undefined;
  };

  // Columns by name, each decoded when it is first asked for; one that repeats another only names it.
  lz.columns = function (packed) {
    const columns = {};
    Object.keys(packed).forEach(function (key) {
      lz.lazy(columns, key, function () {
        const own = packed[key];
        return own.same === undefined ? JSON.parse(new root.TextDecoder('utf-8').decode(lz.inflate(own))) : columns[own.same];
      });
    });
    return columns;
  };

  lz.read = function (id) { return JSON.parse(document.getElementById(id).textContent); };

  // Calls `take(value)` for `count` varints from `at`; returns the place behind them.
  function eachVarint(data, at, count, take) {
    for (let k = 0; k < count; k++) {
      let value = 0;
      let factor = 1;
      let octet;
      do {
        octet = data[at++];
        value += (octet & 0x7f) * factor;
        factor *= 128;
      } while (octet & 0x80);
      take(value, k);
    }
    return at;
  }

  // Returns {count, ringStart, cornerStart, degrees}: rings of feature i are ringStart[i]…ringStart[i+1],
  // corners of ring r are cornerStart[r]…cornerStart[r+1], degrees holds longitude and latitude in turn.
  lz.decodeShapes = function (data, scale) {
    let count = 0;
    let at = eachVarint(data, 0, 1, function (v) { count = v; });
    const ringStart = new Int32Array(count + 1);
    at = eachVarint(data, at, count, function (v, k) { ringStart[k + 1] = ringStart[k] + v; });
    const rings = ringStart[count];
    const cornerStart = new Int32Array(rings + 1);
    at = eachVarint(data, at, rings, function (v, k) { cornerStart[k + 1] = cornerStart[k] + v; });
    const corners = cornerStart[rings];
    const degrees = new Float64Array(corners * 2);
    const last = [0, 0];
    eachVarint(data, at, corners * 2, function (v, k) {
      const step = v % 2 ? -(v + 1) / 2 : v / 2;
      last[k & 1] += step;
      degrees[k] = last[k & 1] / scale;
    });
    return { count: count, ringStart: ringStart, cornerStart: cornerStart, degrees: degrees };
  };

  // Degrees to a square world of side 1 (Web Mercator), north at 0.
  lz.world = function (lon, lat) {
    const s = Math.sin(lat * Math.PI / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)];
  };
})(typeof window !== 'undefined' ? window : global);
