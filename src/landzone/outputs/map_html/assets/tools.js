// Small instruments on the map: position of the cursor, north arrow, scale.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const L = root.L;

  function control(position, node) {
    const made = L.control({ position: position });
    made.onAdd = function () {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      return node;
    };
    return made;
  }
  lz.control = control;

  lz.tools = function (app) {
    const map = app.map;
    const language = app.language;
    const zoom = L.control.zoom({ position: 'topright' }).addTo(map);
    const labels = { zh: ['放大', '缩小'], en: ['Zoom in', 'Zoom out'] };
    language.run(function () {
      [zoom._zoomInButton, zoom._zoomOutButton].forEach(function (button, k) {
        button.title = labels[language.now][k];
        button.setAttribute('aria-label', labels[language.now][k]);
      });
    });
    const north = lz.el('div', { class: 'lz-north' }, [lz.icon(lz.ICONS.north)]);
    const letter = lz.el('span', {});
    north.append(letter);
    language.text(letter, function () { return language.ui('north'); });
    control('topright', north).addTo(map);
    L.control.scale({ position: 'bottomleft', imperial: false, maxWidth: 140 }).addTo(map);
    // For the public no exact positions; on a shifted basemap they would be wrong.
    if (Object.keys(app.about.notice).length || (app.about.basemap && app.about.basemap.shift)) { return; }
    const position = lz.el('div', { class: 'lz-position', 'aria-hidden': 'true' });
    const tell = function (latlng) {
      const plane = app.plane ? app.plane.at(latlng.lng, latlng.lat) : null;
      position.textContent = language.ui('position', { lon: lz.degreesText(latlng.lng), lat: lz.degreesText(latlng.lat) }) +
        (plane ? ' · ' + language.ui('position_plane', { x: plane[1].toFixed(1), y: plane[0].toFixed(1) }) : '');
    };
    language.run(function () {
      position.title = language.ui('datum', { datum: app.about.datum.name }) + (app.plane ? ' · ' + app.about.crs : '') + (app.about.datum.world ? '' : ' — ' + language.ui('datum_own', { datum: app.about.datum.name }));
      tell(map.getCenter());
    });
    map.on('mousemove', function (event) { tell(event.latlng); });
    map.on('moveend', function () { tell(map.getCenter()); });
    control('bottomleft', position).addTo(map);
  };
})(window);
