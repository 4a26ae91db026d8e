'use strict';
const test = require('node:test');
const assert = require('node:assert');
const lz = require('./library.js');

const unit = (name) => ({ per_ha: '{money}/公顷', wan_cny: '万元', years: '年' })[name];
const area = '{m2} m²({ha} 公顷,{mu} 亩)';

test('numbers have thousands and a true minus', () => {
  assert.strictEqual(lz.number(1234567.891, 2), '1,234,567.89');
  assert.strictEqual(lz.number(-0.001, 2), '0.00');
  assert.strictEqual(lz.number(-1234.5, 1), '−1,234.5');
  assert.strictEqual(lz.short(1200, 2), '1,200');
  assert.strictEqual(lz.short(0.5, 2), '0.5');
});

test('quantities carry their unit', () => {
  assert.strictEqual(lz.quantity(27999.9, 'm2', unit, area), '27,999.90 m²(2.8000 公顷,42.00 亩)');
  assert.strictEqual(lz.quantity(0.375, 'ratio', unit, area), '37.5 %');
  assert.strictEqual(lz.quantity(1.25, 'plain', unit, area), '1.25');
  assert.strictEqual(lz.quantity(94.08, 'money:wan_cny', unit, area), '94.08 万元');
  assert.strictEqual(lz.quantity(1000, 'rate:wan_cny', unit, area), '1,000.00 万元/公顷');
  assert.strictEqual(lz.quantity(1000, 'rate:wan_cny', unit, area, true), '1,000 万元/公顷');
  assert.strictEqual(lz.quantity(2, 'years', unit, area), '2 年');
});

test('units of findings', () => {
  assert.strictEqual(lz.kindOfUnit('wan_cny_per_ha', ''), 'rate:wan_cny');
  assert.strictEqual(lz.kindOfUnit('ratio', 'building_density_ratio'), 'ratio');
  assert.strictEqual(lz.kindOfUnit('ratio', 'floor_area_ratio'), 'plain');
  assert.strictEqual(lz.kindOfUnit('wan_cny', ''), 'money:wan_cny');
  assert.strictEqual(lz.kindOfUnit('', ''), 'number');
});

test('a sentence takes values as they are and never looks inside them', () => {
  assert.strictEqual(lz.fill('{a} and {b}', { a: '{b}', b: '$&' }), '{b} and $&');
  assert.strictEqual(lz.fill('{__proto__}{missing}', {}), '');
});

test('class breaks are shown as they are', () => {
  assert.strictEqual(lz.breakText(0.07, 'ratio'), '7 %');
  assert.strictEqual(lz.breakText(0.345, 'ratio'), '34.5 %');
  assert.strictEqual(lz.breakText(1590, 'rate:wan_cny'), '1,590');
});

test('search folds width and case and wants every word', () => {
  assert.ok(lz.matches('GB0001', ['410700gb0001', '甲公司']));
  assert.ok(lz.matches('甲 gb', ['410700GB0001', '甲公司']));
  assert.ok(!lz.matches('乙', ['410700GB0001', '甲公司']));
});

test('a link names a parcel', () => {
  assert.strictEqual(lz.parcelOfHash('#parcel=' + encodeURIComponent('地块{#1号')), '地块{#1号');
  assert.strictEqual(lz.parcelOfHash('#parcel=%'), null);
  assert.strictEqual(lz.parcelOfHash('#other'), null);
});
