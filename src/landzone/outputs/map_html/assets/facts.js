// What is known of a feature, in the words of the chosen language.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};

  lz.Facts = function (about, layers, language) {
    this.about = about;
    this.layers = layers;
    this.language = language;
    this.rules = about.findings.rules;
    this.verdicts = about.findings.verdicts;
    this.results = lz.columns(about.findings.results);
    this.list = lz.columns(about.findings.list);
    this.moves = about.moves ? lz.columns(about.moves) : null;
  };

  const F = lz.Facts.prototype;

  // Rows of the results by rule of every zone and parcel that has some.
  lz.lazy(F, 'resultsOf', function () {
    const found = { zones: new Map(), parcels: new Map() };
    const layer = this.results.layer;
    this.results.feature.forEach(function (feature, row) {
      const rows = found[layer[row] === 0 ? 'zones' : 'parcels'];
      if (!rows.has(feature)) { rows.set(feature, []); }
      rows.get(feature).push(row);
    });
    return found;
  });

  lz.lazy(F, 'placeOf', function () {
    return new Map((this.layers.parcels.columns.id || []).map(function (id, i) { return [id, i]; }));
  });

  lz.lazy(F, 'zoneNames', function () {
    const zones = this.layers.zones;
    return new Map((zones.columns.id || []).map(function (id, i) { return [id, zones.value('name', i) || id]; }));
  });

  F.id = function (layer, i) {
    const own = layer.columns.id ? layer.columns.id[i] : null;
    if (layer.name === 'constraints') { return this.constraintName(layer.value('constraint', i)); }
    if (layer.name === 'contradictions') { return layer.value('parcel_id', i); }
    if (layer.name === 'use_conflicts') { return layer.value('parcel_id', i) || this.language.ui('outside_zone'); }
    return own === null ? '#' + (i + 1) : own;
  };

  F.title = function (layer, i) {
    const name = layer.name === 'zones' ? layer.value('name', i) : null;
    return name || this.id(layer, i);
  };

  F.zone = function (id) { return id === null ? this.language.ui('outside_zone') : (this.zoneNames.get(id) || id); };
  // A plan or a line of control by its title in the language of the page; one the study does not know stands for itself.
  F.titleOf = function (titles, name) {
    return Object.prototype.hasOwnProperty.call(titles, name) ? titles[name][this.language.now] : name;
  };
  F.planName = function (name) { return this.titleOf(this.about.plans, name); };
  F.constraintName = function (name) { return this.titleOf(this.about.constraints, name) || ''; };

  F.themeName = function (key) { return key.slice(0, 5) === 'plan:' ? this.planName(key.slice(5)) : this.language.word('theme', key); };

  F.area = function (layer, i) {
    const m2 = layer.value('area_m2', i);
    return m2 === null ? '' : lz.hectares(m2) + ' ' + this.language.word('unit', 'ha');
  };

  F.quantity = function (value, kind, brief) {
    const language = this.language;
    const unit = function (name) { return language.words.unit[name] ? language.word('unit', name) : name.toUpperCase(); };
    if (kind.slice(0, 6) === 'named:') { return lz.short(value, 4) + ' ' + kind.slice(6); }
    return lz.quantity(value, kind, unit, language.words.ui.area_all[language.now], brief);
  };

  // A field of a feature as text; null where there is no value.
  F.shown = function (layer, field, i) {
    const value = layer.value(field.key, i);
    const language = this.language;
    if (value === null || value === '') { return null; }
    if (field.kind === 'flag') { return language.ui(value ? 'yes' : 'no'); }
    if (field.kind.slice(0, 5) === 'word:') { return language.word(field.kind.slice(5), value); }
    if (field.kind === 'plan') { return this.planShown(layer, field.key, i, value); }
    if (field.kind !== 'text') { return this.quantity(value, field.kind); }
    if (field.key === 'zone_id') { return this.zone(value); }
    if (field.key === 'plan') { return this.planName(value); }
    if (field.key === 'constraint') { return this.constraintName(value); }
    if (field.key === 'kind' && layer.name === 'patches') { return language.word('kind', value); }
    if (field.key === 'sources' || field.key === 'sources_against') {
      return String(value).split('|').map(function (name) { return language.word('evidence', name); }).join(language.now === 'zh' ? '、' : ', ');
    }
    if (field.key === 'construction_plans' || field.key === 'disputing_plans') { return String(value).split('|').map(this.planName, this).join('、'); }
    return String(value);
  };

  // What a plan says of a patch: `M1 (construction)`.
  F.planShown = function (layer, key, i, code) {
    const common = layer.value('common:' + key.slice('plan:'.length), i);
    if (common === null) { return String(code); }
    const L = this.language;
    const meaning = String(common).split('|').map(function (c) { return L.word('common', c); }).join(' | ');
    return L.ui('code_line', { code: code, meaning: meaning });
  };

  F.fieldLabel = function (key) {
    return key.slice(0, 5) === 'plan:' ? this.planName(key.slice(5)) : this.language.word('column', key);
  };

  F.sentence = function (layer, i) {
    const L = this.language;
    const m2 = layer.value('area_m2', i);
    const area = m2 === null ? '–' : lz.number(m2, 2);
    const ha = m2 === null ? '–' : lz.hectares(m2);
    if (layer.name === 'parcels') { return this.parcelSentence(layer, i, ha); }
    if (layer.name.slice(-8) === '_changes') { return this.changeLine(layer, i, -1); }
    if (layer.name === 'zones') { return L.sentence('zone', { n: layer.value('parcels_count', i), ha: ha }); }
    if (layer.name === 'patches') {
      return L.sentence('patch', { kind: L.word('kind', layer.value('kind', i)), type: L.word('type', layer.value('type', i) || 'missing'), m2: area });
    }
    if (layer.name === 'constraints') { return L.sentence('constraint', { name: this.id(layer, i), m2: area }); }
    if (layer.name === 'use_conflicts') {
      return L.sentence('use_conflict', {
        present: layer.value('present_code', i), plan: this.planName(layer.value('plan', i)), code: layer.value('plan_code', i), m2: area
      });
    }
    if (layer.name === 'contradictions') {
      return L.sentence('contradiction', { kind: L.word('contradiction', layer.value('contradiction', i)), strength: L.word('strength', layer.value('strength', i)) });
    }
    const floors = layer.value('floors', i);
    return floors === null ? '' : L.sentence('building', { floors: lz.short(floors, 1) });
  };

  F.parcelSentence = function (layer, i, ha) {
    const L = this.language;
    const holder = layer.value('holder', i);
    const zone = layer.value('zone_id', i);
    const idle = layer.value('idle_class', i);
    const conformity = layer.value('conformity', i);
    const since = layer.value('idle_since_date', i);
    const next = layer.value('next_threshold_date', i);
    const suspected = ['A1', 'A2', 'A_pending', 'A_gov', 'B'].indexOf(idle) >= 0;
    const parts = [L.sentence('parcel', {
      holder: holder === null ? '' : L.sentence('parcel_holder', { holder: holder }),
      zone: zone === null ? L.sentence('parcel_out') : L.sentence('parcel_in', { zone: this.zone(zone) }),
      ha: ha
    })];
    if (idle !== null) { parts.push(L.sentence(suspected ? 'idle' : 'idle_plain', { class: L.word('idle_class', idle) })); }
    if (since !== null) { parts.push(L.sentence('idle_since', { date: since })); }
    if (next !== null) { parts.push(L.sentence('next', { date: next })); }
    if (conformity !== null) { parts.push(L.sentence('conformity', { class: L.word('conformity', conformity) })); }
    const text = parts.join(L.now === 'zh' ? '' : ' ');
    return text.charAt(0).toUpperCase() + text.slice(1);
  };

  // What changed between two audits, in one line: of a move by rule, of a class, of a conflict.
  F.changeLine = function (layer, i, move) {
    const L = this.language;
    if (move >= 0) { return this.moveText(move); }
    if (layer.name === 'verdict_changes') { return L.sentence('verdict_changes', { n: this.movesOf(layer, i).length }); }
    if (layer.name === 'idle_changes') {
      const word = (side) => { const code = layer.value('idle_class_' + side, i); return code === null ? L.ui('none') : L.word('idle_class', code); };
      return L.sentence('idle_changes', { old: word('old'), new: word('new') });
    }
    const area = (side) => { const m2 = layer.value('area_' + side + '_m2', i); return m2 === null ? '0' : lz.number(m2, 2); };
    return L.sentence('conflict_changes', { state: L.word('conflict_state', layer.value('conflict_state', i)), old: area('old'), new: area('new') });
  };

  // Moves by rule of a zone or of a parcel whose verdicts changed, as places in the list of moves.
  F.movesOf = function (layer, i) {
    const found = [];
    if (!this.moves) { return found; }
    const own = layer.name === 'zones' ? 0 : layer.name === 'verdict_changes' ? 1 : -1;
    this.moves.feature.forEach((feature, k) => { if (feature === i && this.moves.layer[k] === own) { found.push(k); } });
    return found;
  };

  F.moveText = function (k) {
    const M = this.moves;
    const L = this.language;
    const verdict = (code) => code === 'none' ? L.ui('none') : L.word('verdict', code);
    return L.sentence('move', { title: this.about.titles[M.title[k]][L.now], old: verdict(M.old.d[M.old.i[k]]), new: verdict(M.new.d[M.new.i[k]]) });
  };

  F.ruleTitle = function (rule) { return rule.title[this.language.now] || rule.title.zh || rule.title.en || rule.rule_id; };

  // A result by rule as texts: {title, verdict, line, clause, borderline}.
  F.result = function (row) {
    const R = this.results;
    const L = this.language;
    const rule = this.rules[R.rule[row]];
    const kind = lz.kindOfUnit(rule.unit, rule.measure);
    const parts = [];
    if (R.observed[row] !== null) { parts.push(L.ui('observed_line', { observed: this.quantity(R.observed[row], kind) })); }
    if (rule.limit !== null) { parts.push(L.ui('limit_line', { op: lz.operator(rule.op), limit: this.quantity(rule.limit, kind, true) })); }
    if (R.gap[row] !== null && R.verdict[row] >= 0 && this.verdicts[R.verdict[row]] !== 'pass') {
      parts.push(L.ui('gap_line', { gap: this.quantity(R.gap[row], lz.kindOfUnit(rule.gap_unit || rule.unit, rule.gap_unit ? '' : rule.measure)) }));
    }
    return {
      title: this.ruleTitle(rule),
      rule: rule.rule_id,
      verdict: this.verdicts[R.verdict[row]] || 'unknown',
      line: parts.join(L.now === 'zh' ? '，' : ', '),
      clause: [rule.source, rule.clause].filter(Boolean).join(' '),
      borderline: R.borderline[row] === 1
    };
  };
})(typeof window !== 'undefined' ? window : global);
