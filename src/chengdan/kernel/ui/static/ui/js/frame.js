/* The frame: menus, folding rail, theme, search key, shortcuts. */
(function () {
  "use strict";

  function cookie(name, value) {
    var secure = window.location.protocol === "https:" ? ";secure" : "";
    document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=lax" + secure;
  }

  function isTyping(target) {
    return target.closest && target.closest("input, textarea, select, [contenteditable=true], .sheet");
  }

  function closeMenus(but) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!but || !menu.contains(but)) menu.open = false;
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target);
    if (event.target.closest("[data-cd-fold]")) fold(event.target.closest("[data-cd-fold]"));
    if (event.target.closest("[data-cd-theme]")) turnTheme();
    var off = event.target.closest("[aria-disabled=true]");
    if (off && off.title) window.Chengdan.toast({ text: off.title, state: "soon" });
  });

  function fold(button) {
    var narrow = document.getElementById("cd-frame").classList.toggle("is-narrow");
    button.setAttribute("aria-expanded", String(!narrow));
    cookie("cd_rail", narrow ? "narrow" : "wide");
  }

  function turnTheme() {
    var root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    cookie("cd_theme", root.dataset.bsTheme);
  }

  function moveInMenu(menu, step) {
    var items = Array.from(menu.querySelectorAll("a[href], button:not([disabled]), input"));
    var at = items.indexOf(document.activeElement);
    var next = items[(at + step + items.length) % items.length];
    if (next) next.focus();
  }

  function menuKeys(event) {
    var menu = event.target.closest ? event.target.closest("details.menu[open]") : null;
    if (!menu) return false;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
      return true;
    }
    var isList = !event.target.matches("input, select, textarea");
    if (isList && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      moveInMenu(menu, event.key === "ArrowDown" ? 1 : -1);
      return true;
    }
    return false;
  }

  function focusSearch(event) {
    var box = document.querySelector("[data-cd-search] input");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  }

  function keyName(event) {
    var parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    parts.push(event.key.length === 1 ? event.key.toUpperCase() : event.key);
    return parts.join("+");
  }

  function keyed(wanted) {
    return Array.from(document.querySelectorAll("[data-cd-key]")).find(function (node) {
      return node.dataset.cdKey.toUpperCase() === wanted.toUpperCase();
    });
  }

  var first = "";

  function shortcut(event) {
    var name = keyName(event);
    var plain = name.length === 1;
    if (plain && (isTyping(event.target) || event.repeat)) return;
    // A key after another one that makes no pair with it stands for itself.
    var found = (first && plain && keyed(first + " " + name)) || keyed(name);
    first = plain ? name : "";
    setTimeout(function () { first = ""; }, 900);
    if (!found || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    found.click();
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || menuKeys(event)) return;
    var search = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping(event.target));
    if (search) focusSearch(event);
    else if (event.key === "Escape") {
      var found = document.getElementById("cd-found");
      if (found) found.replaceChildren();
      closeMenus();
    } else shortcut(event);
  });

  document.addEventListener("keydown", function (event) {
    var box = event.target.closest ? event.target.closest("[data-cd-search]") : null;
    if (!box || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    var links = [box.querySelector("input")].concat(Array.from(box.querySelectorAll("#cd-found a")));
    var at = links.indexOf(document.activeElement);
    var next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.focus(); }
  });

  document.addEventListener("DOMContentLoaded", function () {
    var bad = document.querySelector("[data-cd-focus]");
    if (bad) bad.focus();
  });
})();
