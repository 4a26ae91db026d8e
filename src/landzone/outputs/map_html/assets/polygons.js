// Many polygons on canvas tiles: a grid index finds them, paths are flushed every 64 features.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const FLUSH = 64;
  const SKIP = 0.8;
  const STROKED_FROM = 5;
  const CROWDED_BELOW = 12;
  const CROWD = 300;
  const CROWDED_WIDTH = 0.6;
  const BUDGET_MS = 12;
  const OPENING_MS = 100;
  const FADED = { fill: '#eceff1' };
  const LINE = '#7d8790';
  const LINES = 'lz-lines';

  lz.STYLES = {
    parcels: { alpha: 0.9, stroke: 'rgba(38,50,60,0.65)', width: 0.8 },
    patches: { alpha: 1, stroke: 'rgba(38,50,60,0.65)', width: 0.6 },
    use_conflicts: { alpha: 1, width: 1.5, lines: true, halo: true },
    buildings: { alpha: 0.75, stroke: 'rgba(30,34,40,0.8)', width: 0.6 },
    constraints: { alpha: 1, width: 2, lines: true, halo: true },
    verdict_changes: { alpha: 1, width: 2.5, lines: true, halo: true },
    idle_changes: { alpha: 0.95, stroke: 'rgba(38,50,60,0.9)', width: 1.6 },
    conflict_changes: { alpha: 0.95, stroke: 'rgba(20,30,40,0.9)', width: 1.4 },
    contradictions: { alpha: 1, width: 2, lines: true, halo: true },
    zones: { alpha: 1, width: 2.5, halo: true, dash: [10, 4, 2, 4] }
  };

  // Fill of a class: a colour, or a pattern drawn once.
  lz.fillOf = function (context, style, lines) {
    const pattern = lines ? 'lines' : style.pattern;
    if (!pattern) { return style.fill; }
    const tile = document.createElement('canvas');
    tile.width = tile.height = 8;
    const c = tile.getContext('2d');
    if (pattern !== 'lines') { c.fillStyle = style.fill; c.fillRect(0, 0, 8, 8); }
    c.beginPath();
    if (pattern === 'dots') {
      c.fillStyle = LINE;
      c.fillRect(1, 1, 1.5, 1.5);
      c.fillRect(5, 5, 1.5, 1.5);
    } else {
      [-8, 0, 8].forEach(function (x) { c.moveTo(x - 1, 9); c.lineTo(x + 9, -1); });
      if (pattern === 'cross') { [-8, 0, 8].forEach(function (x) { c.moveTo(x - 1, -1); c.lineTo(x + 9, 9); }); }
      if (pattern === 'lines') { stroke(c, 'rgba(255,255,255,0.9)', 3.4); }
      stroke(c, pattern === 'lines' ? style.fill : LINE, pattern === 'lines' ? 1.8 : 1);
    }
    return context.createPattern(tile, 'repeat');
  };

  function nothing() {}

  function stroke(c, colour, width) {
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.stroke();
  }

  // What a block of the page holds; shapes are decoded when they are first drawn, once for all layers made of them.
  lz.Source = function (payload) {
    this.payload = payload;
    this.columns = lz.columns(payload.columns);
  };
  lz.lazy(lz.Source.prototype, 'space', function () {
    return new lz.Space(lz.decodeShapes(lz.inflate(this.payload.shapes), this.payload.scale));
  });

  if (!root.L) { return; }

  let now = 0;
  let spent = 0;

  lz.Polygons = root.L.GridLayer.extend({
    options: { tileSize: 512, updateWhenZooming: false, keepBuffer: 1, className: 'lz-tiles' },

    initialize: function (source, order) {
      const payload = source.payload;
      root.L.GridLayer.prototype.initialize.call(this, { zIndex: order });
      this.source = source;
      this.name = payload.layer;
      this.payload = payload;
      this.count = payload.count;
      this.style = lz.STYLES[payload.layer] || lz.STYLES.parcels;
      if (this.style.lines || this.style.dash) { this.options.pane = LINES; }
      this.columns = source.columns;
      this.state = new Uint8Array(this.count).fill(1);
      this._queue = [];
      this.theme(payload.first || 0);
      this.on('tileunload', function (event) { event.tile.gone = true; });
    },

    // Lines lie above all areas, those of a comparison too.
    beforeAdd: function (map) {
      if (this.options.pane === LINES && !map.getPane(LINES)) { map.createPane(LINES).style.zIndex = 280; }
      root.L.GridLayer.prototype.beforeAdd.call(this, map);
    },

    // Colours by theme number `place`; `repaint` draws.
    theme: function (place) {
      this.current = this.payload.themes[place];
      this._places = null;
      return this;
    },

    // The plain value of a column, null where missing.
    value: function (key, i) {
      const column = this.columns[key];
      if (!column) { return null; }
      const value = column.d ? (column.i[i] < 0 ? null : column.d[column.i[i]]) : column[i];
      return value === undefined ? null : value;
    },

    bounds: function (i) {
      const s = this.space;
      let w = Infinity, south = Infinity, e = -Infinity, n = -Infinity;
      for (let k = s.cornerStart[s.ringStart[i]]; k < s.cornerStart[s.ringStart[i + 1]]; k++) {
        const lon = s.degrees[2 * k], lat = s.degrees[2 * k + 1];
        w = Math.min(w, lon); e = Math.max(e, lon); south = Math.min(south, lat); n = Math.max(n, lat);
      }
      return e >= w ? root.L.latLngBounds([south, w], [n, e]) : null;
    },

    rings: function (i) {
      const s = this.space;
      const rings = [];
      for (let r = s.ringStart[i]; r < s.ringStart[i + 1]; r++) {
        const ring = [];
        for (let k = s.cornerStart[r]; k < s.cornerStart[r + 1]; k++) { ring.push([s.degrees[2 * k + 1], s.degrees[2 * k]]); }
        rings.push(ring);
      }
      return rings;
    },

    // Visible features under a place, the one drawn last first.
    hits: function (latlng) {
      const p = lz.world(latlng.lng, latlng.lat);
      const state = this.state;
      return this.space.at(p[0] - this.space.origin[0], p[1] - this.space.origin[1]).filter(function (i) { return state[i]; });
    },

    // A place inside feature i, for a card: the middle of its widest horizontal cut.
    anchor: function (i) {
      const box = this.bounds(i);
      if (!box) { return null; }
      const lat = box.getCenter().lat + (box.getNorth() - box.getSouth()) * 1e-4;
      const cuts = [];
      this.rings(i).forEach(function (ring) {
        ring.forEach(function (a, k) {
          const b = ring[(k + 1) % ring.length];
          if ((a[0] > lat) !== (b[0] > lat)) { cuts.push(a[1] + (lat - a[0]) * (b[1] - a[1]) / (b[0] - a[0])); }
        });
      });
      cuts.sort(function (a, b) { return a - b; });
      let best = null, width = -1;
      for (let k = 0; k + 1 < cuts.length; k += 2) {
        if (cuts[k + 1] - cuts[k] > width) { width = cuts[k + 1] - cuts[k]; best = (cuts[k] + cuts[k + 1]) / 2; }
      }
      return best === null ? box.getCenter() : root.L.latLng(lat, best);
    },

    createTile: function (coords, done) {
      const tile = root.L.DomUtil.create('canvas', 'lz-tile');
      tile.coords = coords;
      tile.setAttribute('aria-hidden', 'true');
      this._wait([[tile, done]]);
      return tile;
    },

    _wait: function (jobs) {
      this._queue = this._queue.concat(jobs);
      if (!this._busy && this._queue.length) {
        this._busy = true;
        root.L.Util.requestAnimFrame(this._work, this);
      }
    },

    // Draws all waiting tiles at once.
    flush: function () { this._work(Infinity); },

    // `frame` is the time stamp of the frame: all layers share its budget, which is larger until a layer is first filled.
    _work: function (frame) {
      if (frame !== Infinity && !lz.made(this.source, 'space')) {
        root.setTimeout(this._open.bind(this), 0);
        return;
      }
      if (frame !== now) {
        now = frame;
        spent = 0;
      }
      const start = Date.now() - spent;
      const most = frame === Infinity ? frame : this._filled ? BUDGET_MS : OPENING_MS;
      while (this._queue.length && Date.now() - start < most) {
        const job = this._queue.shift();
        if (!job[0].gone) { this._draw(job[0]); }
        job[1](null, job[0]);
      }
      spent = Date.now() - start;
      this._busy = this._queue.length > 0;
      this._filled = this._filled || !this._busy;
      if (this._busy) { root.L.Util.requestAnimFrame(this._work, this); }
    },

    // Decodes the shapes behind the frame that is due, so that the page around the map is seen first.
    _open: function () {
      if (this.space) { this._work(root.performance.now()); }
    },

    // Draws the tiles that are on the map again, in place and in turn.
    repaint: function () {
      const tiles = this._tiles || {};
      const waiting = this._queue.map(function (job) { return job[0]; });
      this._wait(Object.keys(tiles).map(function (key) { return [tiles[key].el, nothing]; }).filter(function (job) { return waiting.indexOf(job[0]) < 0; }));
    },

    _draw: function (tile) {
      const size = this.options.tileSize;
      const dense = Math.min(root.devicePixelRatio || 1, 2);
      tile.width = tile.height = size * dense;
      const c = tile.getContext('2d');
      c.scale(dense, dense);
      const s = this.space;
      const world = 256 * Math.pow(2, tile.coords.z);
      const left = s.origin[0] * world - tile.coords.x * size;
      const top = s.origin[1] * world - tile.coords.y * size;
      const edge = 4;
      const found = s.within((-edge - left) / world, (-edge - top) / world, (size + edge - left) / world, (size + edge - top) / world);
      const groups = [];
      const places = this.places;
      const faded = this.current.classes.length;
      for (let k = 0; k < found.length; k++) {
        const i = found[k];
        if (!this.state[i]) { continue; }
        const place = this.state[i] === 2 ? faded : places[i];
        (groups[place] = groups[place] || []).push(i);
      }
      const stroked = s.meanSize * world >= STROKED_FROM || this.style.halo;
      // Outlines of very many small shapes would run together into one blot.
      this.crowded = this.style.lines && this.count > CROWD && s.meanSize * world < CROWDED_BELOW;
      // Faded features lie below all others, first classes (the gravest) on top.
      for (let g = groups.length - 1; g >= 0; g--) {
        if (groups[g]) { this._group(c, groups[g], g === faded ? FADED : this.current.classes[g], world, left, top, stroked); }
      }
    },

    _group: function (c, members, look, world, left, top, stroked) {
      const style = this.style;
      const fill = look.fill ? lz.fillOf(c, look, style.lines && look !== FADED) : null;
      c.lineJoin = 'round';
      for (let from = 0; from < members.length; from += FLUSH) {
        c.beginPath();
        for (let k = from; k < Math.min(from + FLUSH, members.length); k++) { this._trace(c, members[k], world, left, top); }
        if (fill) {
          c.globalAlpha = style.alpha;
          c.fillStyle = fill;
          c.fill('nonzero');
          c.globalAlpha = 1;
        }
        if (stroked) { this._stroke(c, look); }
      }
    },

    _stroke: function (c, look) {
      const style = this.style;
      const faded = look === FADED;
      if (style.halo && !this.crowded) {
        c.setLineDash([]);
        stroke(c, 'rgba(255,255,255,0.85)', style.width + 2.5);
      }
      c.setLineDash(style.dash || []);
      const colour = faded ? 'rgba(120,130,140,0.35)' : (look.stroke || (style.lines ? look.fill : style.stroke));
      stroke(c, colour, this.crowded ? CROWDED_WIDTH : style.width);
    },

    _trace: function (c, i, world, left, top) {
      const s = this.space;
      const b = 4 * i;
      const w = (s.box[b + 2] - s.box[b]) * world;
      const h = (s.box[b + 3] - s.box[b + 1]) * world;
      if (w < SKIP && h < SKIP) {
        c.rect(s.box[b] * world + left, s.box[b + 1] * world + top, Math.max(w, 1), Math.max(h, 1));
        return;
      }
      for (let r = s.ringStart[i]; r < s.ringStart[i + 1]; r++) {
        const from = s.cornerStart[r], to = s.cornerStart[r + 1];
        let px = 0, py = 0;
        for (let k = from; k < to; k++) {
          const x = s.xy[2 * k] * world + left;
          const y = s.xy[2 * k + 1] * world + top;
          if (k === from) {
            c.moveTo(x, y);
          } else if (Math.abs(x - px) + Math.abs(y - py) >= SKIP) {
            c.lineTo(x, y);
          } else {
            continue;
          }
          px = x;
          py = y;
        }
        c.closePath();
      }
    }
  });

  lz.lazy(lz.Polygons.prototype, 'space', function () { return this.source.space; });

  // The class of every feature in the current theme.
  Object.defineProperty(lz.Polygons.prototype, 'places', { get: function () {
    if (!this._places) { this._places = this.columns['class:' + this.current.key]; }
    return this._places;
  } });

  lz.polygonLayer = function (payload, order) { return new lz.Polygons(new lz.Source(payload), order); };
})(typeof window !== 'undefined' ? window : global);
