'use strict';
const test = require('node:test');
const assert = require('node:assert');
const zlib = require('node:zlib');
const lz = require('./library.js');

const deflated = (bytes) => zlib.deflateRawSync(Buffer.from(bytes)).toString('base64');

test('varints and zigzag steps become degrees', () => {
  // one feature, one ring, three corners: (1,-1) then +2,0 then 0,+300 in 1e-6 degree
  const data = lz.inflate(deflated([1, 1, 3, 2, 1, 4, 0, 0, 0xd8, 0x04]));
  const shapes = lz.decodeShapes(data, 1e6);
  assert.strictEqual(shapes.count, 1);
  assert.deepStrictEqual(Array.from(shapes.ringStart), [0, 1]);
  assert.deepStrictEqual(Array.from(shapes.cornerStart), [0, 3]);
  assert.deepStrictEqual(Array.from(shapes.degrees), [1e-6, -1e-6, 3e-6, -1e-6, 3e-6, 299e-6]);
});

test('features without rings keep their place', () => {
  const shapes = lz.decodeShapes(Uint8Array.from([2, 0, 0]), 1e6);
  assert.deepStrictEqual(Array.from(shapes.ringStart), [0, 0, 0]);
});

test('columns are JSON behind deflate, each decoded when it is asked for', () => {
  const columns = lz.columns({ a: deflated('[1,null]'), b: { same: 'a' }, c: 'no deflate at all' });
  assert.deepStrictEqual(columns.b, [1, null]);
  assert.strictEqual(columns.a, columns.b);
  assert.throws(() => columns.c);
  assert.strictEqual(columns.d, undefined);
});

test('a lazy property is made once for every owner', () => {
  let times = 0;
  const kind = { base: 1 };
  lz.lazy(kind, 'sum', function () { times++; return this.base + 1; });
  const one = Object.create(kind), other = Object.create(kind);
  other.base = 5;
  assert.strictEqual(lz.made(one, 'sum'), false);
  assert.deepStrictEqual([one.sum, one.sum, other.sum, times], [2, 2, 6, 2]);
  assert.strictEqual(lz.made(one, 'sum'), true);
});

test('the world is a square with north at 0', () => {
  assert.deepStrictEqual(lz.world(0, 0), [0.5, 0.5]);
  assert.ok(Math.abs(lz.world(0, 85.0511287798066)[1]) < 1e-9);
  assert.ok(lz.world(114, 33)[1] < 0.5);
});
