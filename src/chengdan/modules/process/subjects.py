"""What rooms register: documents that run through processes, checks, actions, panels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import FieldIssue
from chengdan.kernel.registry import Registry
from chengdan.kernel.transactions import current_unit
from chengdan.kernel.workcalendar import Pace
from chengdan.modules.people.selectors import signable_register
from chengdan.modules.process.errors import SubjectUnknownError
from chengdan.modules.process.rules.conditions import FactType
from chengdan.modules.process.rules.definition import Step
from chengdan.modules.process.rules.publishing import CheckInfo

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest

__all__ = [
    "Check",
    "FactType",
    "Figure",
    "LateFacts",
    "Place",
    "ProcessSubject",
    "Step",
    "Verdict",
    "action_register",
    "check_register",
    "document_panel_register",
    "subject_register",
]


class LateFacts(Mapping[str, Any]):
    """Facts of which some are looked up only when a condition asks for them."""

    def __init__(self, known: Mapping[str, Any], late: Mapping[str, Callable[[], Any]]) -> None:
        self._known = dict(known)
        self._late = late

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._late[name]()
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known or name in self._late

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known, **self._late})

    def __len__(self) -> int:
        return len({**self._known, **self._late})


class ProcessSubject(ABC):
    """One document as the engine sees it; a room has one class per document type.

    Attributes:
        fact_types: every name that `facts` returns, typed, so that typos in conditions are
            refused when a process is published.
        role_titles: what pages call each role that `responsible` knows; roles of the
            organisation have titles of their own.
        field_titles: what pages call each key of `covered_content` and of its rows.
    """

    fact_types: ClassVar[Mapping[str, FactType]] = {}
    # Step -> whose signatures stand under the pass that has just ended, set before actions run.
    signatures: Mapping[str, list[int]] = {}
    role_titles: ClassVar[Mapping[str, Any]] = {}
    field_titles: ClassVar[Mapping[str, Any]] = {}

    @classmethod
    @abstractmethod
    def load(cls, subject_id: int) -> Self:
        """Return the subject; NotFoundError when there is none."""

    @abstractmethod
    def facts(self) -> Mapping[str, Any]:
        """Return name → Decimal, int, text, flag, date or None, as things are now.

        See `LateFacts` for those that take a read of their own.
        """

    @abstractmethod
    def responsible(self, role: str) -> list[int]:
        """Return the users who answer for this document in the role; [] when nobody does."""

    @abstractmethod
    def unit(self) -> int | None:
        """Return the organisation unit of the document."""

    @abstractmethod
    def company_id(self) -> int:
        """Return the legal entity of the document."""

    @abstractmethod
    def covered_content(self) -> dict[str, Any]:
        """Return what approvals cover, JSON-able; lists hold rows with a `line` or `id` key."""

    @abstractmethod
    def title(self, language: str) -> str:
        """Return how people call the document, for instance "Order SO2611-0387"."""

    @abstractmethod
    def url(self) -> str:
        """Return the address of its page."""

    @abstractmethod
    def __init__(self, document: Any) -> None:
        """Wrap a document that the room has read, locked where it writes."""

    @classmethod
    @abstractmethod
    def locked(cls, subject_id: int) -> Self:
        """Lock the document and whatever its checks and actions write at a lower rank.

        The engine calls it first in every act. What it returns was read after the lock;
        NotFoundError when there is none.
        """

    def renewed(self, subject_id: int) -> Self:
        """Return the subject as actions of a step left it; the act holds the document locked.

        A room whose acts all work on the one locked object needs to read only what else they
        may have changed.
        """
        return type(self).load(subject_id)

    @classmethod
    def by_number(cls, company_id: int, number: str) -> int | None:
        """Return the id of the document with a number; None for none, or without numbers."""
        return None

    def amount(self) -> Decimal | None:
        """Return the gross amount in the company's currency, for lists and deputies."""
        return None

    def initiator(self) -> int | None:
        """Return who submitted it; the actor of the start counts when None."""
        return None

    def party(self) -> str:
        """Return the customer or other party, for lists."""
        return ""

    def highlights(self) -> list[tuple[str, str]]:
        """Return at most two short (text, state) facts for lists; state soon, late or ""."""
        return []

    def replies(self) -> list[str]:
        """Return remarks that are often made about such a document, ready to take."""
        return []

    def batch_key(self) -> str:
        """Return a key equal for look-alikes that may be decided together; "" for none."""
        return ""

    def may_view(self, actor: Actor) -> bool:
        """True when the actor may see the document beyond having a task on it."""
        return False

    def may_act(self, actor: Actor, step_code: str) -> bool:
        """True when the actor may do what a task of the step asks for on the document's page."""
        return True

    def missing_for(self, step_code: str, since: datetime) -> list[FieldIssue]:
        """Return what must be written on the document before a task of the step can be done.

        Args:
            since: when this pass through the step began; what an earlier pass left is no evidence.
        """
        return []

    def act_url(self, step_code: str) -> str:
        """Return where the act is done that writes what `missing_for` asks for."""
        return self.url()

    def progressed(self, place: Place) -> None:  # noqa: B027 - not every document keeps it
        """Note how far the document is; called at the end of every act, in its transaction."""

    def linked(self, name: str) -> list[tuple[str, int]]:
        """Return (subject type, id) of related documents that a `start` step names by `of`."""
        return []


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run is, for lists.

    Attributes:
        states: one per node of the strip: done, run, wait, late, skip or todo.
        step: strip code of the step that stands open, "" when none does.
        pace: which time counts while that step's limit runs; see `Pace`.
        standing: that step's own code; several steps may share a node of the strip.
        is_open: the run has not ended.
    """

    code: str
    states: tuple[str, ...]
    step: str
    due_at: datetime | None
    is_open: bool
    standing: str = ""
    pace: str = Pace.WORKING.value


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found; a verdict is data, never an exception.

    Attributes:
        code: stable code; `message` its text, lazy and with `params` filled in.
        rule: id of the rule shown beside it, such as "CC-3".
        evidence: figures and ids, JSON-able, kept with the step.
        outcome: one of the check's declared outcomes, read by later decisions.
    """

    passed: bool
    code: str = ""
    message: Any = ""
    params: dict[str, Any] = field(default_factory=dict)
    rule: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    outcome: str = ""

    def text(self) -> str:
        """Return the message in the reader's language."""
        return str(self.message) % self.params if self.params else str(self.message)


