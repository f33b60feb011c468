"""The state machine's frame: every example begins in the same living company and leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.scenarios.both_sides.base import DisagreeError
from tests.scenarios.both_sides.collecting import BothSides

CUSTOMERS, PRODUCTS = ("和兴", "桂香"), ("HY-0712", "JY-1205")
Fits = Callable[[Any, Any], Any]
Function = Callable[..., None]


def anything(_model: Any, _document: Any) -> bool:
    return True


def on(kind: str, fits: Fits = anything, **values: Any) -> Callable[[Function], Function]:
    """Make a rule of a method that gets one of the model's documents, those that fit.

    Args:
        kind: name of the model's list, such as "orders".
        fits: asked with the model and a document; without any document there is no rule.
        values: strategies of the other arguments.
    """

    def decorate(function: Function) -> Function:
        def act(self: Any, data: st.DataObject, **drawn: Any) -> None:
            function(self, self.one(data, self.fitting(kind, fits)), **drawn)

        act.__name__ = function.__name__
        ruled: Function = rule(data=st.data(), **values)(act)
        made: Function = precondition(lambda self: self.fitting(kind, fits))(ruled)
        return made

    return decorate


class Frame(RuleBasedStateMachine):
    """The program and its model side by side, as `opening` left them.

    What an example writes is undone with its savepoint.
    """

    opening: ClassVar[BothSides]

    def __init__(self) -> None:
        super().__init__()
        self.sides = self.opening.copy()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    @property
    def model(self) -> Any:
        return self.sides.model

    def fitting(self, kind: str, fits: Fits) -> list[Any]:
        return [item for item in getattr(self.model, kind) if fits(self.model, item)]

    def one(self, data: st.DataObject, documents: Sequence[Any]) -> Any:
        """Return one of the documents; its number is drawn."""
        known = {document.number: document for document in documents}
        return known[data.draw(st.sampled_from(sorted(known)), label=type(documents[0]).__name__)]

    def mostly(self, data: st.DataObject, kind: str, fits: Fits) -> Any:
        """Return one of the documents that fit, now and then any."""
        fitting = self.fitting(kind, fits)
        is_any = not fitting or not data.draw(st.integers(0, 5), label="fitting (0: any)")
        return self.one(data, getattr(self.model, kind) if is_any else fitting)

    def teardown(self) -> None:
        try:
            found = self.sides.verify()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
        if found:
            raise DisagreeError("\n".join(found))

    # ------------------------------------------------------------------------------- the company
    @rule(
        what=st.sampled_from(("days_pass", "close_books", "limit")),
        customer=st.sampled_from(CUSTOMERS),
        days=st.integers(0, 20),
        limit=st.integers(1, 80_000),
    )
    def world_changes(self, what: str, customer: str, days: int, limit: int) -> None:
        if what == "limit":
            self.sides.limit(customer, limit)
        else:
            getattr(self.sides, what)(days)

    @precondition(lambda self: self.model.waiting)
    @rule()
    def worker_runs(self) -> None:
        self.sides.work_off()
