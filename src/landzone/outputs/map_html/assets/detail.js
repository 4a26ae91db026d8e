// The card of a feature: a sentence, figures with units, results by rule with their clause.
(function (root) {
  'use strict';
  const lz = root.landzone = root.landzone || {};
  const IN_HEAD = ['name'];

  lz.card = function (app, layer, i, others) {
    const facts = app.facts;
    const L = app.language;
    const figures = lz.el('dl', { class: 'lz-figures' });
    layer.payload.fields.forEach(function (field) {
      const text = facts.shown(layer, field, i);
      if (text === null || (layer.name === 'zones' && IN_HEAD.indexOf(field.key) >= 0)) { return; }
      figures.append(lz.el('dt', {}, [facts.fieldLabel(field.key)]), lz.el('dd', {}, [text]));
    });
    const body = [
      lz.el('p', { class: 'lz-kind' }, [L.word('one', layer.name)]),
      lz.el('h2', {}, [facts.title(layer, i)]),
      lz.el('p', { class: 'lz-sentence' }, [facts.sentence(layer, i)]),
      moves(app, layer, i),
      results(app, layer, i),
      figures,
      actions(app, layer, i),
      also(app, others)
    ];
    return lz.el('article', { class: 'lz-card', 'data-layer': layer.name, tabindex: '-1', 'aria-label': L.word('one', layer.name) + ' ' + facts.title(layer, i) }, body);
  };

  function moves(app, layer, i) {
    const own = app.facts.movesOf(layer, i);
    if (!own.length) { return null; }
    const list = lz.el('ul', { class: 'lz-results lz-moves' });
    own.forEach(function (k) { list.append(lz.el('li', {}, [app.facts.moveText(k)])); });
    return lz.el('section', {}, [lz.el('h3', {}, [app.language.ui('verdicts_moved')]), list]);
  }

  function results(app, layer, i) {
    const known = app.facts.resultsOf[layer.name];
    const rows = known ? known.get(i) : null;
    if (!rows) { return null; }
    const L = app.language;
    const list = lz.el('ul', { class: 'lz-results' });
    rows.map(app.facts.result, app.facts).forEach(function (result) {
      list.append(lz.el('li', { 'data-verdict': result.verdict }, [
        lz.el('span', { class: 'lz-badge lz-' + result.verdict }, [L.word('verdict', result.verdict)]),
        lz.el('strong', { title: result.rule }, [result.title]),
        result.line ? lz.el('span', { class: 'lz-line' }, [result.line]) : null,
        result.borderline ? lz.el('span', { class: 'lz-line lz-borderline' }, [L.ui('borderline')]) : null,
        result.clause ? lz.el('span', { class: 'lz-line lz-clause' }, [L.ui('clause_line', { clause: result.clause })]) : null
      ]));
    });
    return lz.el('section', {}, [lz.el('h3', {}, [L.ui('rule_results')]), list]);
  }

  function actions(app, layer, i) {
    const L = app.language;
    const row = lz.el('p', { class: 'lz-actions' }, [
      lz.el('button', { type: 'button', onclick: function () { app.zoomTo(layer, i); } }, [L.ui('zoom_to')])
    ]);
    if (layer.name === 'parcels') {
      const copy = lz.el('button', { type: 'button', onclick: function () { app.copyLink(layer, i, copy); } }, [L.ui('link')]);
      row.append(copy);
    }
    return row;
  }

  function also(app, others) {
    if (!others || !others.length) { return null; }
    const row = lz.el('p', { class: 'lz-also' }, [lz.el('span', {}, [app.language.ui('also')])]);
    others.forEach(function (other) {
      row.append(lz.el('button', { type: 'button', onclick: function () { app.show(other); } }, [
        app.language.word('one', other.layer.name) + ' ' + app.facts.title(other.layer, other.i)
      ]));
    });
    return row;
  }

  // A short line under the cursor.
  lz.tip = function (app, layer, i) {
    return lz.el('div', {}, [
      lz.el('strong', {}, [app.facts.title(layer, i)]),
      lz.el('span', {}, [lz.className(layer.current, layer.places[i], app.facts)])
    ]);
  };
})(typeof window !== 'undefined' ? window : global);
