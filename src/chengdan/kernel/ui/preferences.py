"""Reading and changing what a person set up for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.errors import FieldIssue, InvalidError, NotFoundError
from chengdan.kernel.transactions import write
from chengdan.kernel.ui.models import SavedView, UiPreference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chengdan.kernel.actor import Actor

MAX_NAME = 60
MAX_QUERY = 2000
MAX_VIEWS = 30


def person(actor: Actor) -> int:
    """The id of the person; 0, which nobody has, for a job."""
    return actor.user_id or 0


@dataclass(frozen=True, slots=True)
class Preference:
    """Columns and density of one list; empty columns mean the list's own choice."""

    columns: tuple[str, ...] = ()
    is_tight: bool = False


def preference_get(actor: Actor, page: str) -> Preference:
    """Return what the actor set up for the page, or the default."""
    row = UiPreference.objects.filter(user_id=person(actor), page=page).first()
    if row is None:
        return Preference()
    columns = tuple(code for code in row.columns if isinstance(code, str))
    return Preference(columns, row.is_tight)


def preference_save(
    *,
    actor: Actor,
    page: str,
    columns: Sequence[str] | None = None,
    is_tight: bool | None = None,
) -> None:
    """Keep columns or density of a page for the actor; None leaves a value as it is."""
    with write():
        row, _created = UiPreference.objects.get_or_create(user_id=person(actor), page=page)
        if columns is not None:
            row.columns = list(columns)
        if is_tight is not None:
            row.is_tight = is_tight
        row.save(update_fields=["columns", "is_tight"])


def saved_views(actor: Actor, page: str) -> list[SavedView]:
    """Return the actor's own views of a page and those shared in the company, own first."""
    shared = Q(is_shared=True) & Q(company_id=actor.company_id)
    rows = SavedView.objects.filter(Q(user_id=person(actor)) | shared, page=page)
    ordered = sorted(rows.order_by("pk")[:MAX_VIEWS], key=lambda v: v.user_id != actor.user_id)
    return list(ordered)


def saved_view_save(
    *, actor: Actor, page: str, name: str, query: str, is_shared: bool
) -> SavedView:
    """Keep a filter under a name; the same name replaces the actor's earlier view.

    Raises:
        InvalidError: an empty or too long name, a too long filter, too many views.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise InvalidError(
            FieldIssue("name", "name", _("Give the view a name of at most 60 characters."))
        )
    if len(query) > MAX_QUERY:
        raise InvalidError(FieldIssue("query", "long", _("This filter is too long to keep.")))
    with write():
        own = SavedView.objects.filter(user_id=person(actor), page=page)
        if own.exclude(name=name).count() >= MAX_VIEWS:
            raise InvalidError(FieldIssue("name", "many", _("Delete a view first: 30 are kept.")))
        view, _created = SavedView.objects.update_or_create(
            user_id=person(actor),
            page=page,
            name=name,
            defaults={"query": query, "is_shared": is_shared, "company_id": actor.company_id},
        )
    return view


def saved_view_delete(*, actor: Actor, view_id: int) -> SavedView:
    """Delete one of the actor's own views and return what it was.

    Raises:
        NotFoundError: no such view, or somebody else's.
    """
    with write():
        view = SavedView.objects.filter(pk=view_id, user_id=person(actor)).first()
        if view is None:
            raise NotFoundError
        view.delete()
    return view