@dataclass(frozen=True, slots=True)
class Figure:
    """What pages call a figure of a verdict's evidence, and how it reads.

    Attributes:
        kind: money, quantity or text.
    """

    title: Any
    kind: str = "quantity"


class Check:
    """A rule over a document; with `can_reserve` it also holds something for a round.

    Attributes:
        title: what pages call the check.
        outcomes: every outcome a verdict can have; conditions are checked against it.
        outcome_titles: what pages call them.
        outcome_states: soon or late for outcomes after which the document goes on only by
            somebody's decision; pages don't show them as passed.
        figures: what pages show of a verdict's evidence, by the names in it and in its rows.
    """

    title: ClassVar[Any] = ""
    outcomes: ClassVar[tuple[str, ...]] = ()
    outcome_titles: ClassVar[Mapping[str, Any]] = {}
    outcome_states: ClassVar[Mapping[str, str]] = {}
    figures: ClassVar[Mapping[str, Figure]] = {}
    can_reserve: ClassVar[bool] = False

    def evaluate(self, subject: Any) -> Verdict:
        """Return the verdict without writing anything; dry runs use it."""
        raise NotImplementedError

    def reserve(self, subject: Any, round_number: int) -> Verdict:
        """Evaluate and hold what the document needs."""
        raise NotImplementedError

    def release(self, subject: Any, round_number: int) -> None:
        """Free what the round held; also called when nothing is held any more."""
        raise NotImplementedError

    def message(self, code: str, params: dict[str, Any]) -> str:
        """Return the text of a stored verdict in the reader's language; "" shows the stored one."""
        return ""


