"""The toy document type of the process tests: subject, checks, actions."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, Self

from chengdan.kernel.actor import Actor
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.locking import LockRank, lock_one
from chengdan.modules.people.models import Company
from chengdan.modules.process.services import (
    Check,
    FactType,
    ProcessSubject,
    Verdict,
    process_cancel,
)
from tests.fixtures.process import BOOK, TOY, ToyDocument


class ToySubject(ProcessSubject):
    fact_types: ClassVar = {
        "amount": FactType("number"),
        "band": FactType("text", ("small", "big", "huge")),
        "is_paid": FactType("flag"),
        "boss": FactType("number"),
    }

    def __init__(self, number: int, document: ToyDocument) -> None:
        self.number, self.document = number, document

    @classmethod
    def load(cls, subject_id: int) -> Self:
        if subject_id not in BOOK.documents:
            raise NotFoundError
        return cls(subject_id, BOOK.documents[subject_id])

    def facts(self) -> dict[str, Any]:
        found = self.document
        boss = (found.people.get("boss") or [None])[0]
        return {
            "amount": found.amount, "band": found.band, "is_paid": found.is_paid, "boss": boss,
        }  # fmt: skip

    def responsible(self, role: str) -> list[int]:
        return self.document.people.get(role, [])

    def unit(self) -> int | None:
        return self.document.unit_id

    def company_id(self) -> int:
        return self.document.company_id

    def amount(self) -> Decimal | None:
        return self.document.amount

    def initiator(self) -> int | None:
        return self.document.owner_id

    def covered_content(self) -> dict[str, Any]:
        lines = [{"line": 1, "price": self.document.price}]
        return {"form": 1, "quality": self.document.quality, "lines": lines}

    def title(self, language: str) -> str:
        return f"Paper {self.number}"

    def party(self) -> str:
        return f"Party {self.number}"

    def batch_key(self) -> str:
        return "alike"

    def url(self) -> str:
        return f"/toys/{self.number}/"

    @classmethod
    def locked(cls, subject_id: int) -> Self:
        lock_one(Company, cls.load(subject_id).document.company_id, LockRank.MASTER)
        return cls.load(subject_id)


class Quality(Check):
    outcomes: ClassVar = ("good", "bad")

    def evaluate(self, subject: Any) -> Verdict:
        BOOK.break_on("quality")
        quality = subject.document.quality
        return Verdict(
            quality == "good", quality, "It is %(q)s", {"q": quality}, "QC-1", outcome=quality
        )


class Money(Check):
    can_reserve: ClassVar = True
    outcomes: ClassVar = ("within", "over")

    def evaluate(self, subject: Any) -> Verdict:
        return Verdict(True, outcome="over" if subject.document.amount > 1000 else "within")

    def reserve(self, subject: Any, round_number: int) -> Verdict:
        subject.document.held.append(round_number)
        BOOK.break_on("money")
        return self.evaluate(subject)

    def release(self, subject: Any, round_number: int) -> None:
        subject.document.held.remove(round_number)


def checks() -> dict[str, Check]:
    return {"toy.quality": Quality(), "toy.money": Money()}


def _happen(name: str) -> Callable[..., None]:
    def act(actor: Actor, subject: Any, step: Any) -> None:
        BOOK.break_on(name)
        subject.document.happened.append(name)

    return act


def _cancel(actor: Actor, subject: Any, step: Any) -> None:
    subject.document.happened.append("cancelled")
    process_cancel(actor=actor, subject_type=TOY, subject_id=subject.number, reason="too late")


NAMES = ("approved", "refused", "returned", "resubmitted", "withdrawn", "printed", "begun")


def actions() -> dict[str, Callable[..., None]]:
    return {**{f"toy.paper.{name}": _happen(name) for name in NAMES}, "toy.paper.cancel": _cancel}
