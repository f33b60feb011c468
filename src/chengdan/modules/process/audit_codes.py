"""Audit codes of the room with their texts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_declare

DEFINITION_PUBLISHED = audit_declare(
    "process.definition.published", _("Version %(version)s published")
)
STARTED = audit_declare("process.instance.started", _("Process started"))
RESUBMITTED = audit_declare("process.instance.resubmitted", _("Submitted again, round %(round)s"))
# One code per decision, so that the history reads in the reader's language; `_for`: by a deputy.
DECIDED = {
    "approve": audit_declare("process.task.approved", _("%(step)s approved")),
    "refuse": audit_declare("process.task.refused", _("%(step)s refused")),
    "return": audit_declare("process.task.returned", _("%(step)s returned")),
    "done": audit_declare("process.task.done", _("%(step)s done")),
}
DECIDED_FOR = {
    "approve": audit_declare(
        "process.task.approved_for",
        _("%(step)s approved for %(principal)s, consent: %(consent)s"),
    ),
    "refuse": audit_declare(
        "process.task.refused_for",
        _("%(step)s refused for %(principal)s, consent: %(consent)s"),
    ),
    "return": audit_declare(
        "process.task.returned_for",
        _("%(step)s returned for %(principal)s, consent: %(consent)s"),
    ),
    "done": audit_declare(
        "process.task.done_for", _("%(step)s done for %(principal)s, consent: %(consent)s")
    ),
}
REPEATED = audit_declare(
    "process.task.repeated", _("%(step)s: closed by the same signature as %(earlier)s")
)
TRANSFERRED = audit_declare(
    "process.task.transferred", _("%(step)s handed from %(giver)s to %(taker)s")
)
COMMENTED = audit_declare("process.task.commented", _("Remark added"))
URGED = audit_declare("process.task.urged", _("%(step)s urged"))
OPENED = audit_declare("process.step.opened", _("%(step)s begun"))
ENDED = audit_declare("process.step.ended", _("%(step)s: %(outcome)s"))
REMINDED = audit_declare("process.step.reminded", _("%(step)s: reminder"))
ESCALATED = audit_declare("process.step.escalated", _("%(step)s: overdue, superior told"))
BREACHED = audit_declare("process.step.breached", _("%(step)s: deadline missed"))
TIMED = audit_declare("process.step.timed", _("%(step)s: timer %(timer)s"))
REOPENED = audit_declare("process.step.reopened", _("%(step)s: content changed, opened again"))
CONTENT_NOTED = audit_declare(
    "process.instance.content_noted", _("Content changed that no finished step covers")
)
FAULTED = audit_declare("process.instance.faulted", _("Stopped by a fault in %(step)s"))
RETRIED = audit_declare("process.instance.retried", _("%(step)s tried again"))
HELD = audit_declare("process.instance.held", _("Put on hold"))
RESUMED = audit_declare("process.instance.resumed", _("Resumed"))
WITHDRAWN = audit_declare("process.instance.withdrawn", _("Taken back"))
CANCELLED = audit_declare("process.instance.cancelled", _("Cancelled"))
FINISHED = audit_declare("process.instance.finished", _("Process done"))
REFUSED = audit_declare("process.instance.refused", _("Process ended by a refusal"))
PROBLEM_OPENED = audit_declare("process.problem.opened", _("Problem record opened"))
PROBLEM_HANDED_OVER = audit_declare(
    "process.problem.handed_over", _("Handed over from %(giver)s to %(taker)s")
)
PROBLEM_EXPLAINED = audit_declare("process.problem.explained", _("Explained"))
PROBLEM_VERIFIED = audit_declare("process.problem.verified", _("Action verified"))
PROBLEM_CLOSED = audit_declare("process.problem.closed", _("Closed"))
PROBLEM_REOPENED = audit_declare("process.problem.reopened", _("Opened again"))

# What people said and did in a run, for the history of the document that it is about.
BY_PEOPLE = (
    *DECIDED.values(), *DECIDED_FOR.values(), REPEATED, TRANSFERRED, COMMENTED, URGED, WITHDRAWN,
)  # fmt: skip
