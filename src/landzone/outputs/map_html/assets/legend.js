// The legend: drawn from the theme, with counts; a click hides or shows a class.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const AREAL = ['verdict_changes', 'idle_changes', 'conflict_changes', 'parcels', 'patches', 'use_conflicts', 'buildings', 'contradictions', 'constraints', 'zones'];

  lz.swatch = function (layer, look) {
    const canvas = lz.el('canvas', { class: 'lz-swatch', width: 44, height: 28, 'aria-hidden': 'true' });
    const c = canvas.getContext('2d');
    c.scale(2, 2);
    c.beginPath();
    c.rect(1.5, 1.5, 19, 11);
    if (look.fill) {
      c.globalAlpha = layer.style.alpha;
      c.fillStyle = lz.fillOf(c, look, layer.style.lines);
      c.fill();
      c.globalAlpha = 1;
    }
    c.strokeStyle = look.stroke || (layer.style.lines ? look.fill : layer.style.stroke || '#555');
    c.lineWidth = Math.max(1, Math.min(2, layer.style.width));
    c.setLineDash(layer.style.dash ? [6, 3, 1, 3] : []);
    c.stroke();
    return canvas;
  };

  // The words of a class: a label of the catalogue, a name from the data, or a span of numbers.
  lz.className = function (theme, place, facts) {
    const look = theme.classes[place];
    const L = facts.language;
    if (look.name !== undefined) {
      if (theme.key === 'plain') { return L.word('layer', look.name); }
      return facts.constraintName(look.name) || L.ui('none');
    }
    if (look.code === 'missing' && theme.numeric) { return L.ui('missing'); }
    if (!theme.numeric) { return L.word(theme.vocabulary, look.code); }
    const kind = theme.key === 'investment_intensity_per_ha' ? 'rate:' + facts.about.money : theme.key === 'floor_area_ratio' ? 'plain' : 'ratio';
    const text = function (value) { return lz.breakText(value, kind); };
    const above = !theme.limit || theme.limit.op === '>=' || theme.limit.op === '<';
    if (look.from === null && look.to === null) { return L.ui('any_value'); }
    if (look.from === null) { return L.ui(above ? 'below' : 'below_closed', { b: text(look.to) }); }
    if (look.to === null) { return L.ui(above ? 'above' : 'above_open', { a: text(look.from) }); }
    return L.ui('between', { a: text(look.from), b: text(look.to) });
  };

  lz.Legend = function (app) {
    this.app = app;
    this.box = lz.el('div', { class: 'lz-legend-body' });
    this.head = lz.el('summary', {});
    this.node = lz.el('details', { class: 'lz-legend', open: '' }, [this.head, this.box]);
    if (root.innerWidth < 720) { this.node.removeAttribute('open'); }
    app.language.text(this.head, function () { return app.language.ui('legend'); });
    app.language.run(this.draw.bind(this));
  };

  lz.Legend.prototype.draw = function () {
    const app = this.app;
    lz.empty(this.box);
    const compare = app.compare;
    if (compare && compare.box && compare.box.checked) { compare.shown().forEach(function (layer) { this._layer(layer, compare.caption(layer)); }, this); }
    AREAL.forEach(function (name) {
      const layer = app.layers[name];
      if (layer && app.map.hasLayer(layer) && layer.count) { this._layer(layer); }
    }, this);
  };

  lz.Legend.prototype._layer = function (layer, caption) {
    const app = this.app;
    const theme = layer.current;
    const counts = new Array(theme.classes.length).fill(0);
    const places = layer.places;
    for (let i = 0; i < layer.count; i++) { if (layer.state[i] !== 2) { counts[places[i]]++; } }
    const single = theme.classes.length === 1;
    const title = app.language.word('layer', layer.name);
    const part = lz.el('section', { class: 'lz-legend-part', 'data-layer': layer.name });
    if (!single) {
      const unit = theme.key === 'investment_intensity_per_ha' ? app.language.beside(app.unitWord('rate:' + app.about.money)) : '';
      part.append(lz.el('h3', {}, [(caption || title) + ' · ' + app.facts.themeName(theme.key) + unit]));
    }
    const hidden = app.hidden[layer.name + ':' + theme.key] || {};
    theme.classes.forEach(function (look, place) {
      if (!counts[place]) { return; }
      const row = lz.el('button', {
        class: 'lz-class', type: 'button', 'aria-pressed': hidden[place] ? 'false' : 'true', title: app.language.ui('hidden_class'),
        onclick: function () { app.toggleClass(layer, place); }
      }, [
        lz.swatch(layer, look),
        lz.el('span', { class: 'lz-class-name' }, [lz.className(theme, place, app.facts)]),
        lz.el('span', { class: 'lz-class-count' }, [lz.number(counts[place], 0)])
      ]);
      part.append(row);
    });
    const note = this._note(theme);
    if (note) { part.append(lz.el('p', { class: 'lz-note' }, [note])); }
    this.box.append(part);
  };

  lz.Legend.prototype._note = function (theme) {
    const L = this.app.language;
    if (!theme.numeric) { return ''; }
    if (!theme.limit) { return L.ui('legend_quantile'); }
    const kind = theme.key === 'investment_intensity_per_ha' ? 'rate:' + this.app.about.money : theme.key === 'floor_area_ratio' ? 'plain' : 'ratio';
    return L.ui('legend_limit', {
      op: lz.operator(theme.limit.op), limit: this.app.facts.quantity(theme.limit.value, kind, true),
      rule: theme.limit.rule_id, kind: L.word('subject', theme.limit.subject_kind)
    });
  };
})(typeof window !== 'undefined' ? window : global);
