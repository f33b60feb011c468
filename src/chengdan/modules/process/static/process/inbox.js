/* Quick replies of the inbox, and the remark that a return or refusal needs. */
(function () {
  "use strict";

  function comment() { return document.getElementById("process-comment"); }

  function lacksRemark(button) {
    var isNeeded = button.value === "return" || button.value === "refuse";
    return isNeeded && Boolean(comment()) && !comment().value.trim();
  }

  /* Say in the language of the page, not of the browser, that the remark is missing. */
  function complain(isMissing) {
    var place = document.getElementById("process-comment-error");
    place.textContent = isMissing ? place.dataset.text : "";
    comment().setAttribute("aria-invalid", String(isMissing));
  }

  // The next task opens by itself: a double click or a held key must not decide it unread, so its
  // buttons come switched off.
  function pause(form) {
    window.setTimeout(function () {
      form.querySelectorAll("button[name=decision]").forEach(function (button) {
        button.removeAttribute("aria-disabled");
      });
    }, Number(form.dataset.processPause));
  }

  document.querySelectorAll("[data-process-pause]").forEach(pause);

  document.addEventListener("click", function (event) {
    var button = event.target.closest(".decide button[aria-disabled=true]");
    if (!button || lacksRemark(button)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("click", function (event) {
    var reply = event.target.closest("[data-process-reply]");
    if (!reply || !comment()) return;
    comment().value = reply.dataset.processReply;
    complain(false);
    comment().focus();
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest(".decide button[name=decision]");
    if (!button || !comment()) return;
    var isMissing = lacksRemark(button);
    complain(isMissing);
    if (!isMissing) return;
    event.preventDefault();
    comment().focus();
  });

  document.addEventListener("input", function (event) {
    if (event.target === comment() && comment().value.trim()) complain(false);
  });

  // On a phone the panel is low until somebody writes; it stays open then, whatever takes the focus.
  document.addEventListener("focusin", function (event) {
    if (event.target === comment()) event.target.form.classList.add("is-writing");
  });

  // Esc leaves what is typed into, so that the keys of the decisions work again.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (event.target.matches && event.target.matches(".pane-act textarea, .pane-act input")) event.target.blur();
  });
})();
