// The two lists of the panel: what is wrong, gravest first; and parcels by search and filter.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const PAGE = 100;
  const SEARCHED = ['name', 'holder', 'project', 'enterprise', 'project_id'];
  const GROUPS = ['all', 'constraint', 'idle', 'fail', 'conflict', 'use_conflict', 'contradiction', 'verdict_change', 'idle_change', 'conflict_change'];
  const LAYER_OF = {
    constraint: 'constraints', use_conflict: 'use_conflicts', contradiction: 'contradictions', conflict: 'patches', idle: 'parcels', fail_zone: 'zones', fail_parcel: 'parcels',
    verdict_change: 'verdict_changes', verdict_change_zone: 'zones', idle_change: 'idle_changes', conflict_change: 'conflict_changes'
  };

  function groupOf(name) { return name.slice(0, 4) === 'fail' ? 'fail' : name === 'verdict_change_zone' ? 'verdict_change' : name; }

  // A list that shows a hundred rows and grows on demand.
  lz.Rows = function (language, make) {
    this.language = language;
    this.make = make;
    this.node = lz.el('ol', { class: 'lz-rows' });
    this.more = lz.el('button', { type: 'button', class: 'lz-more', onclick: this.grow.bind(this) });
    this.box = lz.el('div', {}, [this.node, this.more]);
  };
  lz.Rows.prototype.set = function (items, emptyText) {
    this.items = items;
    this.shown = 0;
    lz.empty(this.node);
    if (!items.length) { this.node.append(lz.el('li', { class: 'lz-none' }, [emptyText])); }
    this.grow();
  };
  lz.Rows.prototype.grow = function () {
    const next = Math.min(this.items.length, this.shown + PAGE);
    for (let k = this.shown; k < next; k++) { this.node.append(lz.el('li', {}, [this.make(this.items[k])])); }
    this.shown = next;
    const left = this.items.length - next;
    this.more.hidden = left === 0;
    this.more.textContent = this.language.ui('more', { n: Math.min(PAGE, left), m: lz.number(left, 0) });
  };

  function rowButton(app, layer, i, look, title, lines) {
    return lz.el('button', { type: 'button', class: 'lz-row', onclick: function () { app.go(layer, i); } }, [
      look,
      lz.el('span', { class: 'lz-row-text' }, [lz.el('strong', {}, [title])].concat(lines.filter(Boolean).map(function (line) {
        return lz.el('span', {}, [line]);
      })))
    ]);
  }

  lz.FindingList = function (app) {
    this.app = app;
    const list = app.facts.list;
    this.group = 'all';
    this.chips = lz.el('div', { class: 'lz-chips', role: 'group' });
    this.rows = new lz.Rows(app.language, this._row.bind(this));
    this.hint = lz.el('p', { class: 'lz-note' });
    this.pair = lz.el('select', { 'data-filter': 'pair', onchange: this.draw.bind(this) });
    this.pairs = Array.from(new Set(this._pairsOf())).sort();
    this.pairLabel = lz.el('label', { class: 'lz-pair' }, [app.language.text(lz.el('span', {}), function () { return app.language.ui('filter_pair'); }), this.pair]);
    this.node = lz.el('div', {}, [this.chips, this.pairLabel, this.hint, this.rows.box]);
    this.counts = { all: list.group.length };
    list.group.forEach(function (name) { const g = groupOf(name); this.counts[g] = (this.counts[g] || 0) + 1; }, this);
    app.language.run(this.draw.bind(this));
  };

  // The pairs of plans that a patch is about, as `a|b`.
  lz.FindingList.prototype._pairsOf = function (i) {
    const layer = this.app.layers.patches;
    const pairs = function (k) {
      const told = layer.value('disputing_plans', k);
      const names = told ? String(told).split('|') : [];
      const found = [];
      names.forEach(function (a, m) { names.slice(m + 1).forEach(function (b) { found.push(a + '|' + b); }); });
      return found;
    };
    if (!layer) { return []; }
    if (i !== undefined) { return pairs(i); }
    let all = [];
    for (let k = 0; k < layer.count; k++) { if (layer.value('kind', k) === 'conflict') { all = all.concat(pairs(k)); } }
    return all;
  };

  lz.FindingList.prototype._drawPairs = function () {
    const L = this.app.language;
    const facts = this.app.facts;
    const chosen = this.pair.value;
    this.pairLabel.hidden = this.group !== 'conflict' || this.pairs.length < 2;
    lz.empty(this.pair).append(lz.el('option', { value: '' }, [L.ui('all')]));
    this.pairs.forEach(function (pair) {
      this.pair.append(lz.el('option', { value: pair }, [pair.split('|').map(facts.planName, facts).join(' × ')]));
    }, this);
    this.pair.value = this.group === 'conflict' ? chosen : '';
  };

  lz.FindingList.prototype.draw = function () {
    const self = this;
    const L = this.app.language;
    const list = this.app.facts.list;
    lz.empty(this.chips);
    this._drawPairs();
    const pair = this.pair.value;
    GROUPS.filter(function (g) { return self.counts[g]; }).forEach(function (g) {
      self.chips.append(lz.el('button', {
        type: 'button', class: 'lz-chip', 'aria-pressed': g === self.group ? 'true' : 'false', 'data-group': g,
        onclick: function () { self.group = g; self.draw(); }
      }, [L.word('group', g) + ' ' + lz.number(self.counts[g], 0)]));
    });
    const places = [];
    list.group.forEach(function (name, k) { if ((self.group === 'all' || groupOf(name) === self.group) && (!pair || self._pairsOf(list.feature[k]).indexOf(pair) >= 0)) { places.push(k); } });
    this.hint.textContent = places.length ? L.ui('list_hint') : '';
    this.rows.set(places, L.ui('no_findings'));
  };

  lz.FindingList.prototype._row = function (k) {
    const app = this.app;
    const list = app.facts.list;
    const L = app.language;
    const name = list.group[k];
    const layer = app.layers[LAYER_OF[name]];
    const i = list.feature[k];
    const lines = [];
    if (name.indexOf('_change') > 0) {
      lines.push(app.facts.changeLine(layer, i, list.rule[k]));
    } else if (list.rule[k] >= 0) {
      const row = (app.facts.resultsOf[layer.name].get(i) || []).find(function (r) {
        return app.facts.results.rule[r] === list.rule[k] && app.facts.verdicts[app.facts.results.verdict[r]] === 'fail';
      });
      const result = app.facts.result(row);
      lines.push(result.title, result.line);
    } else if (name === 'idle') {
      lines.push(L.word('idle_class', layer.value('idle_class', i)), app.facts.area(layer, i));
    } else if (name === 'contradiction') {
      lines.push(L.word('contradiction', layer.value('contradiction', i)), L.word('strength', layer.value('strength', i)) + ' · ' + app.facts.area(layer, i));
    } else if (name === 'conflict') {
      lines.push(L.word('type', layer.value('type', i) || 'missing'), app.facts.area(layer, i));
    } else if (name === 'constraint') {
      const parcel = layer.value('parcel_id', i);
      lines.push(L.word('type', layer.value('type', i) || 'missing'), (parcel ? parcel + ' · ' : '') + app.facts.area(layer, i));
    } else {
      lines.push(layer.value('present_code', i) + ' → ' + app.facts.planName(layer.value('plan', i)) + ' ' + layer.value('plan_code', i), app.facts.area(layer, i));
    }
    const mark = lz.el('span', { class: 'lz-weight lz-weight-' + list.weight[k], title: L.word('group', groupOf(name)) });
    return rowButton(app, layer, i, mark, app.facts.title(layer, i), lines);
  };

  lz.ParcelList = function (app) {
    this.app = app;
    const L = app.language;
    const layer = this.layer = app.layers.parcels;
    this.words = null;
    this.input = lz.el('input', { type: 'search', class: 'lz-search', id: 'lz-search', autocomplete: 'off' });
    L.run(() => { this.input.setAttribute('placeholder', L.ui('search')); this.input.setAttribute('aria-label', L.ui('search_label')); });
    let timer = 0;
    this.input.addEventListener('input', () => { root.clearTimeout(timer); timer = root.setTimeout(() => this.apply(), 120); });
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') { this.apply(); if (this.found.length) { app.go(layer, this.found[0]); } }
    });
    this.selects = {
      idle_class: this._select('filter_idle', 'idle_class'),
      verdict: this._select('filter_verdict', 'verdict'),
      zone: this._zoneSelect()
    };
    this.least = lz.el('input', { type: 'number', min: '0', step: 'any', 'data-filter': 'least', oninput: () => this.apply() });
    this.count = lz.el('p', { class: 'lz-note', role: 'status', 'aria-live': 'polite' });
    this.reset = L.text(lz.el('button', { type: 'button', class: 'lz-reset', onclick: () => this.clear() }), () => L.ui('reset'));
    this.rows = new lz.Rows(L, this._row.bind(this));
    const filters = lz.el('div', { class: 'lz-filters' }, Object.keys(this.selects).map((key) => this.selects[key].box).concat([this._label('filter_least', this.least).box]));
    this.node = lz.el('div', {}, [this.input, filters, lz.el('div', { class: 'lz-found' }, [this.count, this.reset]), this.rows.box]);
    this.found = [];
    L.run(() => this.apply());
  };

  const P = lz.ParcelList.prototype;

  P._label = function (key, select) {
    const L = this.app.language;
    const caption = L.text(lz.el('span', {}), function () { return L.ui(key); });
    select.addEventListener('change', () => this.apply());
    return { select: select, box: lz.el('label', {}, [caption, select]) };
  };

  P._select = function (key, theme) {
    const L = this.app.language;
    const place = this.layer.payload.themes.findIndex(function (t) { return t.key === theme; });
    const select = lz.el('select', { 'data-filter': theme });
    if (place >= 0) {
      const classes = this.layer.payload.themes[place].classes;
      const there = new Set(this.layer.columns['class:' + theme]);
      L.run(() => {
        const chosen = select.value;
        lz.empty(select).append(lz.el('option', { value: '' }, [L.ui('all')]));
        classes.forEach(function (look, k) {
          if (there.has(k)) { select.append(lz.el('option', { value: String(k) }, [L.word(theme, look.code)])); }
        });
        select.value = chosen || '';
      });
    }
    return this._label(key, select);
  };

  P._zoneSelect = function () {
    const L = this.app.language;
    const select = lz.el('select', { 'data-filter': 'zone' });
    const names = this.app.facts.zoneNames;
    L.run(() => {
      const chosen = select.value;
      lz.empty(select).append(lz.el('option', { value: '' }, [L.ui('all')]));
      names.forEach(function (name, id) { select.append(lz.el('option', { value: 'z' + id }, [name])); });
      select.append(lz.el('option', { value: 'outside' }, [L.ui('outside_zone')]));
      select.value = chosen || '';
    });
    return this._label('filter_zone', select);
  };

  P.clear = function () {
    this.input.value = '';
    Object.keys(this.selects).forEach((key) => { this.selects[key].select.value = ''; });
    this.least.value = '';
    this.apply();
  };

  // What is searched of every parcel; a word of a dictionary is folded once.
  P._folded = function () {
    if (!this.words) {
      const columns = this.layer.columns;
      const texts = SEARCHED.map(function (key) { return columns[key]; }).filter(Boolean).map(function (column) {
        return { words: column.d.map(lz.folded), at: column.i };
      });
      this.words = columns.id.map(function (id, i) {
        return texts.reduce(function (line, text) { return text.at[i] < 0 ? line : line + '\n' + text.words[text.at[i]]; }, lz.folded(id));
      });
    }
    return this.words;
  };

  P.apply = function () {
    const layer = this.layer;
    const query = lz.folded(this.input.value.trim()).split(/\s+/).filter(Boolean);
    const words = query.length ? this._folded() : null;
    const wanted = {};
    Object.keys(this.selects).forEach((key) => { wanted[key] = this.selects[key].select.value; });
    const least = parseFloat(this.least.value) * 10000;
    const keep = function (i) {
      if (least > 0 && !((layer.value('area_m2', i) || 0) >= least)) { return false; }
      if (wanted.idle_class && String(layer.columns['class:idle_class'][i]) !== wanted.idle_class) { return false; }
      if (wanted.verdict && String(layer.columns['class:verdict'][i]) !== wanted.verdict) { return false; }
      if (wanted.zone) {
        const zone = layer.value('zone_id', i);
        if (wanted.zone === 'outside' ? zone !== null : 'z' + zone !== wanted.zone) { return false; }
      }
      return !words || query.every(function (word) { return words[i].indexOf(word) >= 0; });
    };
    this.found = [];
    for (let i = 0; i < layer.count; i++) { if (keep(i)) { this.found.push(i); } }
    const active = this.found.length < layer.count || query.length > 0;
    this.reset.hidden = !active;
    const L = this.app.language;
    this.count.textContent = L.ui('found', { n: lz.number(this.found.length, 0), m: lz.number(layer.count, 0) });
    this.rows.set(this.found, L.ui('empty'));
    this.app.filter(active ? new Set(this.found) : null);
  };

  P._row = function (i) {
    const layer = this.layer;
    const app = this.app;
    const look = lz.swatch(layer, layer.current.classes[layer.places[i]]);
    const who = [layer.value('holder', i), layer.value('project', i)].filter(Boolean).join(' · ');
    return rowButton(app, layer, i, look, layer.columns.id[i], [who, lz.className(layer.current, layer.places[i], app.facts)]);
  };
})(typeof window !== 'undefined' ? window : global);
