"""What the processes of the engine's races and crash tests do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.errors import DomainError
from chengdan.kernel.verification import verify_all
from chengdan.modules.process import subjects
from chengdan.modules.process.models import ProblemRecord, StepRun, Task
from chengdan.modules.process.services import deadlines_sweep, task_decide
from tests import toys
from tests.fixtures import process as f

subjects._subjects._items[f.TOY] = subjects.SubjectEntry(toys.ToySubject, "Paper", ())
subjects._checks._items.update(toys.checks())
subjects._actions._items.update(toys.actions())
Place = tuple[int, int, int, dict[str, int]]


def _document(town: f.Town, number: int) -> None:
    f.BOOK.add(number, f.ToyDocument(town.company_id, town.unit_id, town.user["sara"]))


def prepare(documents: int) -> dict[str, Any]:
    """Start one run per document with a step that two people may decide."""
    town = f.town_make()
    engine = f.Engine(town, f.BOOK)
    assign = [{"role": "csr"}, {"role": "ssg_leader"}]
    step = f.toy_step("MA", "approval", mode="any", assign=assign)
    engine.publish(step, f.toy_step("BG", "task", assign={"role": "finance_clerk"}))
    tasks = []
    for number in range(1, documents + 1):
        _document(town, number)
        instance = engine.start(number)
        tasks.append(list(instance.tasks.order_by("order").values_list("pk", flat=True)))
    place = [town.company_id, town.root_id, town.unit_id, town.user]
    return {"town": place, "tasks": tasks}


def decide(town: Place, number: int, name: str, task: int, decision: str) -> str:
    """Decide one task; return "done", or the refusal with the name it tells."""
    here = f.Town(*town)
    _document(here, number)
    try:
        task_decide(actor=here.actor(name), task_id=task, decision=decision, comment="race")
    except DomainError as error:
        return f"{error.code} {error.params.get('name', '')}".strip()
    return "done"


def counts() -> dict[str, Any]:
    """Return decisions, following steps, audit entries, and what the verifiers say."""
    return {
        "decided": Task.objects.filter(step_run__code="MA", state="done").count(),
        "following": StepRun.objects.filter(code="BG").count(),
        "audited": AuditEntry.objects.filter(code="process.task.approved").count(),
        "differences": [str(found) for found in verify_all()],
        "states": [
            list(row) for row in StepRun.objects.order_by("pk").values_list("code", "state")
        ],
    }


def late_prepare(documents: int) -> list[Any]:
    """Start runs whose promise is missed an hour later."""
    with clock.at(f.NOW):
        town = f.town_make()
        engine = f.Engine(town, f.BOOK)
        limit = {"working_minutes": 30}
        engine.publish(f.toy_step("OA", "task", assign={"role": "csr"}, promise=True, limit=limit))
        for number in range(1, documents + 1):
            _document(town, number)
            engine.start(number)
    return [town.company_id, town.root_id, town.unit_id, town.user]


def sweep(town: Place, documents: int) -> int:
    """Sweep two hours later."""
    for number in range(1, documents + 1):
        _document(f.Town(*town), number)
    with clock.at(f.NOW + timedelta(hours=2)):
        return deadlines_sweep()


def records() -> list[int]:
    """Return how many problem records and noted misses there are."""
    missed = AuditEntry.objects.filter(code="process.step.breached").count()
    return [ProblemRecord.objects.count(), missed]
