/* Shared by all components: toasts, questions, dialogs, the explanation pop-over, progress. */
(function () {
  "use strict";

  function icon(name) {
    var model = document.querySelector("svg.icon use");
    var sprite = model ? model.getAttribute("href").split("#")[0] : "/static/vendor/icons.svg";
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    var use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", sprite + "#" + name);
    svg.appendChild(use);
    return svg;
  }

  function element(tag, css, text) {
    var node = document.createElement(tag);
    if (css) node.className = css;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function token() {
    return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  }

  function post(url, body) {
    return fetch(url, {
      method: "POST",
      body: body,
      credentials: "same-origin",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
    });
  }

  function later(run, wait) {
    var timer = 0;
    function soon() {
      var given = arguments;
      clearTimeout(timer);
      timer = setTimeout(function () { run.apply(null, given); }, wait);
    }
    soon.cancel = function () { clearTimeout(timer); };
    return soon;
  }

  /* Move to the next field of the form, as Tab would. */
  function focusAfter(input) {
    var fields = Array.from(input.form.elements).filter(function (field) {
      return field.type !== "hidden" && !field.disabled && field.tabIndex >= 0 && field.offsetParent;
    });
    var next = fields[fields.indexOf(input) + 1];
    if (next) next.focus();
  }

  var TOASTS_MAX = 3;
  var SIGNS = { done: "check", late: "alert-triangle", soon: "alert-triangle", run: "info-circle" };

  function toast(message) {
    var box = document.getElementById("cd-toasts");
    if (!box) return;
    var state = message.state || "done";
    // A refusal stays until it is closed: said again it replaces itself, and few stand at once.
    var shown = Array.from(box.children);
    shown.forEach(function (old) { if (old.dataset.said === message.text) old.remove(); });
    Array.from(box.children).slice(0, 1 - TOASTS_MAX).forEach(function (old) { old.remove(); });
    var card = element("div", "toast-c is-" + state);
    card.dataset.said = message.text;
    card.appendChild(icon(SIGNS[state] || "check"));
    card.appendChild(element("span", "", message.text));
    if (message.undo) {
      var undo = element("button", "btn btn-xs", box.dataset.undo);
      undo.type = "button";
      undo.addEventListener("click", function () {
        card.remove();
        post(message.undo, new FormData()).then(function (answer) {
          if (answer.ok) window.location.reload();
          else toast({ text: box.dataset.fail, state: "late" });
        });
      });
      card.appendChild(undo);
    }
    var close = element("button", "toast-x");
    close.type = "button";
    close.setAttribute("aria-label", box.dataset.close);
    close.appendChild(icon("x"));
    close.addEventListener("click", function () { card.remove(); });
    card.appendChild(close);
    box.appendChild(card);
    if (state !== "late") setTimeout(function () { card.remove(); }, message.undo ? 10000 : 5000);
  }

  function ask(question) {
    var box = document.getElementById("cd-confirm");
    document.getElementById("cd-confirm-text").textContent = question;
    return new Promise(function (resolve) {
      box.returnValue = "no";
      box.addEventListener("close", function () { resolve(box.returnValue === "yes"); }, { once: true });
      box.showModal();
    });
  }

  /* The server has what was typed: the copy on this device is not needed any more. */
  function forget(place) {
    if (place.indexOf("cd-draft ") === 0) window.localStorage.removeItem(place);
  }

  function showMessages() {
    document.querySelectorAll("[data-cd-message]").forEach(function (node) {
      var message = { text: node.textContent, state: node.dataset.state };
      if (node.dataset.cdMessage === "kept") { forget(message.text); node.remove(); return; }
      if (node.dataset.cdMessage.indexOf("toast") >= 0) {
        try { message = JSON.parse(node.textContent); } catch (error) { /* shown as it is */ }
      }
      node.remove();
      toast(message);
    });
  }

  /* Open the pop-over beside what was pressed, inside the window. */
  function placeNear(box, origin) {
    var from = origin.getBoundingClientRect();
    var left = Math.min(from.left, window.innerWidth - box.offsetWidth - 12);
    var top = from.bottom + 6;
    if (top + box.offsetHeight > window.innerHeight - 12) top = Math.max(12, from.top - box.offsetHeight - 6);
    box.style.left = Math.max(12, left) + "px";
    box.style.top = top + "px";
  }

  /* A dialog begins with what is wrong in it or with its first field; the cross comes last. */
  function focusInside(dialog) {
    var body = dialog.querySelector(".dlg-b");
    if (!body) return;
    var fields = body.querySelectorAll("input:not([type=hidden]), select, textarea");
    var first = body.querySelector("[data-cd-focus]") || Array.from(fields).find(function (field) {
      return !field.disabled && !field.readOnly && field.offsetParent;
    }) || body.querySelector("button, a[href]");
    if (first) first.focus();
  }

  var pressed = null;

  document.addEventListener("htmx:beforeRequest", function (event) {
    pressed = event.target;
    document.body.classList.add("is-busy");
  });
  document.addEventListener("htmx:afterRequest", function () { document.body.classList.remove("is-busy"); });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id === "cd-why") {
      if (!event.target.matches(":popover-open")) event.target.showPopover();
      placeNear(event.target, pressed || document.body);
    } else if (event.target.id === "cd-dialog-body") {
      var dialog = document.getElementById("cd-dialog");
      if (!dialog.open) dialog.showModal();
      focusInside(dialog);
    }
  });
  document.addEventListener("htmx:sendError", function () {
    var box = document.getElementById("cd-toasts");
    toast({ text: box.dataset.fail, state: "late" });
  });
  document.addEventListener("htmx:confirm", function (event) {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question).then(function (yes) { if (yes) event.detail.issueRequest(true); });
  });
  document.addEventListener("cd:toast", function (event) { toast(event.detail); });
  document.addEventListener("click", function (event) {
    var close = event.target.closest("[data-cd-close]");
    if (!close) return;
    var box = close.closest("dialog, [popover]");
    if (box && box.close) box.close();
    else if (box) box.hidePopover();
  });
  document.addEventListener("DOMContentLoaded", showMessages);

  window.Chengdan = {
    icon: icon, element: element, token: token, post: post, later: later, toast: toast, ask: ask,
    focusAfter: focusAfter,
  };
})();
