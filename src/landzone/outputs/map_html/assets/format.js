// Numbers and sentences as people read them. Nothing is computed here but the unit they are read in.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const M2_PER_HA = 10000;
  const MU_PER_HA = 15;

  lz.number = function (value, digits) {
    const parts = Math.abs(value).toFixed(digits).split('.');
    parts[0] = parts[0].replace(/\B(?=(\d{3})+(?!\d))/g, ',');
    const text = parts.join('.');
    return (value < 0 && /[1-9]/.test(text) ? '−' : '') + text;
  };

  // At most `digits` decimals, without zeros at the end.
  lz.short = function (value, digits) {
    const text = lz.number(value, digits);
    return text.indexOf('.') < 0 ? text : text.replace(/\.?0+$/, '');
  };

  // Puts values into a sentence: every {name} once, and never anything inside a value.
  lz.fill = function (template, values) {
    return template.replace(/\{(\w+)\}/g, function (all, name) {
      return Object.prototype.hasOwnProperty.call(values, name) ? String(values[name]) : '';
    });
  };

  lz.hectares = function (m2) { return lz.number(m2 / M2_PER_HA, 4); };

  // `unit(name)` gives the word of a unit, `areaSentence` the sentence of an area; `brief` drops zeros at the end.
  lz.quantity = function (value, kind, unit, areaSentence, brief) {
    const exact = brief ? lz.short : lz.number;
    const colon = kind.indexOf(':');
    const head = colon < 0 ? kind : kind.slice(0, colon);
    const tail = colon < 0 ? '' : kind.slice(colon + 1);
    if (head === 'm2') {
      return lz.fill(areaSentence, {
        m2: lz.number(value, 2), ha: lz.hectares(value), mu: lz.number(value * MU_PER_HA / M2_PER_HA, 2)
      });
    }
    if (head === 'ratio') { return lz.short(value * 100, 2) + ' %'; }
    if (head === 'plain') { return lz.short(value, 3); }
    if (head === 'm') { return lz.short(value, 2) + ' m'; }
    if (head === 'count') { return lz.number(value, 0); }
    if (head === 'years') { return lz.short(value, 2) + ' ' + unit('years'); }
    if (head === 'money') { return exact(value, 2) + ' ' + unit(tail); }
    if (head === 'rate') { return exact(value, 2) + ' ' + lz.fill(unit('per_ha'), { money: unit(tail) }); }
    return lz.short(value, 4);
  };

  // A class break: already rounded, so shown as it is.
  lz.breakText = function (value, kind) {
    if (kind === 'ratio') { return String(parseFloat((value * 100).toPrecision(9))) + ' %'; }
    return lz.short(value, 6);
  };

  // The unit of a finding (`ratio`, `wan_cny_per_ha`, `m2` …) as a kind of `quantity`.
  lz.kindOfUnit = function (name, measure) {
    if (measure === 'floor_area_ratio') { return 'plain'; }
    if (!name) { return 'number'; }
    if (/_per_ha$/.test(name)) { return 'rate:' + name.slice(0, -'_per_ha'.length); }
    if (['m2', 'ratio', 'm', 'count', 'years'].indexOf(name) >= 0) { return name; }
    if (['wan_cny', 'yi_cny', 'cny'].indexOf(name) >= 0) { return 'money:' + name; }
    return 'named:' + name;
  };

  lz.operator = function (op) { return { '>=': '≥', '<=': '≤', '>': '>', '<': '<', '==': '=' }[op] || op || ''; };

  lz.folded = function (text) { return String(text).normalize('NFKC').toLowerCase(); };

  // Whether every word of a query stands in one of the texts.
  lz.matches = function (query, texts) {
    const whole = texts.map(lz.folded).join('\n');
    return lz.folded(query).split(/\s+/).every(function (word) { return whole.indexOf(word) >= 0; });
  };

  lz.parcelOfHash = function (hash) {
    const found = /^#parcel=(.*)$/.exec(hash);
    if (!found) { return null; }
    try { return decodeURIComponent(found[1]); } catch (broken) { return null; }
  };

  lz.degreesText = function (value) { return value.toFixed(6) + '°'; };
})(typeof window !== 'undefined' ? window : global);
