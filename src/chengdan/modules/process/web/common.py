"""Small things every page of the room uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chengdan.modules.people.selectors import role_titles
from chengdan.modules.process.rules.definition import Texts, text_of
from chengdan.modules.process.rules.differences import Change
from chengdan.modules.process.subjects import subject_types


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return a posted whole number, None when it is missing or no number."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def text(texts: Texts) -> str:
    """Return a text of a definition in the reader's language."""
    return text_of(texts, get_language() or "zh-hans")


def policy_texts() -> dict[str, Any]:
    """Return what the policies of assignment mean, as readers see it."""
    return {
        "nobody_owner": _("Nobody was found, so the owner of the process decides."),
        "nobody_administrator": _("Nobody was found, so an administrator decides."),
        "nobody_waits": _("Nobody was found whose signature counts, so this is to be handed on."),
        "initiator_superior": _("The submitter would have approved; the superior decides."),
        "initiator_skipped": _("The submitter would have approved and is left out."),
    }


@dataclass(frozen=True, slots=True)
class RoleTitles:
    """What roles are called: those of the organisation, and those that documents know."""

    organisation: Mapping[str, str]
    own: Mapping[str, Any]

    def of(self, code: str, way: str = "role") -> str:
        """Return the title of a role; documents may call a responsible person differently."""
        own = self.own.get(code) if way == "responsible" else None
        return str(own or self.organisation.get(code, code))


def role_titles_for(subject_type: str) -> RoleTitles:
    """Return the titles of roles in processes of a kind of document."""
    entry = subject_types().get(subject_type)
    return RoleTitles(role_titles(), entry.kind.role_titles if entry is not None else {})


def reason_text(reason: dict[str, Any], titles: RoleTitles) -> str:
    """Return how a person was found."""
    value, way = str(reason.get("value", "")), str(reason.get("by", ""))
    if way in ("role", "responsible"):
        value = titles.of(value, way)
    words = {
        "initiator": _("submitter"),
        "responsible": _("responsible as %(value)s"),
        "role": _("holds the role %(value)s"),
        "seat": _("holds the seat %(value)s"),
        "superior": _("superior"),
        "unit_head": _("head of the unit"),
        "person": _("named in the process"),
        "field": _("named in the document (%(value)s)"),
        "transfer": _("handed on"),
        "initiator_superior": _("superior of the submitter"),
        "nobody_owner": _("owner of the process, because nobody was found"),
        "nobody_administrator": _("administrator, because nobody was found"),
    }
    found = words.get(way, "")
    return found % {"value": value} if "%(" in found else found


def change_shown(change: Change, titles: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change of covered content with its field and values in the reader's words."""

    def value_text(value: Any) -> Any:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Mapping):
            pairs = [
                (titles.get(key, key), value_text(part)) for key, part in value.items() if part
            ]
            return " · ".join(f"{title} {text}" for title, text in pairs)
        return value

    return {
        "field": _field_text(change.path, titles), "before": value_text(change.before),
        "after": value_text(change.after), "kind": change.kind,
    }  # fmt: skip


def _field_text(path: Sequence[str], titles: Mapping[str, Any]) -> str:
    if len(path) > 1 and path[0] == "lines":
        line = _("Line %(number)s") % {"number": path[1]}
        return " · ".join([line, *(str(titles.get(name, name)) for name in path[2:])])
    return " · ".join(str(titles.get(name, name)) for name in path)
