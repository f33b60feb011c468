/* Forms: leaving unsaved warns, drafts save themselves, previews refresh stops and totals. */
(function () {
  "use strict";

  function start(form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    var dirty = false;
    var told = form.querySelector("[data-cd-saved]");
    window.addEventListener("beforeunload", function (event) {
      if (dirty) { event.preventDefault(); event.returnValue = form.dataset.leave || ""; }
    });
    form.addEventListener("submit", function () { dirty = false; });

    function say(text) { if (told) told.textContent = text; }

    var save = window.Chengdan.later(function () {
      say(told.dataset.wait);
      window.Chengdan.post(form.dataset.cdAutosave, new FormData(form)).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then(function (data) {
        if (data.saved === false) { say(data.text); return; }
        keep(form, data);
        dirty = false;
        say(told.dataset.text.replace("{n}", new Date().toLocaleTimeString()));
      }).catch(function () {
        say(told.dataset.lost);
      });
    }, 1500);

    var turn = 0;
    var preview = window.Chengdan.later(function () {
      var own = (turn += 1);
      window.Chengdan.post(form.dataset.cdPreview, new FormData(form))
        .then(function (answer) { return answer.ok ? answer.json() : null; })
        .then(function (data) { if (data && own === turn) apply(form, data); })
        .catch(function () { /* the next change asks again */ });
    }, 350);

    function changed() {
      dirty = true;
      if (form.dataset.cdAutosave && told) save();
      if (form.dataset.cdPreview) preview();
    }
    form.addEventListener("input", function (event) { if (!event.target.closest(".picker")) changed(); });
    form.addEventListener("change", changed);
    if (form.dataset.cdPreview) preview();
  }

  // The first save of a new document makes it: from then on the form is that document's own.
  function keep(form, data) {
    Object.keys(data.values || {}).forEach(function (name) {
      var field = form.querySelector('input[type="hidden"][name="' + name + '"]');
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        form.appendChild(field);
      }
      field.value = data.values[name];
    });
    if (data.action && form.getAttribute("action") !== data.action) {
      form.setAttribute("action", data.action);
      window.history.replaceState(window.history.state, "", data.action);
    }
  }

  function apply(form, data) {
    Object.keys(data.fragments || {}).forEach(function (id) {
      var place = document.getElementById(id);
      if (!place) return;
      var had = place.contains(document.activeElement);
      if (had) return;
      place.innerHTML = data.fragments[id];
      if (window.htmx) window.htmx.process(place);
    });
    form.dispatchEvent(new CustomEvent("cd:preview", { detail: data }));
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-cd-guard]").forEach(start);
  });
})();
