// folium's popups ask jQuery for one thing: to make an element from a piece of HTML.
(function (root) {
  'use strict';
  if (root.$) { return; }
  root.$ = function (what) {
    if (typeof what !== 'string') {
      return { ready: function (then) { then(); return this; } };
    }
    var holder = document.createElement('template');
    holder.innerHTML = what.trim();
    return [holder.content.firstElementChild];
  };
})(window);
