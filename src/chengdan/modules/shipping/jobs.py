"""What the worker does by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import periodic
from chengdan.kernel.parameters import parameter_value
from chengdan.kernel.workcalendar import due_at
from chengdan.kernel.zones import company_time
from chengdan.modules.people.selectors import unit_calendar
from chengdan.modules.process.services import ProblemDraft, problem_open
from chengdan.modules.process.vocabulary import ProblemSource, problem_topic_declare
from chengdan.modules.shipping import vocabulary as words
from chengdan.modules.shipping.models import DeliveryNote
from chengdan.modules.shipping.services.tell import note_people
from chengdan.modules.shipping.vocabulary import NoteStatus

TOPIC = problem_topic_declare(
    "sp.48h", _("Delivery note %(number)s did not leave within %(hours)s hours: explain why.")
)


@periodic("shipping.explain_sweep", every_seconds=600)
def explain_sweep() -> int:
    """Ask for a written explanation of every note that did not leave in time (SHP-03).

    Elapsed hours from the receipt of the note; the unit of the warehouse may leave non-working
    days out (SHP-38). One record per note, however often it runs.
    """
    opened = 0
    now = clock.now()
    late = DeliveryNote.objects.filter(
        status=NoteStatus.OPEN, received_at__lt=now - timedelta(hours=1)
    ).select_related("warehouse")
    for note in late.order_by("pk").iterator():
        hours = parameter_value(note.company_id, words.EXPLAIN_HOURS)
        calendar = unit_calendar(note.warehouse.unit_id)
        due = due_at({"hours": hours}, note.received_at, calendar, note.company_id).at
        if due > now:
            continue
        answering = [*note_people(note, "scr"), *note_people(note, "owner")]
        draft = ProblemDraft(
            company_id=note.company_id,
            owner_id=next(iter(answering), note.owner_id),
            source=ProblemSource.BREACH,
            topic=TOPIC,
            unit_id=note.warehouse.unit_id,
            subject_type=words.NOTE,
            subject_id=note.pk,
            key=f"shipping.explain:{note.pk}",
            facts={
                "number": note.number,
                "hours": hours,
                "received_at": note.received_at.isoformat(),
                "due_at": due.isoformat(),
            },
        )
        actor = Actor.system("shipping.explain", note.company_id)
        with company_time(note.company_id):
            opened += problem_open(actor=actor, draft=draft) is not None
    return opened
