"""The open tasks of a manager's people, behind the figures of the workbench."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.ui import ChoiceFilter, Column, Empty, ListPage, PickFilter, View
from chengdan.modules.people.selectors.choices import person_choice
from chengdan.modules.process.models import Task
from chengdan.modules.process.selectors.countdown import step_left
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.running import step_title
from chengdan.modules.process.selectors.team import team_tasks_visible
from chengdan.modules.process.vocabulary import INSTANCE_VIEW
from chengdan.modules.process.web.common import text


def _late(values: Sequence[str], actor: Actor) -> Q:
    return Q(due_at__lt=clock.now())


def _person(actor: Actor, pk: int) -> str:
    return person_choice(pk) or ""


class TeamTasks(ListPage[Task]):
    """What the people below the reader have to do, where its documents are open to the reader."""

    code, title, permission = "process.team", _("Tasks of my team"), INSTANCE_VIEW
    columns = (
        Column("document", _("Document"), value=lambda row: text(row.instance.titles),
               phone="title", clip=True),
        Column("party", _("Party"), value="instance.party", clip=True),
        Column("step", _("Step"), phone="line", value=lambda row: step_title(
            process_of(row.instance.definition_version), row.step_run.code)),
        Column("person", _("Person"), value="assignee.display_name", phone="line"),
        Column("left", _("Left"), kind="due", phone="side",
               value=lambda row: step_left(row.instance, row), sort="due"),
    )  # fmt: skip
    sorts = {"due": "due_at"}
    default_sort = "due"
    filters = (
        ChoiceFilter(name="late", title=_("Late"), multiple=False, choices=[("1", _("late"))],
                     apply=_late),
        PickFilter(name="person", title=_("Person"), field="assignee_id",
                   url_name="process:person_pick", label=_person),
    )  # fmt: skip
    views = (View("late", _("Late"), "late=1", state="late"),)
    empty = Empty(_("Nobody has an open task"), _("Tasks of the people below you come here."))

    def queryset(self, actor: Actor) -> QuerySet[Task]:
        rows = team_tasks_visible(actor)
        return rows.select_related(
            "instance__definition", "instance__definition_version", "step_run", "assignee"
        )

    def row_url(self, row: Task) -> str:
        return reverse("process:instance", args=[row.instance_id])
