// The page around the map: title bar, panel, selection, language, links.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;
  const PANEL_ORDER = ['verdict_changes', 'idle_changes', 'conflict_changes', 'zones', 'parcels', 'buildings', 'patches', 'constraints', 'use_conflicts', 'contradictions'];
  const HIT_ORDER = ['conflict_changes', 'verdict_changes', 'idle_changes', 'constraints', 'use_conflicts', 'contradictions', 'patches', 'parcels', 'buildings', 'zones'];
  const NARROW = 720;
  const CLOSEST = 18;
  const EDGE = 24;

  lz.start = function (map, about, layers) { lz.app = new App(map, about, layers); };

  function App(map, about, layers) {
    this.map = map;
    this.about = about;
    this.layers = layers;
    this.language = new lz.Language(about.words, about.lang);
    this.facts = new lz.Facts(about, layers, this.language);
    this.hidden = {};
    this.kept = null;
    this.plane = about.plane ? new lz.Plane(about.plane) : null;
    this._frame();
    this._panel();
    lz.tools(this);
    lz.basemap(this);
    this.legend = new lz.Legend(this);
    lz.control('bottomright', this.legend.node).addTo(map);
    this._pointer();
    this.measure = new lz.Measure(this);
    lz.control('topright', this.measure.node).addTo(map);
    this.compare = new lz.Compare(this);
    this.layerPage.append(this.compare.node);
    map.on('layeradd layerremove', (event) => { if (event.layer instanceof lz.Polygons) { this._sync(); } });
    this.home();
    root.addEventListener('hashchange', () => this._fromHash());
    root.addEventListener('beforeprint', () => this._print(true));
    root.addEventListener('afterprint', () => this._print(false));
    this._fromHash();
  }

  const A = App.prototype;

  A.unitWord = function (kind) {
    return this.facts.quantity(0, kind).replace(/^[\d.,]+\s*/, '');
  };

  A._frame = function () {
    const W = this.language;
    const about = this.about;
    const button = (icon, key, act, name) => W.label(lz.el('button', { type: 'button', class: 'lz-tool lz-tool-' + name, onclick: act }, [lz.icon(icon)]), () => W.ui(key));
    const title = lz.el('h1', {}, [about.page ? about.page + ' – ' + about.name : about.name]);
    const meta = W.text(lz.el('p', { class: 'lz-meta' }), () => [
      about.audits ? W.ui('audits', about.audits) : W.ui('as_of', { date: about.as_of }),
      W.ui('area_' + about.area_kind) + W.beside(W.ui('area_' + about.area))
    ].join(' · '));
    const banner = W.text(lz.el('p', { class: 'lz-internal', role: 'note' }), () => about.notice[W.now] || W.ui('internal'));
    const language = W.text(lz.el('button', {
      type: 'button', class: 'lz-language', onclick: () => this._switch()
    }), () => W.ui('language'));
    W.run(() => { language.setAttribute('aria-label', W.ui('language_hint')); language.setAttribute('lang', W.now === 'zh' ? 'en' : 'zh-CN'); });
    const toggle = button(lz.ICONS.menu, 'panel', () => this.togglePanel(), 'panel');
    this.toggleButton = toggle;
    this.side = lz.el('aside', { class: 'lz-side', id: 'lz-side' });
    toggle.setAttribute('aria-controls', 'lz-side');
    const stage = lz.el('main', { class: 'lz-stage' });
    const way = about.links ? this._way(about.links) : null;
    const bar = lz.el('header', { class: 'lz-bar' }, [
      toggle, lz.el('div', { class: 'lz-title' }, [title, meta]), way, banner,
      lz.el('div', { class: 'lz-tools' }, [
        button(lz.ICONS.home, 'home', () => this.home(), 'home'), button(lz.ICONS.print, 'print', () => root.print(), 'print'), this._sheets(), language
      ])
    ].filter(Boolean));
    const footer = W.text(lz.el('footer', { class: 'lz-footer' }), () => W.ui('source_line', { sources: about.sources.join(W.now === 'zh' ? '、' : ', ') }).replace(/…([.。])/, (all, stop) => stop === '.' ? '…' : '……') + W.ui('footer', { step: this._step() }) +
      (about.datum.world ? '' : ' ' + W.ui('datum_own', { datum: about.datum.name })));
    this.node = lz.el('div', { class: 'lz-app' }, [bar, lz.el('div', { class: 'lz-main' }, [this.side, stage]), footer]);
    const container = this.map.getContainer();
    container.parentNode.insertBefore(this.node, container);
    stage.append(container);
    this.openPanel(root.innerWidth >= NARROW);
    W.run(() => { document.title = (about.page ? about.page + ' – ' : '') + about.name + ' – ' + W.ui(about.audits ? 'title_changes' : 'title'); });
    this.map.attributionControl.setPrefix(false);
    new root.ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(stage);
    this.map.invalidateSize({ animate: false });
  };

  // The way through an atlas: overview, whole map, the zones before and after this one.
  A._way = function (links) {
    const W = this.language;
    const link = (file, make, title) => {
      const node = W.text(lz.el('a', { href: file }), make);
      if (title) { node.setAttribute('title', title); }
      return node;
    };
    const nav = lz.el('nav', { class: 'lz-way' });
    W.label(nav, () => W.ui('way'));
    if (links.previous) { nav.append(link(links.previous.file, () => '‹ ' + W.ui('previous_zone'), links.previous.name)); }
    nav.append(link(links.index, () => W.ui('way_index')), link(links.whole, () => W.ui('way_whole')));
    if (links.next) { nav.append(link(links.next.file, () => W.ui('next_zone') + ' ›', links.next.name)); }
    return nav;
  };

  // The sheet that is printed on; the page takes its size.
  A._sheets = function () {
    const W = this.language;
    const rule = lz.el('style', {});
    document.head.append(rule);
    const select = lz.el('select', { class: 'lz-sheet', onchange: () => {
      rule.textContent = '@page { size: ' + select.value.replace('-', ' ') + '; margin: 9mm; }';
      this.node.setAttribute('data-sheet', select.value);
    } });
    W.label(select, () => W.ui('sheet'));
    ['A4-landscape', 'A4-portrait', 'A3-landscape', 'A3-portrait'].forEach((name) => {
      select.append(W.text(lz.el('option', { value: name }), () => W.ui('sheet_' + name.slice(3), { size: name.slice(0, 2) })));
    });
    return select;
  };

  A._step = function () {
    const scales = Object.keys(this.layers).map((name) => this.layers[name].payload.scale);
    return '10⁻' + (Math.min.apply(null, scales) >= 1e7 ? '⁷' : '⁶');
  };

  A.openPanel = function (open) {
    this.node.classList.toggle('lz-open', open);
    this.toggleButton.setAttribute('aria-expanded', open ? 'true' : 'false');
  };
  A.togglePanel = function () { this.openPanel(!this.node.classList.contains('lz-open')); };

  A._panel = function () {
    const W = this.language;
    this.layerPage = this._layerPage();
    const pages = [['layers', () => this.layerPage], ['findings', () => this.findingList.node], ['parcels_tab', () => this.parcelList.node]];
    const tabs = lz.el('div', { class: 'lz-tabs', role: 'tablist' });
    this.side.append(tabs);
    this.pages = {};
    pages.forEach(([key, make], k) => {
      const tab = lz.el('button', {
        type: 'button', role: 'tab', id: 'lz-tab-' + key, 'aria-controls': 'lz-page-' + key, onclick: () => this.page(key),
        onkeydown: (event) => {
          const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
          if (step) { const next = pages[(k + step + pages.length) % pages.length][0]; this.page(next); this.pages[next].tab.focus(); }
        }
      });
      W.text(tab, () => W.ui(key === 'findings' && this.about.audits ? 'changes' : key) + (key === 'findings' ? ' ' + lz.number(this.about.findings.count, 0) : ''));
      const page = lz.el('section', { class: 'lz-page', role: 'tabpanel', id: 'lz-page-' + key, 'aria-labelledby': 'lz-tab-' + key, tabindex: '-1' });
      tabs.append(tab);
      this.side.append(page);
      this.pages[key] = { tab: tab, page: page, make: make };
    });
    this.page('layers');
  };

  lz.lazy(A, 'findingList', function () { return new lz.FindingList(this); });
  lz.lazy(A, 'parcelList', function () { return new lz.ParcelList(this); });

  // Shows a page of the panel; it is made when it is first wanted.

  A.page = function (wanted) {
    Object.keys(this.pages).forEach((key) => {
      const chosen = key === wanted;
      this.pages[key].tab.setAttribute('aria-selected', chosen ? 'true' : 'false');
      this.pages[key].tab.setAttribute('tabindex', chosen ? '0' : '-1');
      this.pages[key].page.hidden = !chosen;
    });
    const shown = this.pages[wanted];
    if (!shown.page.firstChild) { shown.page.append(shown.make()); }
  };

  A._layerPage = function () {
    const W = this.language;
    this.boxes = {};
    const list = lz.el('ul', { class: 'lz-layers' });
    PANEL_ORDER.filter((name) => this.layers[name]).forEach((name) => {
      const layer = this.layers[name];
      const box = lz.el('input', { type: 'checkbox', 'data-layer': name, onchange: () => {
        if (box.checked) { this.map.addLayer(layer); } else { this.map.removeLayer(layer); }
      } });
      box.checked = this.map.hasLayer(layer);
      this.boxes[name] = box;
      const label = W.text(lz.el('span', {}), () => W.word('layer', name));
      list.append(lz.el('li', {}, [lz.el('label', {}, [box, label, lz.el('em', {}, [lz.number(layer.count, 0)])])]));
    });
    const page = lz.el('div', {}, [this._themes(this.layers.parcels, 'theme'), list]);
    ['parcels', 'patches', 'buildings'].forEach((name) => {
      const count = this.about[name + '_left_out'];
      if (count) {
        page.append(W.text(lz.el('p', { class: 'lz-note lz-left-out' }), () => W.ui(name + '_left_out', { n: lz.number(count, 0) })));
      }
    });
    if (this.layers.patches && this.layers.patches.payload.themes.length > 1) { page.append(this._themes(this.layers.patches, 'patch_theme')); }
    if (this.layers.contradictions) { page.append(this._themes(this.layers.contradictions, 'contradiction_theme')); }
    return page;
  };

  A._themes = function (layer, caption) {
    const W = this.language;
    const group = lz.el('fieldset', { class: 'lz-themes', 'data-layer': layer.name }, [
      W.text(lz.el('legend', {}), () => W.ui(caption))
    ]);
    layer.payload.themes.forEach((theme, k) => {
      const radio = lz.el('input', { type: 'radio', name: 'lz-theme-' + layer.name, value: theme.key, onchange: () => this.setTheme(layer, k) });
      radio.checked = theme === layer.current;
      group.append(lz.el('label', {}, [radio, W.text(lz.el('span', {}), () => this.facts.themeName(theme.key))]));
    });
    return group;
  };

  A.setTheme = function (layer, place) {
    layer.theme(place);
    if (!this.map.hasLayer(layer)) { this.map.addLayer(layer); }
    this._state(layer);
    if (layer.name === 'parcels' && lz.made(this, 'parcelList')) { this.parcelList.rows.set(this.parcelList.found, this.language.ui('empty')); }
  };

  A.toggleClass = function (layer, place) {
    const key = layer.name + ':' + layer.current.key;
    const hidden = this.hidden[key] = this.hidden[key] || {};
    hidden[place] = !hidden[place];
    this._state(layer);
  };

  A.filter = function (kept) {
    if (kept === this.kept) { return; }
    this.kept = kept;
    this._state(this.layers.parcels);
  };

  // 0 hidden by its class, 1 drawn, 2 faded by the filter.
  A._state = function (layer) {
    const hidden = this.hidden[layer.name + ':' + layer.current.key] || {};
    const kept = layer.name === 'parcels' ? this.kept : null;
    const places = layer.places;
    for (let i = 0; i < layer.count; i++) { layer.state[i] = hidden[places[i]] ? 0 : kept && !kept.has(i) ? 2 : 1; }
    layer.repaint();
    if (this.legend) { this.legend.draw(); }
  };

  A._sync = function () {
    Object.keys(this.boxes).forEach((name) => { this.boxes[name].checked = this.map.hasLayer(this.layers[name]); });
    this.legend.draw();
  };

  A._switch = function () {
    this.language.change(this.language.now === 'zh' ? 'en' : 'zh');
    if (this.selected) { this.show(this.selected); }
  };

  // The whole in view; beside the legend where it loses no size by it.
  A.home = function () {
    const b = this.about.bounds;
    const box = L.latLngBounds([b[1], b[0]], [b[3], b[2]]);
    const legend = this.legend.node;
    const wide = root.innerWidth >= NARROW && legend.hasAttribute('open') ? legend.offsetWidth : 0;
    const zoom = (right) => this.map.getBoundsZoom(box, false, L.point(2 * EDGE + right, 2 * EDGE));
    const right = zoom(wide) === zoom(0) ? EDGE + wide : EDGE;
    this.map.fitBounds(box, { paddingTopLeft: [EDGE, EDGE], paddingBottomRight: [right, EDGE], animate: false, maxZoom: CLOSEST });
  };

  // The page takes the size of the sheet, and every tile is drawn, before the browser takes its picture.
  A._print = function (on) {
    this.node.classList.toggle('lz-printing', on);
    if (on) { this.legend.node.setAttribute('open', ''); }
    this.map.invalidateSize({ animate: false });
    Object.keys(this.layers).forEach((name) => this.layers[name].flush());
  };

  A._hits = function (latlng) {
    const found = [];
    HIT_ORDER.forEach((name) => {
      const layer = this.layers[name];
      if (layer && this.map.hasLayer(layer)) { layer.hits(latlng).slice(0, 4).forEach((i) => found.push({ layer: layer, i: i })); }
    });
    return found;
  };

  A._pointer = function () {
    const map = this.map;
    map.createPane('lz-marks').style.zIndex = 450;
    map.getPane('lz-marks').style.pointerEvents = 'none';
    const mark = (color, weight) => L.polygon([], { pane: 'lz-marks', interactive: false, color: color, weight: weight, fill: false }).addTo(map);
    this.hover = mark('#111', 2);
    this.haloMark = mark('#ffffff', 7);
    this.mark = mark('#0b57d0', 3.5);
    this.tooltip = L.tooltip({ className: 'lz-tip', direction: 'right', offset: [14, 0], opacity: 1 });
    let waiting = null;
    const move = () => {
      const latlng = waiting;
      waiting = null;
      if (!latlng) { return; }
      const top = this._hits(latlng).filter((hit) => hit.layer.name !== 'zones')[0];
      if (!top) { this._unhover(); return; }
      if (!this.over || this.over.layer !== top.layer || this.over.i !== top.i) {
        this.over = top;
        this.hover.setLatLngs(top.layer.rings(top.i));
        this.tooltip.setContent(lz.tip(this, top.layer, top.i));
      }
      this.tooltip.setLatLng(latlng).addTo(map);
      map.getContainer().classList.add('lz-over');
    };
    map.on('mousemove', (event) => {
      if (this.measure.on) { return; }
      if (map.dragging && map.dragging.moving && map.dragging.moving()) { return; }
      if (!waiting) { root.requestAnimationFrame(move); }
      waiting = event.latlng;
    });
    map.on('mouseout movestart zoomstart', () => { waiting = null; this._unhover(); });
    map.on('click', (event) => {
      if (this.measure.on) { this.measure.add(event.latlng); return; }
      const hits = this._hits(event.latlng);
      if (hits.length) { this.show({ layer: hits[0].layer, i: hits[0].i, at: event.latlng, all: hits }); } else { this.unselect(); }
    });
    map.getContainer().addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.popup && !this.measure.on) { this.unselect(); }
    });
    map.on('popupclose', (event) => { if (event.popup === this.popup) { this._clear(); } });
  };

  A._unhover = function () {
    this.over = null;
    this.hover.setLatLngs([]);
    this.tooltip.remove();
    this.map.getContainer().classList.remove('lz-over');
  };

  // Opens the card of a feature: {layer, i, at?, all?}.
  A.show = function (what) {
    const before = this.selected || {};
    const all = what.all || (before.all && before.all.some((h) => h.layer === what.layer && h.i === what.i) ? before.all : []);
    const at = what.at || (all.length ? before.at : null) || what.layer.anchor(what.i);
    const others = all.filter((hit) => hit.layer !== what.layer || hit.i !== what.i);
    const rings = what.layer.rings(what.i);
    const size = this.map.getSize();
    const popup = L.popup({
      maxWidth: Math.min(400, size.x - 72), minWidth: Math.min(350, size.x - 72), maxHeight: Math.max(180, Math.round(size.y * 0.62)),
      autoPanPaddingTopLeft: [14, 14], autoPanPaddingBottomRight: [size.x < NARROW ? 14 : 60, 14], className: 'lz-popup'
    });
    popup.setContent(lz.card(this, what.layer, what.i, others));
    this.popup = null;
    this.map.closePopup();
    this._unhover();
    this.selected = { layer: what.layer, i: what.i, at: at, all: all };
    this.node.classList.add('lz-selected');
    this.haloMark.setLatLngs(rings);
    this.mark.setLatLngs(rings);
    if (at) {
      popup.setLatLng(at).openOn(this.map);
      this.popup = popup;
      const close = popup.getElement().querySelector('.leaflet-popup-close-button');
      if (close) { close.setAttribute('aria-label', this.language.ui('close')); }
    }
    this._hash(what.layer.name === 'parcels' ? '#parcel=' + encodeURIComponent(what.layer.columns.id[what.i]) : '');
  };

  A.unselect = function () { if (this.popup) { this.map.closePopup(this.popup); } else { this._clear(); } };

  A._clear = function () {
    this.popup = null;
    const lost = document.activeElement === document.body || this.map.getContainer().contains(document.activeElement);
    if (this.back && lost && this.back.isConnected) { this.back.focus({ preventScroll: true }); }
    this.back = null;
    this.selected = null;
    this.node.classList.remove('lz-selected');
    this.mark.setLatLngs([]);
    this.haloMark.setLatLngs([]);
    this._hash('');
  };

  A.zoomTo = function (layer, i) {
    const box = layer.bounds(i);
    if (box) { this.map.fitBounds(box, { padding: [80, 80], maxZoom: CLOSEST, animate: false }); }
  };

  // Zooms to a feature and opens its card; its layer is switched on.
  A.go = function (layer, i) {
    if (!this.map.hasLayer(layer)) { this.map.addLayer(layer); }
    if (root.innerWidth < NARROW) { this.openPanel(false); this.map.invalidateSize({ animate: false }); }
    const from = document.activeElement;
    this.zoomTo(layer, i);
    this.show({ layer: layer, i: i, all: [] });
    const card = this.popup && this.popup.getElement().querySelector('.lz-card');
    if (card) { card.focus({ preventScroll: true }); this.back = from; }
  };

  A.link = function (layer, i) {
    return String(root.location.href).replace(/#.*$/, '') + '#parcel=' + encodeURIComponent(layer.columns.id[i]);
  };

  A.copyLink = function (layer, i, button) {
    const area = lz.el('textarea', { class: 'lz-copy', 'aria-hidden': 'true' });
    area.value = this.link(layer, i);
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.textContent = this.language.ui('copied');
  };

  A._hash = function (hash) {
    if ((root.location.hash || '') === hash || root.location.protocol === 'about:') { return; }
    this.own = hash;
    root.history.replaceState(null, '', hash || root.location.href.replace(/#.*$/, ''));
  };

  A._fromHash = function () {
    const id = lz.parcelOfHash(root.location.hash);
    if (id === null) { return; }
    const place = this.facts.placeOf.get(id);
    if (place === undefined && this.about.links) {
      root.location.replace(this.about.links.index + root.location.hash);
      return;
    }
    if (place === undefined) {
      this.page('parcels_tab');
      this.parcelList.count.textContent = this.language.ui('not_found', { id: id });
      return;
    }
    if (!this.selected || this.selected.layer !== this.layers.parcels || this.selected.i !== place) { this.go(this.layers.parcels, place); }
  };
})(window);
