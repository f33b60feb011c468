/* Before the first paint: follow the device when the person chose nothing. */
(function () {
  "use strict";
  var root = document.documentElement;
  if (!root.dataset.bsTheme) {
    var dark = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.bsTheme = dark ? "dark" : "light";
  }
})();
