"""Texts of the notices that the engine sends."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from chengdan.kernel.notices import notice_kind_declare

TASK = notice_kind_declare("process.task", _("To do: %(title)s · %(step)s"))
_TITLES: dict[str, Any] = {
    "notify": _("%(title)s: %(text)s"),
    "reminder": _("Due soon: %(title)s · %(step)s"),
    "overdue": _("Overdue: %(title)s · %(step)s"),
    "escalation": _("Overdue in your team: %(title)s · %(step)s"),
    "urge": _("You are asked to hurry: %(title)s · %(step)s"),
    "fault": _("Stopped by a fault: %(title)s · %(step)s"),
    "signed": _("%(text)s signed for you: %(title)s · %(step)s"),
    "explained": _("Problem record %(step)s is explained: %(text)s"),
    "problem": _("Problem record %(step)s waits for your explanation"),
    "passed": _("Problem record %(step)s is no longer yours: %(text)s explains it"),
}
KINDS = {kind: notice_kind_declare(f"process.{kind}", title) for kind, title in _TITLES.items()}
