// From degrees into the plane of the study (transverse Mercator, Krüger's series) and measuring there, for reading only.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const RADIUS = 6371008.8;
  const ORDER = 4;

  // `p`: a (m), f, lon0 and lat0 (degrees), k0, x0, y0 (m). Returns [easting, northing] of a place in degrees.
  lz.Plane = function (p) {
    const n = p.f / (2 - p.f), n2 = n * n, n3 = n2 * n, n4 = n3 * n;
    this.p = p;
    this.e = Math.sqrt(p.f * (2 - p.f));
    this.scale = p.k0 * p.a / (1 + n) * (1 + n2 / 4 + n4 / 64);
    this.alpha = [
      n / 2 - 2 * n2 / 3 + 5 * n3 / 16 + 41 * n4 / 180,
      13 * n2 / 48 - 3 * n3 / 5 + 557 * n4 / 1440,
      61 * n3 / 240 - 103 * n4 / 140,
      49561 * n4 / 161280
    ];
    this.base = this._northing(p.lat0);
  };
  lz.Plane.prototype._conformal = function (lat, lon) {
    const s = Math.sin(lat * Math.PI / 180);
    const t = Math.sinh(Math.atanh(s) - this.e * Math.atanh(this.e * s));
    const d = (lon - this.p.lon0) * Math.PI / 180;
    return [Math.atan2(t, Math.cos(d)), Math.atanh(Math.sin(d) / Math.sqrt(1 + t * t))];
  };
  lz.Plane.prototype._northing = function (lat) {
    const at = this._conformal(lat, this.p.lon0);
    return this._series(at[0], at[1])[1];
  };
  lz.Plane.prototype._series = function (xi, eta) {
    let x = eta, y = xi;
    for (let j = 1; j <= ORDER; j++) {
      y += this.alpha[j - 1] * Math.sin(2 * j * xi) * Math.cosh(2 * j * eta);
      x += this.alpha[j - 1] * Math.cos(2 * j * xi) * Math.sinh(2 * j * eta);
    }
    return [x * this.scale, y * this.scale];
  };
  lz.Plane.prototype.at = function (lon, lat) {
    const c = this._conformal(lat, lon);
    const r = this._series(c[0], c[1]);
    return [r[0] + this.p.x0, r[1] - this.base + this.p.y0];
  };

  // Metres from place to place ([lon, lat]): in the plane where there is one, else on a sphere.
  lz.lengthOf = function (places, plane) {
    let sum = 0;
    for (let k = 1; k < places.length; k++) {
      const a = places[k - 1], b = places[k];
      if (plane) {
        const p = plane.at(a[0], a[1]), q = plane.at(b[0], b[1]);
        sum += Math.hypot(q[0] - p[0], q[1] - p[1]);
      } else {
        const u = Math.PI / 180;
        const h = Math.pow(Math.sin((b[1] - a[1]) * u / 2), 2) +
          Math.cos(a[1] * u) * Math.cos(b[1] * u) * Math.pow(Math.sin((b[0] - a[0]) * u / 2), 2);
        sum += 2 * RADIUS * Math.asin(Math.sqrt(h));
      }
    }
    return sum;
  };

  // Square metres inside a ring of places: in the plane, else on a sphere.
  lz.areaOf = function (places, plane) {
    let sum = 0;
    const count = places.length;
    const flat = plane ? places.map(function (p) { return plane.at(p[0], p[1]); }) : null;
    for (let k = 0; k < count; k++) {
      const j = (k + 1) % count;
      if (flat) {
        sum += (flat[k][0] - flat[0][0]) * (flat[j][1] - flat[0][1]) - (flat[j][0] - flat[0][0]) * (flat[k][1] - flat[0][1]);
      } else {
        const u = Math.PI / 180;
        sum += (places[j][0] - places[k][0]) * u * (2 + Math.sin(places[k][1] * u) + Math.sin(places[j][1] * u)) * RADIUS * RADIUS;
      }
    }
    return Math.abs(sum) / 2;
  };
})(typeof window !== 'undefined' ? window : global);
