// Measuring by hand: a line of clicked places, its length and the area it closes. For orientation, never a figure of the audit.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;

  lz.Measure = function (app) {
    this.app = app;
    this.places = [];
    this.on = false;
    const language = app.language;
    this.button = language.label(lz.el('button', { type: 'button', class: 'lz-measure', 'aria-pressed': 'false', onclick: () => this.toggle() }, [lz.icon(lz.ICONS.ruler)]), () => language.ui('measure'));
    this.told = lz.el('p', { class: 'lz-measured', role: 'status', 'aria-live': 'polite' });
    this.told.hidden = true;
    this.node = lz.el('div', { class: 'lz-measure-box' }, [this.button, this.told]);
    this.line = L.polygon([], { pane: 'lz-marks', interactive: false, color: '#b3005e', weight: 2.5, dashArray: '6 4', fillOpacity: 0.12 }).addTo(app.map);
    language.run(() => this.tell());
    app.map.getContainer().addEventListener('keydown', (event) => { if (event.key === 'Escape' && this.on) { this.toggle(); } });
  };

  const M = lz.Measure.prototype;

  M.toggle = function () {
    this.on = !this.on;
    this.places = [];
    this.line.setLatLngs([]);
    this.button.setAttribute('aria-pressed', this.on ? 'true' : 'false');
    this.app.map.getContainer().classList.toggle('lz-measuring', this.on);
    this.told.hidden = !this.on;
    if (this.on) { this.app.unselect(); }
    this.tell();
  };

  M.add = function (latlng) {
    this.places.push([latlng.lng, latlng.lat]);
    this.line.setLatLngs(this.places.map(function (p) { return [p[1], p[0]]; }));
    this.tell();
  };

  M.tell = function () {
    const language = this.app.language;
    const plane = this.app.plane;
    if (this.places.length < 2) { this.told.textContent = language.ui('measure_hint'); return; }
    const metres = lz.lengthOf(this.places, plane);
    const parts = [language.ui('measure_length', { length: metres < 1000 ? lz.number(metres, 1) + ' m' : lz.number(metres / 1000, 3) + ' km' })];
    if (this.places.length > 2) {
      parts.push(language.ui('measure_area', { area: this.app.facts.quantity(Math.round(lz.areaOf(this.places, plane)), 'm2') }));
    }
    this.told.textContent = parts.concat(language.ui('measure_note')).join(' · ');
  };
})(window);
