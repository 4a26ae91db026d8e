// Two plans side by side: the patches coloured by what each plan says, parted by a line that can be moved.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;
  const STEP = 0.05;
  const COVERING = ['parcels', 'patches', 'buildings'];

  lz.Compare = function (app) {
    const layer = app.layers.patches;
    this.app = app;
    this.share = 0.5;
    this.plans = layer ? layer.payload.themes.filter(function (t) { return t.key.slice(0, 5) === 'plan:'; }).map(function (t) { return t.key; }) : [];
    this.sides = [];
    const W = app.language;
    this.node = lz.el('fieldset', { class: 'lz-compare lz-themes' }, [W.text(lz.el('legend', {}), () => W.ui('compare'))]);
    if (this.plans.length < 2) { this.node.hidden = true; return; }
    this.selects = [0, 1].map((side) => this._select(side));
    this.box = lz.el('input', { type: 'checkbox', 'data-compare': 'on', onchange: () => this.toggle() });
    this.node.append(lz.el('label', {}, [this.box, W.text(lz.el('span', {}), () => W.ui('compare_on'))]), this.selects[0].parentNode, this.selects[1].parentNode);
    this._bar();
  };

  const C = lz.Compare.prototype;

  C._select = function (side) {
    const W = this.app.language;
    const select = lz.el('select', { 'data-compare': side ? 'right' : 'left', onchange: () => this.draw() });
    const caption = lz.el('span', {});
    W.run(() => {
      const chosen = select.value;
      caption.textContent = W.ui(side ? 'compare_right' : 'compare_left');
      lz.empty(select);
      this.plans.forEach((key) => select.append(lz.el('option', { value: key }, [this.app.facts.planName(key.slice(5))])));
      select.value = chosen || this.plans[side];
    });
    lz.el('label', { class: 'lz-compare-side' }, [caption, select]);
    return select;
  };

  C._bar = function () {
    const map = this.app.map;
    const W = this.app.language;
    this.bar = W.label(lz.el('div', { class: 'lz-compare-bar', role: 'slider', tabindex: '0', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-orientation': 'horizontal' }), () => W.ui('compare_bar'));
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

  C.toggle = function () {
    const map = this.app.map;
    const on = this.box.checked;
    if (on && !this.sides.length) {
      this.sides = [0, 1].map((side) => {
        const name = 'lz-compare-' + side;
        map.createPane(name).style.zIndex = 260;
        const layer = lz.polygonLayer(this.app.layers.patches.payload, 1);
        layer.options.pane = name;
        return layer;
      });
    }
    this.bar.hidden = !on;
    this.sides.forEach((layer) => { if (on) { map.addLayer(layer); } else { map.removeLayer(layer); } });
    if (on) {
      this.before = COVERING.map((name) => this.app.layers[name]).filter((layer) => layer && map.hasLayer(layer));
      this.before.forEach((layer) => map.removeLayer(layer));
    } else {
      this.before.forEach((layer) => map.addLayer(layer));
    }
    this.draw();
  };

  C.draw = function () {
    if (!this.box || !this.box.checked) { this.app.legend.draw(); return; }
    const themes = this.app.layers.patches.payload.themes;
    this.sides.forEach((layer, side) => {
      layer.theme(themes.findIndex((t) => t.key === this.selects[side].value));
      layer.repaint();
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
    if (!this.sides.length || !this.box.checked) { return; }
    const size = map.getSize();
    const from = map.containerPointToLayerPoint([0, 0]);
    const to = map.containerPointToLayerPoint([size.x, size.y]);
    const x = from.x + size.x * this.share;
    const box = function (left, right) { return 'rect(' + [from.y, right, to.y, left].map(function (v) { return Math.round(v) + 'px'; }).join(',') + ')'; };
    map.getPane('lz-compare-0').style.clip = box(from.x, x);
    map.getPane('lz-compare-1').style.clip = box(x, to.x);
  };
})(window);
