/* Quick replies of the inbox, and the remark that a return or refusal needs. */
(function () {
  "use strict";

  function comment() { return document.getElementById("process-comment"); }

  document.addEventListener("click", function (event) {
    var reply = event.target.closest("[data-process-reply]");
    if (!reply || !comment()) return;
    comment().value = reply.dataset.processReply;
    comment().focus();
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest(".decide button[name=decision]");
    if (!button || !comment()) return;
    var isNeeded = button.value === "return" || button.value === "refuse";
    comment().required = isNeeded;
    if (isNeeded && !comment().value.trim()) {
      event.preventDefault();
      comment().focus();
      comment().reportValidity();
    }
  });
})();
