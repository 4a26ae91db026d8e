// Two plans, or two audits, side by side: parted by a line that can be moved.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;
  const STEP = 0.05;
  const COVERING = ['parcels', 'patches', 'buildings', 'verdict_changes', 'idle_changes', 'conflict_changes'];
  const SIDES = ['left', 'right'];
  const AUDITS = ['old', 'new'];

  // What can stand on the two sides: {key, layers: [left, right], theme, name()}.
  function planChoices(app) {
    const layer = app.layers.patches;
    const themes = layer ? layer.payload.themes.filter(function (t) { return t.key.slice(0, 5) === 'plan:'; }) : [];
    return themes.map(function (t) {
      return { key: t.key, layers: ['patches', 'patches'], theme: t.key, name: function () { return app.facts.planName(t.key.slice(5)); } };
    });
  }

  function auditChoices(app) {
    const choices = [];
    ['parcels', 'patches'].forEach(function (name) {
      const old = app.layers[name + '_old'];
      if (!old || !app.layers[name]) { return; }
      old.payload.themes.filter(function (t) { return t.key !== 'plain'; }).forEach(function (t) {
        choices.push({
          key: name + ':' + t.key, layers: [name + '_old', name], theme: t.key,
          name: function () { return app.language.word('layer', name) + ' · ' + app.facts.themeName(t.key); }
        });
      });
    });
    return choices;
  }

  lz.Compare = function (app) {
    this.app = app;
    this.share = 0.5;
    this.audits = app.about.audits || null;
    this.choices = this.audits ? auditChoices(app) : planChoices(app);
    this.made = {};
    const W = app.language;
    this.node = lz.el('fieldset', { class: 'lz-compare lz-themes' }, [W.text(lz.el('legend', {}), () => W.ui(this.audits ? 'compare_audits' : 'compare'))]);
    if (this.choices.length < (this.audits ? 1 : 2)) { this.node.hidden = true; return; }
    this.selects = (this.audits ? [0] : [0, 1]).map((side) => this._select(side));
    this.box = lz.el('input', { type: 'checkbox', 'data-compare': 'on', onchange: () => this.toggle() });
    this.node.append(lz.el('label', {}, [this.box, W.text(lz.el('span', {}), () => W.ui('compare_on'))]));
    this.selects.forEach((select) => this.node.append(select.parentNode));
    this._bar();
  };

  const C = lz.Compare.prototype;

  C._select = function (side) {
    const W = this.app.language;
    const select = lz.el('select', { 'data-compare': this.audits ? 'theme' : SIDES[side], onchange: () => this.draw() });
    const caption = lz.el('span', {});
    W.run(() => {
      const chosen = select.value;
      caption.textContent = W.ui(this.audits ? 'compare_theme' : 'compare_' + SIDES[side]);
      lz.empty(select);
      this.choices.forEach((choice) => select.append(lz.el('option', { value: choice.key }, [choice.name()])));
      select.value = chosen || this.choices[side].key;
    });
    lz.el('label', { class: 'lz-compare-side' }, [caption, select]);
    return select;
  };

  C._choice = function (side) {
    const key = this.selects[this.audits ? 0 : side].value;
    return this.choices.find(function (choice) { return choice.key === key; });
  };

  // What a side is called: its plan, or its audit with the date.
  C._name = function (side) {
    if (!this.audits) { return this._choice(side).name(); }
    const which = AUDITS[side];
    return this.app.language.ui('audit_' + which, { date: this.audits[which] });
  };

  C._bar = function () {
    const map = this.app.map;
    const W = this.app.language;
    this.bar = W.label(lz.el('div', { class: 'lz-compare-bar', role: 'slider', tabindex: '0', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-orientation': 'horizontal' }), () => W.ui('compare_bar'));
    this.captions = SIDES.map((name) => lz.el('span', { class: 'lz-compare-name lz-compare-' + name }));
    this.captions.forEach((caption, side) => {
      this.bar.append(caption);
      W.text(caption, () => this._name(side));
    });
    this.bar.hidden = true;
    map.getContainer().append(this.bar);
    L.DomEvent.disableClickPropagation(this.bar);
    const move = (event) => {
      const box = map.getContainer().getBoundingClientRect();
      this.place((event.clientX - box.left) / box.width);
    };
    this.bar.addEventListener('pointerdown', (event) => {
      this.bar.setPointerCapture(event.pointerId);
      this.bar.onpointermove = move;
      event.preventDefault();
    });
    this.bar.addEventListener('pointerup', () => { this.bar.onpointermove = null; });
    this.bar.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -1, End: 1 }[event.key];
      if (step) { this.place(this.share + step); event.preventDefault(); event.stopPropagation(); }
    });
    map.on('move zoomend resize viewreset', () => this._clip());
  };

  // The layer of a side, made when it is first wanted.
  C._layer = function (side) {
    const map = this.app.map;
    const name = this._choice(side).layers[side];
    const pane = 'lz-compare-' + side;
    if (!map.getPane(pane)) { map.createPane(pane).style.zIndex = 260; }
    const key = side + ':' + name;
    if (!this.made[key]) {
      this.made[key] = new lz.Polygons(this.app.layers[name].source, 1);
      this.made[key].options.pane = pane;
      this.made[key].side = side;
    }
    return this.made[key];
  };

  // The layers on the map, left and right.
  C.shown = function () { return SIDES.map((name, side) => this._layer(side)); };

  // What the legend says of a side in place of the layer; the theme of a plan names it already.
  C.caption = function (layer) { return this.audits ? this._name(layer.side) : ''; };

  C.toggle = function () {
    const map = this.app.map;
    const on = this.box.checked;
    this.bar.hidden = !on;
    if (on) {
      this.before = COVERING.map((name) => this.app.layers[name]).filter((layer) => layer && map.hasLayer(layer));
      this.before.forEach((layer) => map.removeLayer(layer));
    } else {
      Object.keys(this.made).forEach((key) => map.removeLayer(this.made[key]));
      this.before.forEach((layer) => map.addLayer(layer));
    }
    this.draw();
  };

  C.draw = function () {
    if (!this.box || !this.box.checked) { this.app.legend.draw(); return; }
    const map = this.app.map;
    this.sides = this.shown();
    Object.keys(this.made).forEach((key) => { if (this.sides.indexOf(this.made[key]) < 0) { map.removeLayer(this.made[key]); } });
    this.sides.forEach((layer, side) => {
      const theme = this._choice(side).theme;
      layer.theme(layer.payload.themes.findIndex((t) => t.key === theme));
      map.addLayer(layer);
      layer.repaint();
      this.captions[side].textContent = this._name(side);
    });
    this.place(this.share);
    this.app.legend.draw();
  };

  C.place = function (share) {
    this.share = Math.max(0, Math.min(1, share));
    this.bar.style.left = (this.share * 100) + '%';
    this.bar.setAttribute('aria-valuenow', String(Math.round(this.share * 100)));
    this._clip();
  };

  C._clip = function () {
    const map = this.app.map;
    if (!this.sides || !this.box.checked) { return; }
    const size = map.getSize();
    const from = map.containerPointToLayerPoint([0, 0]);
    const to = map.containerPointToLayerPoint([size.x, size.y]);
    const x = from.x + size.x * this.share;
    const box = function (left, right) { return 'rect(' + [from.y, right, to.y, left].map(function (v) { return Math.round(v) + 'px'; }).join(',') + ')'; };
    map.getPane('lz-compare-0').style.clip = box(from.x, x);
    map.getPane('lz-compare-1').style.clip = box(x, to.x);
  };
})(window);
