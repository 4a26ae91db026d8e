// The overview of an atlas: colours of zones, search, and the way from a parcel to its page.
(function (root) {
  'use strict';
  const MOST = 30;
  const data = JSON.parse(document.getElementById('landzone-atlas').textContent);
  const folded = function (text) { return String(text).normalize('NFKC').toLowerCase(); };

  function colour(place) {
    document.querySelectorAll('svg.zones path[data-classes]').forEach(function (path) {
      path.setAttribute('fill', data.themes[place][Number(path.getAttribute('data-classes').split(' ')[place])]);
    });
    document.querySelectorAll('.theme').forEach(function (theme, k) { theme.querySelector('ul').hidden = k !== place; });
  }

  function target(file, id) { return file + '#parcel=' + encodeURIComponent(id); }

  // A link to a parcel leads to the page that has it.
  function forward() {
    const found = /^#parcel=(.*)$/.exec(root.location.hash);
    if (!found) { return; }
    let id;
    try { id = decodeURIComponent(found[1]); } catch (broken) { return; }
    const page = data.pages.find(function (entry) { return entry[1].indexOf(id) >= 0; });
    if (page) { root.location.replace(target(page[0], id)); return; }
    document.getElementById('find').value = id;
    search();
  }

  function search() {
    const query = folded(document.getElementById('find').value.trim());
    const list = document.getElementById('found');
    while (list.firstChild) { list.removeChild(list.firstChild); }
    let rows = 0;
    document.querySelectorAll('#zones tbody tr').forEach(function (row) {
      const hit = !query || folded(row.textContent).indexOf(query) >= 0;
      row.hidden = !hit;
      rows += hit ? 1 : 0;
    });
    if (!query) { return; }
    const hits = [];
    data.pages.forEach(function (entry) {
      entry[1].forEach(function (id) { if (folded(id).indexOf(query) >= 0) { hits.push([id, entry[0]]); } });
    });
    hits.sort(function (a, b) { return a[0] < b[0] ? -1 : 1; });
    hits.slice(0, MOST).forEach(function (hit) {
      const link = document.createElement('a');
      link.href = target(hit[1], hit[0]);
      link.textContent = hit[0];
      const item = document.createElement('li');
      item.append(link);
      list.append(item);
    });
    if (hits.length) {
      const head = document.createElement('li');
      head.textContent = data.words.parcels_found + (hits.length > MOST ? ' ' + MOST + ' / ' + hits.length : '');
      list.prepend(head);
    } else if (!rows) {
      const none = document.createElement('li');
      none.textContent = data.words.nothing;
      list.append(none);
    }
    document.querySelectorAll('#zones tbody tr').forEach(function (row) { if (!rows) { row.hidden = false; } });
  }

  document.querySelectorAll('input[name=theme]').forEach(function (radio) {
    radio.addEventListener('change', function () { colour(Number(radio.value)); });
  });
  document.getElementById('find').addEventListener('input', search);
  root.addEventListener('hashchange', forward);
  forward();
})(window);
