// Making elements. Text is set as text, never as HTML.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const SVG = 'http:' + '//www.w3.org/2000/svg';

  // el('button', {class: 'x', 'aria-label': 'y', onclick: f}, [children or texts])
  lz.el = function (tag, attributes, children) {
    const node = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) {
      const value = attributes[name];
      if (name.slice(0, 2) === 'on') {
        node.addEventListener(name.slice(2), value);
      } else if (value !== null && value !== undefined) {
        node.setAttribute(name, value);
      }
    });
    (children || []).forEach(function (child) {
      if (child !== null && child !== undefined) { node.append(child); }
    });
    return node;
  };

  lz.icon = function (path) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('class', 'lz-icon');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };

  lz.ICONS = {
    menu: 'M4 6h16M4 12h16M4 18h16',
    home: 'M3 9V3h6M15 3h6v6M21 15v6h-6M9 21H3v-6',
    print: 'M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z',
    ruler: 'M3 17L17 3l4 4L7 21zM8 12l2 2M11 9l2 2M14 6l2 2',
    north: 'M12 2l6 19-6-4.5L6 21z'
  };

  lz.empty = function (node) { while (node.firstChild) { node.removeChild(node.firstChild); } return node; };

  // Texts that follow the language: `text(node, make)` fills now and after every switch.
  lz.Language = function (words, first) {
    this.words = words;
    this.now = words.ui.title[first] ? first : 'en';
    this.bound = [];
    this._announce();
  };
  lz.Language.prototype.word = function (table, key) {
    const entry = this.words[table] && Object.prototype.hasOwnProperty.call(this.words[table], key) ? this.words[table][key] : null;
    return entry ? entry[this.now] : String(key);
  };
  lz.Language.prototype.ui = function (key, values) { return lz.fill(this.words.ui[key][this.now], values || {}); };
  lz.Language.prototype.sentence = function (key, values) { return lz.fill(this.words.sentence[key][this.now], values || {}); };
  // A remark in the brackets of the language.
  lz.Language.prototype.beside = function (text) { return this.now === 'zh' ? '（' + text + '）' : ' (' + text + ')'; };
  lz.Language.prototype.run = function (make) { this.bound.push(make); make(); };
  lz.Language.prototype.text = function (node, make) { this.run(function () { node.textContent = make(); }); return node; };
  lz.Language.prototype.label = function (node, make) {
    this.run(function () { node.setAttribute('aria-label', make()); node.setAttribute('title', make()); });
    return node;
  };
  lz.Language.prototype.change = function (to) {
    this.now = to;
    this._announce();
    this.bound.forEach(function (make) { make(); });
  };
  lz.Language.prototype._announce = function () { document.documentElement.lang = this.now === 'zh' ? 'zh-CN' : 'en'; };
})(typeof window !== 'undefined' ? window : global);
