'use strict';
const test = require('node:test');
const assert = require('node:assert');
const lz = require('./library.js');

// Squares of 0.01 degree side by side; the last one has a hole, one in the middle is missing.
function squares() {
  const rings = [];
  const ringStart = [0];
  for (let k = 0; k < 20; k++) {
    if (k !== 7) {
      const x = 114 + k * 0.02;
      rings.push([x, 33, x + 0.01, 33, x + 0.01, 33.01, x, 33.01]);
    }
    if (k === 19) { rings.push([114.382, 33.002, 114.382, 33.008, 114.388, 33.008, 114.388, 33.002]); }
    ringStart.push(rings.length);
  }
  const cornerStart = [0];
  rings.forEach((ring) => cornerStart.push(cornerStart[cornerStart.length - 1] + ring.length / 2));
  return new lz.Space({ count: 20, ringStart, cornerStart, degrees: [].concat(...rings) });
}

function at(space, lon, lat) {
  const p = lz.world(lon, lat);
  return space.at(p[0] - space.origin[0], p[1] - space.origin[1]);
}

test('a point is found in its square and nowhere else', () => {
  const space = squares();
  for (let k = 0; k < 19; k++) { assert.deepStrictEqual(at(space, 114.005 + k * 0.02, 33.005), k === 7 ? [] : [k]); }
  assert.deepStrictEqual(at(space, 114.015, 33.005), []);
  assert.deepStrictEqual(at(space, 10, 10), []);
});

test('a hole is outside', () => {
  const space = squares();
  assert.deepStrictEqual(at(space, 114.385, 33.005), []);
  assert.deepStrictEqual(at(space, 114.381, 33.005), [19]);
});

test('a box finds what it touches, in order, each once', () => {
  const space = squares();
  assert.deepStrictEqual(space.within(-1, -1, 1, 1), [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
});

test('an empty layer finds nothing', () => {
  const space = new lz.Space({ count: 0, ringStart: [0], cornerStart: [0], degrees: [] });
  assert.deepStrictEqual(space.within(-1, -1, 1, 1), []);
});
