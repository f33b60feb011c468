"""What the room plugs into the kernel: bell, navigation, notices, sweeps, verifiers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chengdan.kernel.actor import Actor
from chengdan.kernel.outbox import work_titles_register
from chengdan.kernel.reference import reference_tables
from chengdan.kernel.ui import NavItem, frame_url_set, hooks_set, nav_register
from chengdan.kernel.ui.hooks import InboxSummary
from chengdan.modules.people.selectors import OpenWork, open_work_register
from chengdan.modules.process import handlers, histories, jobs, notices, verification
from chengdan.modules.process import vocabulary as words
from chengdan.modules.process.models import Definition, DefinitionVersion
from chengdan.modules.process.selectors import bell
from chengdan.modules.process.services import tasks_held


def _inbox(actor: Actor) -> InboxSummary | None:
    if actor.user_id is None or actor.company_id is None:
        return None
    count, nearest = bell(actor)
    return InboxSummary(count, nearest)


def _open_tasks(user_id: int) -> list[OpenWork]:
    count = len(tasks_held(user_id))
    if not count:
        return []
    title = ngettext("%(count)s open task", "%(count)s open tasks", count) % {"count": count}
    text = _("Each goes to whoever its step finds then; where it finds nobody, the process stops.")
    return [OpenWork(title, text)]


reference_tables("process", Definition, DefinitionVersion)
hooks_set(inbox=_inbox)
open_work_register("process.tasks", _open_tasks)
frame_url_set(inbox="process:inbox")
work_titles_register(
    {
        "process.instance_ended": _("A process has ended"),
        "process.people_told": _("The process tells people something"),
        "process.promise_missed": _("A promise was missed"),
        "process.tasks_opened": _("People have new tasks"),
        "process.tasks_rehome_disabled": _("Hand on the tasks of a disabled account"),
        "process.tasks_rehome_seat": _("Hand on the tasks of a position"),
        "process.task_rehome": _("Hand on one task"),
        "process.tasks_tell": _("Tell people about new tasks"),
        "process.people_tell": _("Send what the process tells people"),
        "process.deadlines": _("Watch deadlines"),
    }
)
nav_register(
    NavItem("inbox", _("Inbox"), "inbox", "process:inbox", order=5, group=1),
    NavItem(
        "process_library", _("Process library"), "sitemap", "process:library",
        words.DEFINITION_VIEW, order=800, group=8,
    ),
    NavItem(
        "process_problems", _("Problem records"), "clipboard", "process:problems",
        words.PROBLEM_VIEW, order=810, group=8,
    ),
    NavItem(
        "process_runs", _("Running processes"), "player-play", "process:instances",
        words.INSTANCE_VIEW, order=820, group=8, parent="process_library",
    ),
)  # fmt: skip

__all__ = ["handlers", "histories", "jobs", "notices", "verification"]
