// Where features are: local coordinates, boxes, a grid index, point in polygon.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const MOST_CELLS = 512;

  // Local coordinates are fractions of the world less an origin, small enough for 32 bits.
  lz.Space = function (shapes) {
    this.count = shapes.count;
    this.ringStart = shapes.ringStart;
    this.cornerStart = shapes.cornerStart;
    this.degrees = shapes.degrees;
    const corners = shapes.degrees.length / 2;
    this.origin = corners ? lz.world(shapes.degrees[0], shapes.degrees[1]) : [0, 0];
    this.xy = new Float32Array(corners * 2);
    for (let k = 0; k < corners; k++) {
      const p = lz.world(shapes.degrees[2 * k], shapes.degrees[2 * k + 1]);
      this.xy[2 * k] = p[0] - this.origin[0];
      this.xy[2 * k + 1] = p[1] - this.origin[1];
    }
    this._measure();
    this._index();
  };

  lz.Space.prototype._measure = function () {
    const box = this.box = new Float32Array(this.count * 4);
    const all = this.all = [Infinity, Infinity, -Infinity, -Infinity];
    let size = 0;
    let drawn = 0;
    for (let i = 0; i < this.count; i++) {
      const from = this.cornerStart[this.ringStart[i]];
      const to = this.cornerStart[this.ringStart[i + 1]];
      let w = Infinity, n = Infinity, e = -Infinity, s = -Infinity;
      for (let k = from; k < to; k++) {
        const x = this.xy[2 * k], y = this.xy[2 * k + 1];
        if (x < w) { w = x; }
        if (x > e) { e = x; }
        if (y < n) { n = y; }
        if (y > s) { s = y; }
      }
      box[4 * i] = w; box[4 * i + 1] = n; box[4 * i + 2] = e; box[4 * i + 3] = s;
      if (to > from) {
        all[0] = Math.min(all[0], w); all[1] = Math.min(all[1], n);
        all[2] = Math.max(all[2], e); all[3] = Math.max(all[3], s);
        size += Math.max(e - w, s - n);
        drawn++;
      }
    }
    this.meanSize = drawn ? size / drawn : 0;
  };

  lz.Space.prototype._index = function () {
    const side = this.side = Math.max(1, Math.min(MOST_CELLS, Math.ceil(Math.sqrt(this.count / 2))));
    const width = Math.max(this.all[2] - this.all[0], 1e-12);
    const height = Math.max(this.all[3] - this.all[1], 1e-12);
    this.perX = side / width;
    this.perY = side / height;
    const starts = this.cellStart = new Int32Array(side * side + 1);
    const self = this;
    const each = function (visit) {
      for (let i = 0; i < self.count; i++) {
        const r = self._cells(self.box[4 * i], self.box[4 * i + 1], self.box[4 * i + 2], self.box[4 * i + 3]);
        for (let y = r[1]; y <= r[3]; y++) { for (let x = r[0]; x <= r[2]; x++) { visit(y * side + x, i); } }
      }
    };
    each(function (cell) { starts[cell + 1]++; });
    for (let c = 0; c < side * side; c++) { starts[c + 1] += starts[c]; }
    const fill = starts.slice();
    const members = this.members = new Int32Array(starts[side * side]);
    each(function (cell, i) { members[fill[cell]++] = i; });
    this.stamp = new Int32Array(this.count);
    this.turn = 0;
  };

  // Columns and rows of the cells that a box touches; nothing for a box without ground (last < first).
  lz.Space.prototype._cells = function (w, n, e, s) {
    const side = this.side;
    if (!(e >= w) || e < this.all[0] || w > this.all[2] || s < this.all[1] || n > this.all[3]) { return [0, 0, -1, -1]; }
    const clamp = function (v) { return Math.max(0, Math.min(side - 1, Math.floor(v))); };
    return [
      clamp((w - this.all[0]) * this.perX), clamp((n - this.all[1]) * this.perY),
      clamp((e - this.all[0]) * this.perX), clamp((s - this.all[1]) * this.perY)
    ];
  };

  // Features whose box touches a box, in ascending order.
  lz.Space.prototype.within = function (w, n, e, s) {
    const found = [];
    const r = this._cells(w, n, e, s);
    const turn = ++this.turn;
    for (let y = r[1]; y <= r[3]; y++) {
      for (let x = r[0]; x <= r[2]; x++) {
        const cell = y * this.side + x;
        for (let k = this.cellStart[cell]; k < this.cellStart[cell + 1]; k++) {
          const i = this.members[k];
          if (this.stamp[i] === turn) { continue; }
          this.stamp[i] = turn;
          const b = 4 * i;
          if (this.box[b] <= e && this.box[b + 2] >= w && this.box[b + 1] <= s && this.box[b + 3] >= n) { found.push(i); }
        }
      }
    }
    return found.sort(function (a, b) { return a - b; });
  };

  lz.Space.prototype.contains = function (i, x, y) {
    let inside = false;
    for (let r = this.ringStart[i]; r < this.ringStart[i + 1]; r++) {
      const from = this.cornerStart[r], to = this.cornerStart[r + 1];
      for (let k = from, j = to - 1; k < to; j = k++) {
        const yk = this.xy[2 * k + 1], yj = this.xy[2 * j + 1];
        if ((yk > y) !== (yj > y)) {
          const xk = this.xy[2 * k], xj = this.xy[2 * j];
          if (x < (xj - xk) * (y - yk) / (yj - yk) + xk) { inside = !inside; }
        }
      }
    }
    return inside;
  };

  // Features under a point (local coordinates), the one drawn last first.
  lz.Space.prototype.at = function (x, y) {
    const self = this;
    return this.within(x, y, x, y).filter(function (i) { return self.contains(i, x, y); }).reverse();
  };
})(typeof window !== 'undefined' ? window : global);