class Action(Protocol):
    """What a step does to its document; runs inside the act's transaction.

    `actor` is a system actor that names who set the step off; `step` is None for hooks. It writes
    to the database only: when a later step of the act fails, what it wrote is undone and it runs
    once more.
    """

    def __call__(self, actor: Actor, subject: Any, step: Step | None, /) -> object: ...


@dataclass(frozen=True, slots=True)
class SubjectEntry:
    """A registered document type; see `subject_register`."""

    kind: type[ProcessSubject]
    title: Any
    mandatory: tuple[tuple[str, ...], ...]


PanelRenderer = Callable[["HttpRequest", Any], str]

_subjects: Registry[SubjectEntry] = Registry("process subjects")
_checks: Registry[Check] = Registry("process checks")
_actions: Registry[Action] = Registry("process actions")
_panels: Registry[PanelRenderer] = Registry("inbox document panels")


def subject_register(
    subject_type: str,
    kind: type[ProcessSubject],
    *,
    title: Any = "",
    mandatory: tuple[tuple[str, ...] | str, ...] = (),
    seen_as: str = "",
) -> None:
    """Let documents of a type run through processes, and be signed by deputies.

    Args:
        subject_type: label such as "orders.order".
        title: how people call the type.
        mandatory: codes of steps that no version may remove or bypass; a tuple of codes means
            that one of them must run on every way to the end, as ("MA", "ST").
        seen_as: label of the documents whose rights to view open it, default its own.
    """
    groups = tuple((group,) if isinstance(group, str) else group for group in mandatory)
    _subjects.add(subject_type, SubjectEntry(kind, title or subject_type, groups))
    signable_register(subject_type, title or subject_type, seen_as=seen_as)


def check_register(name: str, check: Check | type[Check]) -> None:
    """Give a check (or a class of checks without arguments) the name that definitions use."""
    _checks.add(name, check() if isinstance(check, type) else check)


def action_register(name: str, action: Action) -> None:
    """Give an action the name that definitions use; it must read `room.entity.happened`."""
    if "." not in name:
        raise ValueError(f"action {name!r} needs a dot, to be told from a step")
    _actions.add(name, action)


def document_panel_register(subject_type: str, renderer: PanelRenderer) -> None:
    """Show the document in the inbox: `renderer(request, subject)` returns safe HTML."""
    _panels.add(subject_type, renderer)


def subject_entry(subject_type: str) -> SubjectEntry:
    """Return the registration of a document type.

    Raises:
        SubjectUnknownError: nobody registered it.
    """
    found = _subjects.find(subject_type)
    if found is None:
        raise SubjectUnknownError(subject=subject_type)
    return found


def subject_load(subject_type: str, subject_id: int) -> ProcessSubject:
    """Return the document as a subject."""
    return subject_entry(subject_type).kind.load(subject_id)


def subject_lock(subject_type: str, subject_id: int) -> ProcessSubject:
    """Lock the document and return it as a subject, read after the lock.

    Raises:
        RuntimeError: outside `write()`.
    """
    current_unit()
    return subject_entry(subject_type).kind.locked(subject_id)


def subject_of(subject_type: str, document: Any) -> ProcessSubject:
    """Return a document that the room holds locked, and has saved, as a subject."""
    return subject_entry(subject_type).kind(document)


def subject_types() -> dict[str, SubjectEntry]:
    """Return every registered document type."""
    return dict(_subjects.items())


def check_get(name: str) -> Check:
    """Return the check; KeyError for a typo."""
    return _checks.get(name)


def checks_known() -> dict[str, CheckInfo]:
    """Return what publishing must know of every check."""
    return {name: CheckInfo(item.outcomes, item.can_reserve) for name, item in _checks.items()}


def action_get(name: str) -> Action:
    """Return the action; KeyError for a typo."""
    return _actions.get(name)


def actions_known() -> frozenset[str]:
    """Return the names of all actions."""
    return frozenset(_actions)


def panel_for(subject_type: str) -> PanelRenderer | None:
    """Return what shows such a document in the inbox."""
    return _panels.find(subject_type)
