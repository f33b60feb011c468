/* Type-ahead picker (combobox pattern): code, name and key facts of each row. */
(function () {
  "use strict";
  var next = 0;

  function marked(text, query) {
    var node = window.Chengdan.element("span", "clip");
    var at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
    if (at < 0) { node.textContent = text; return node; }
    node.append(text.slice(0, at), window.Chengdan.element("mark", "", text.slice(at, at + query.length)), text.slice(at + query.length));
    return node;
  }

  /* Attach to an input; `take(row)` is called with the chosen row, or null when emptied. */
  function attach(input, list, options) {
    var rows = [], current = -1, asked = 0, typed = false, waiting = false;
    list.id = list.id || "cd-pick-" + (next += 1);
    input.setAttribute("aria-controls", list.id);

    function close() {
      list.hidden = true;
      current = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function point(index) {
      var items = list.querySelectorAll("[role=option]");
      if (!items.length) return;
      current = (index + items.length) % items.length;
      items.forEach(function (item, at) {
        item.classList.toggle("on", at === current);
        item.setAttribute("aria-selected", String(at === current));
      });
      items[current].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", items[current].id);
    }

    function choose(index) {
      var row = rows[index];
      if (!row || row.disabled) return false;
      close();
      typed = waiting = false;
      options.take(row);
      return true;
    }

    function line(row, index, query) {
      var item = window.Chengdan.element("span", "pick-r");
      item.id = list.id + "-" + index;
      item.setAttribute("role", "option");
      if (row.disabled) { item.setAttribute("aria-disabled", "true"); item.title = row.disabled; }
      item.append(marked(row.code, query), marked(row.name, query));
      row.facts.forEach(function (fact) { item.append(window.Chengdan.element("span", "clip mut", fact)); });
      if (row.disabled) item.append(window.Chengdan.element("span", "clip t-late", row.disabled));
      item.addEventListener("mousedown", function (event) { event.preventDefault(); choose(index); });
      return item;
    }

    function show(data, query) {
      rows = data.rows;
      var lines = rows.map(function (row, index) { return line(row, index, query); });
      if (data.heads && data.heads.length && rows.length) {
        var head = window.Chengdan.element("span", "pick-r hd");
        head.append("", "");
        head.append.apply(head, [window.Chengdan.element("span"), window.Chengdan.element("span")].concat(
          data.heads.map(function (text) { return window.Chengdan.element("span", "clip", text); })));
        lines.unshift(head);
      }
      if (!rows.length) lines = [window.Chengdan.element("span", "pick-r hd", options.none)];
      list.replaceChildren.apply(list, lines);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      typed = false;
      if (rows.length) point(0);
      if (waiting) { waiting = false; if (choose(best(query)) && options.next) options.next(); }
    }

    /* The row whose code was typed in full, else the first one. */
    function best(query) {
      var exact = rows.findIndex(function (row) { return row.code.toLowerCase() === query.toLowerCase(); });
      return exact < 0 ? 0 : exact;
    }

    function load() {
      var query = input.value.trim();
      var turn = (asked += 1);
      var url = new URL(options.url, window.location.href);
      url.searchParams.set("q", query);
      options.extra().forEach(function (pair) { url.searchParams.set(pair[0], pair[1]); });
      fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
        .then(function (data) { if (turn === asked && document.activeElement === input) show(data, query); })
        .catch(function () { show({ rows: [] }, ""); list.firstChild.textContent = options.fail; });
    }

    var soon = window.Chengdan.later(load, 180);
    input.addEventListener("input", function (event) {
      typed = Boolean(input.value.trim());
      options.changed();
      if (!event.isComposing) soon();
    });
    input.addEventListener("compositionend", soon);
    input.addEventListener("blur", function () { asked += 1; typed = waiting = false; close(); options.left(); });
    input.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      /* Typed faster than the server answers: choose as soon as it does. */
      if (typed && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey && !event.ctrlKey) {
        event.preventDefault(); event.stopPropagation();
        waiting = true;
        load();
        return;
      }
      if (list.hidden) {
        if (event.key === "ArrowDown" && (event.altKey || options.opensByArrow)) { event.preventDefault(); load(); }
        return;
      }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault(); event.stopPropagation();
        point(current + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" || event.key === "Tab") {
        if (choose(current) && (event.key === "Enter" || options.stays)) {
          event.preventDefault(); event.stopPropagation();
          if (options.next) options.next();
        }
      } else if (event.key === "Escape") { event.stopPropagation(); close(); }
    });
    return { close: close, load: load };
  }

  function extraOf(box) {
    return function () {
      var form = box.closest("form");
      return (box.dataset.depends || "").split(" ").filter(Boolean).map(function (name) {
        return [name, form && form.elements[name] ? form.elements[name].value : ""];
      });
    };
  }

  function start(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = "1";
    var input = box.querySelector("[role=combobox]");
    var hidden = box.querySelector("input[type=hidden]");
    var shown = input.value;
    attach(input, box.querySelector(".pick"), {
      url: box.dataset.url, none: box.dataset.none, fail: box.dataset.fail,
      extra: extraOf(box), opensByArrow: true,
      changed: function () { if (!input.value) { hidden.value = ""; shown = ""; } },
      left: function () { if (input.value !== shown) input.value = shown; },
      next: function () { window.Chengdan.focusAfter(input); },
      take: function (row) {
        shown = row.code ? row.code + " " + row.name : row.name;
        input.value = shown;
        hidden.value = row.id;
        hidden.dispatchEvent(new Event("change", { bubbles: true }));
        box.dispatchEvent(new CustomEvent("cd:picked", { bubbles: true, detail: row }));
      },
    });
  }

  function startAll(root) { root.querySelectorAll("[data-cd-picker]").forEach(start); }
  document.addEventListener("DOMContentLoaded", function () { startAll(document); });
  document.addEventListener("htmx:afterSettle", function (event) { startAll(event.target); });
  window.Chengdan.pickerAttach = attach;
})();
