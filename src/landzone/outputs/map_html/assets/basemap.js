// What lies under the layers: a service that was chosen, or tiles and a picture inside the page.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;

  const Embedded = L.GridLayer.extend({
    createTile: function (coords) {
      const image = document.createElement('img');
      const data = this.options.tiles[coords.z + '/' + coords.x + '/' + coords.y];
      image.alt = '';
      if (data) { image.src = data; }
      return image;
    }
  });

  lz.basemap = function (app) {
    const told = app.about.basemap;
    if (!told) { return; }
    const map = app.map;
    map.createPane('lz-base').style.zIndex = 150;
    const common = { pane: 'lz-base', maxNativeZoom: told.most_zoom, maxZoom: 22 };
    told.tiles.forEach(function (address) {
      L.tileLayer(address, Object.assign({ subdomains: told.servers || 'a', attribution: told.attribution }, common)).addTo(map);
    });
    if (Object.keys(told.embedded).length) { new Embedded(Object.assign({ tiles: told.embedded }, common)).addTo(map); }
    if (told.picture) {
      const b = told.bounds;
      L.imageOverlay(told.picture, [[b[1], b[0]], [b[3], b[2]]], { pane: 'lz-base' }).addTo(map);
    }
    if (told.shift) {
      lz.control('bottomleft', app.language.text(lz.el('p', { class: 'lz-shifted', role: 'note' }), function () {
        return app.language.ui('shifted');
      })).addTo(map);
    }
  };
})(window);
