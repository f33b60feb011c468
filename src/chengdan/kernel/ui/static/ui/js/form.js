/* Forms: leaving unsaved warns, drafts save themselves, previews refresh stops and totals. */
(function () {
  "use strict";

  var NOT_TYPED = ["csrfmiddlewaretoken", "cd_kept"];

  function start(form) {
    if (form.dataset.ready) return;
    form.dataset.ready = "1";
    var changes = 0, saved = 0;  // how often something changed, and up to which change it is kept
    var saving = null;
    var told = form.querySelector("[data-cd-saved]");
    var device = form.dataset.cdDraft ? remember(form) : null;
    window.addEventListener("beforeunload", function (event) {
      if (changes > saved) { event.preventDefault(); event.returnValue = form.dataset.leave || ""; }
    });
    form.addEventListener("submit", function (event) {
      save.cancel();
      if (saving) {
        // The draft is being made: send it as that draft's own form, or there are two of them.
        event.preventDefault();
        saving.then(function () { form.requestSubmit(event.submitter); });
        return;
      }
      saved = changes;
      // The copy stays until the server says that it has stored this (core.js forgets it then).
      if (device) device.keep();
    });

    function say(text) { if (told) told.textContent = text; }

    function ended(address) {
      say(told.dataset.ended + " ");
      var link = told.appendChild(window.Chengdan.element("a", "btn btn-xs", told.dataset.signin));
      link.href = address;
      if (!device) link.target = "_blank";
      else link.addEventListener("click", function () { if (device.keep()) saved = changes; });
    }

    var save = window.Chengdan.later(function () {
      if (saving) { saving.then(save); return; }
      var at = changes;
      say(told.dataset.wait);
      saving = window.Chengdan.post(form.dataset.cdAutosave, new FormData(form)).then(function (answer) {
        return answer.json().then(function (data) {
          if (data.code === "signed_out") { ended(data.sign_in); return; }
          if (!answer.ok || data.saved === false) { say(data.text || data.message); return; }
          if (device) device.drop();
          adopt(form, data);
          saved = at;
          if (device && at !== changes) device.write();
          say(told.dataset.text.replace("{n}", new Date().toLocaleTimeString()));
        });
      }).catch(function () {
        say(told.dataset.lost);
      }).then(function () { saving = null; });
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
      changes += 1;
      if (device) device.write();
      if (form.dataset.cdAutosave && told) save();
      if (form.dataset.cdPreview) preview();
    }
    form.addEventListener("input", function (event) { if (!event.target.closest(".picker")) changed(); });
    form.addEventListener("change", changed);
    if (form.dataset.cdPreview) preview();
  }

  function hidden(form, name) {
    var field = form.querySelector('input[type="hidden"][name="' + name + '"]');
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      form.appendChild(field);
    }
    return field;
  }

  // The first save of a new document makes it: from then on the form is that document's own.
  function adopt(form, data) {
    Object.keys(data.values || {}).forEach(function (name) {
      hidden(form, name).value = data.values[name];
    });
    if (data.draft_key) form.dataset.cdDraft = data.draft_key;
    if (data.action && form.getAttribute("action") !== data.action) {
      form.setAttribute("action", data.action);
      window.history.replaceState(window.history.state, "", data.action);
    }
  }

  /* What was typed stays on the device until the server has it. */
  function remember(form) {
    var told = document.querySelector("[data-cd-kept]");
    var stored = JSON.parse(window.localStorage.getItem(place()) || "null");
    if (stored && !form.querySelector(".summary")) offer(form, place(), stored, told);

    // A new document gets a place of its own with its first save.
    function place() { return ["cd-draft", form.dataset.cdDraft, form.dataset.cdPerson].join(" "); }

    /* Write at once; true when the device took it. The form tells the server where. */
    function keep() {
      write.cancel();
      var values = Array.from(new FormData(form)).filter(function (pair) { return NOT_TYPED.indexOf(pair[0]) < 0 && typeof pair[1] === "string"; });
      var labels = Array.from(form.querySelectorAll("[data-cd-picker] [role=combobox]")).map(function (input) { return input.value; });
      try {
        window.localStorage.setItem(place(), JSON.stringify({ values: values, labels: labels, at: Date.now() }));
      } catch (error) { note(""); return false; }
      note(place());
      told.textContent = form.dataset.kept.replace("{n}", new Date().toLocaleTimeString());
      return true;
    }

    function note(where) { hidden(form, "cd_kept").value = where; }

    var write = window.Chengdan.later(keep, 600);
    return {
      write: write,
      keep: keep,
      drop: function () { write.cancel(); window.localStorage.removeItem(place()); note(""); told.textContent = ""; },
    };
  }

  function offer(form, key, stored, told) {
    told.textContent = form.dataset.found.replace("{n}", new Date(stored.at).toLocaleString()) + " ";
    [["restore", function () { restore(form, stored); }], ["drop", function () { }]].forEach(function (pair) {
      var button = told.appendChild(window.Chengdan.element("button", "btn btn-xs", form.dataset[pair[0]]));
      button.type = "button";
      button.addEventListener("click", function () { window.localStorage.removeItem(key); told.textContent = ""; pair[1](); });
    });
  }

  function restore(form, stored) {
    stored.values.forEach(function (pair) {
      var field = form.elements[pair[0]];
      if (field && field.name !== "expected_version") field.value = pair[1];
    });
    form.querySelectorAll("[data-cd-picker] [role=combobox]").forEach(function (input, at) { input.value = stored.labels[at] || ""; });
    form.dispatchEvent(new CustomEvent("cd:restore"));
    form.dispatchEvent(new Event("change"));
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
