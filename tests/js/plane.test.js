'use strict';
const test = require('node:test');
const assert = require('node:assert');
const lz = require('./library.js');

// EPSG:4526 (zone 38) and EPSG:32650; the wanted eastings and northings are those of PROJ 9.5.
const ZONE_38 = { a: 6378137, f: 1 / 298.257222101, lon0: 114, lat0: 0, k0: 1, x0: 38500000, y0: 0 };
const UTM_50 = { a: 6378137, f: 1 / 298.257223563, lon0: 117, lat0: 0, k0: 0.9996, x0: 500000, y0: 0 };
const GOLDEN_38 = [[114.0, 33.0, 38500000.0, 3652748.04308], [114.022, 32.98, 38502056.43448, 3650530.1724], [115.4, 35.7473, 38626634.67596, 3958407.88088], [112.6, 28.1, 38362413.04756, 3110315.61842]];
const GOLDEN_50 = [[120.3, 31.5, 813461.50997, 3489736.49833], [117.0, 0.5, 500000.0, 55265.03714], [118.2, 45.0, 594578.36682, 4983650.78609]];
const SQUARE = [[114.0, 32.9752214779], [114.0010697552, 32.9752214734], [114.0010697661, 32.9761231539], [114.0, 32.9761231585]];
const near = (got, wanted, by) => assert.ok(Math.abs(got - wanted) <= by, got + ' is not ' + wanted);

test('degrees go into the plane of the study to a tenth of a millimetre', () => {
  const zone = new lz.Plane(ZONE_38);
  GOLDEN_38.forEach(([lon, lat, x, y]) => { const p = zone.at(lon, lat); near(p[0], x, 1e-4); near(p[1], y, 1e-4); });
  const utm = new lz.Plane(UTM_50);
  GOLDEN_50.forEach(([lon, lat, x, y]) => { const p = utm.at(lon, lat); near(p[0], x, 1e-4); near(p[1], y, 1e-4); });
});

test('a hectare in the plane measures a hectare, and on a sphere to half a per cent', () => {
  const zone = new lz.Plane(ZONE_38);
  const ring = SQUARE;
  near(lz.areaOf(ring, zone), 10000, 0.01);
  near(lz.areaOf(ring.slice().reverse(), zone), 10000, 0.01);
  near(lz.areaOf(ring, null), 10000, 50);
  near(lz.lengthOf(ring.slice(0, 2), zone), 100, 0.001);
  near(lz.lengthOf(ring.slice(0, 2), null), 100, 0.5);
  assert.strictEqual(lz.lengthOf([[114, 33]], zone), 0);
});
