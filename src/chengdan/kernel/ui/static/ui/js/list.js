/* Lists: open rows, walk with the arrow keys or J and K, select, act on the selection. */
(function () {
  "use strict";

  function open(row, aside) {
    if (aside) window.open(row.dataset.href, "_blank", "noopener");
    else window.location.assign(row.dataset.href);
  }

  document.addEventListener("click", function (event) {
    var row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, summary, .ck-c")) return;
    if (String(window.getSelection())) return;
    open(row, event.ctrlKey || event.metaKey);
  });
  document.addEventListener("auxclick", function (event) {
    var row = event.target.closest("tr[data-href]");
    if (row && event.button === 1 && !event.target.closest("a")) open(row, true);
  });

  function focusRow(row, step) {
    var next = row;
    do { next = step > 0 ? next.nextElementSibling : next.previousElementSibling; }
    while (next && !next.hasAttribute("tabindex"));
    if (!next) return;
    row.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  var STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

  document.addEventListener("keydown", function (event) {
    var row = event.target.matches && event.target.matches("table[data-cd-rows] tbody tr") ? event.target : null;
    var step = event.ctrlKey || event.metaKey || event.altKey ? 0 : STEPS[event.key];
    if (!row) {
      // J and K also enter the list, at the row that was left.
      var entry = event.key.length === 1 && step && event.target === document.body &&
        !document.querySelector("dialog[open]") && document.querySelector("table[data-cd-rows] tbody tr[tabindex='0']");
      if (entry) entry.focus();
      return;
    }
    var box = row.querySelector("[data-cd-pick]");
    if (step) {
      event.preventDefault();
      focusRow(row, step);
    } else if (event.key === "Enter" && row.dataset.href) {
      open(row, event.ctrlKey || event.metaKey);
    } else if (event.key === " " && box) {
      event.preventDefault();
      box.click();
    }
  });

  /* ── selection ── */
  var last = null;

  function boxes() { return Array.from(document.querySelectorAll("[data-cd-pick]")); }

  function reasons(chosen, code) {
    var found = {};
    chosen.forEach(function (box) {
      var off = box.dataset.off ? JSON.parse(box.dataset.off) : {};
      if (off[code]) found[off[code]] = (found[off[code]] || 0) + 1;
    });
    return Object.keys(found).map(function (text) {
      return found[text] > 1 ? text + " (" + found[text] + ")" : text;
    }).join(" · ");
  }

  function refresh() {
    var bar = document.querySelector("[data-cd-bulk]");
    if (!bar) return;
    var all = boxes();
    var chosen = all.filter(function (box) { return box.checked; });
    all.forEach(function (box) { box.closest("tr").classList.toggle("sel", box.checked); });
    bar.hidden = chosen.length === 0;
    if (chosen.length < all.length) everything(bar, false);
    var label = bar.querySelector("[data-cd-chosen]");
    var words = chosen.length === 1 ? label.dataset.one : label.dataset.many;
    label.textContent = words.replace("{n}", chosen.length);
    var ids = bar.querySelector("[data-cd-ids]");
    ids.replaceChildren.apply(ids, chosen.map(function (box) {
      var input = document.createElement("input");
      input.type = "hidden"; input.name = "ids"; input.value = box.value;
      return input;
    }));
    bar.querySelectorAll("[data-cd-act]").forEach(function (button) {
      var why = reasons(chosen, button.dataset.cdAct);
      button.classList.toggle("off", Boolean(why));
      button.setAttribute("aria-disabled", why ? "true" : "false");
      button.title = why;
    });
    var head = document.querySelector("[data-cd-all]");
    if (head) {
      head.checked = all.length > 0 && chosen.length === all.length;
      head.indeterminate = chosen.length > 0 && chosen.length < all.length;
    }
  }

  function everything(bar, on) {
    bar.elements.all.value = on ? "1" : "";
    bar.querySelector("[data-cd-everything]").setAttribute("aria-pressed", String(on));
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-cd-all]")) {
      boxes().forEach(function (box) { box.checked = event.target.checked; });
      refresh();
    } else if (event.target.matches("[data-cd-pick]")) refresh();
  });
  document.addEventListener("click", function (event) {
    if (event.target.matches("[data-cd-pick]")) {
      var all = boxes();
      if (event.shiftKey && last && all.indexOf(last) >= 0) {
        var range = [all.indexOf(last), all.indexOf(event.target)].sort(function (a, b) { return a - b; });
        all.slice(range[0], range[1] + 1).forEach(function (box) { box.checked = event.target.checked; });
        refresh();
      }
      last = event.target;
      return;
    }
    var bar = event.target.closest("[data-cd-bulk]");
    if (!bar) return;
    if (event.target.closest("[data-cd-none]")) {
      boxes().forEach(function (box) { box.checked = false; });
      refresh();
    } else if (event.target.closest("[data-cd-everything]")) {
      boxes().forEach(function (box) { box.checked = true; });
      refresh();
      everything(bar, true);
    }
  });
  document.addEventListener("submit", function (event) {
    var bar = event.target.closest("[data-cd-bulk]");
    if (!bar) return;
    var button = event.submitter;
    if (!button || button.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    if (button.dataset.cdConfirm && !bar.dataset.sure) {
      event.preventDefault();
      window.Chengdan.ask(button.dataset.cdConfirm).then(function (yes) {
        if (!yes) return;
        bar.dataset.sure = "1";
        bar.requestSubmit(button);
      });
    }
  });
  document.addEventListener("htmx:afterSettle", refresh);
  document.addEventListener("DOMContentLoaded", refresh);

  /* The count is loaded once with the totals; a table swapped in later shows it again. */
  var count = "";
  document.addEventListener("htmx:oobAfterSwap", function (event) {
    if (event.target.id === "cd-count-of") count = event.target.textContent;
  });
  document.addEventListener("htmx:afterSwap", function () {
    var place = document.getElementById("cd-count-of");
    if (place && !place.textContent) place.textContent = count;
  });
})();
