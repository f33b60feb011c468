"""The engine proper: begins steps, follows routes, parks faults; one `Run` per act.

Every act locks the document first (`loading.run_load`), so an instance is never driven twice at
a time: its steps and the tasks of the standing one are read once and kept until the act is over.
A step is stored when somebody must find it – people with tasks, actions of rooms – or it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from chengdan.kernel import clock
from chengdan.kernel.actor import Actor
from chengdan.kernel.audit import audit_record
from chengdan.kernel.audit.record import canonical
from chengdan.kernel.crash import crashpoint
from chengdan.kernel.outbox import event_publish
from chengdan.kernel.prepared import rows_insert, rows_save
from chengdan.kernel.transactions import current_unit
from chengdan.modules.process import audit_codes
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.rules import conditions
from chengdan.modules.process.rules.definition import (
    END,
    INITIATOR,
    NEXT,
    REFUSE,
    Process,
    Route,
    Step,
)
from chengdan.modules.process.selectors.assignees import Setting
from chengdan.modules.process.selectors.facts import facts_of_run
from chengdan.modules.process.selectors.signers import signatures_of
from chengdan.modules.process.services import automatic, timing
from chengdan.modules.process.services.evidence import digest_of, said_of
from chengdan.modules.process.services.faults import parked, together
from chengdan.modules.process.services.holding import release
from chengdan.modules.process.services.opening import initiator_ask, tasks_open
from chengdan.modules.process.services.places import place_of
from chengdan.modules.process.services.rounds import round_end, round_next
from chengdan.modules.process.services.rows import (
    INSTANCE_FIELDS,
    STEP_FIELDS,
    copies_renew,
    instance_save,
    saves_of,
    steps_of,
    tasks_of,
)
from chengdan.modules.process.subjects import (
    ProcessSubject,
    action_get,
)
from chengdan.modules.process.transitions import INSTANCE, STEP, TASK
from chengdan.modules.process.vocabulary import (
    OPEN_STATES,
    STANDING,
    InstanceEnded,
    InstanceState,
    PeopleTold,
    StepState,
    TaskState,
)

HOPS_MAX = 200
_ENDS = {END: ("finish", audit_codes.FINISHED), REFUSE: ("refuse", audit_codes.REFUSED)}


@dataclass(slots=True)
class Run:
    """One instance under lock, driven on behalf of `actor`.

    Attributes:
        cursor: code of the step to begin next, "" when the run stands.
        is_changed: the instance differs from its row.
        is_together: the steps of the act share a savepoint; see `faults`.
    """

    actor: Actor
    instance: Instance
    process: Process
    subject: ProcessSubject
    cursor: str = ""
    hops: int = 0
    _calendar: timing.Calendar | None = None
    opened: list[int] = field(default_factory=list)
    is_changed: bool = False
    is_told: bool = False
    is_together: bool = False
    _facts: Mapping[str, Any] | None = None
    _steps: list[StepRun] | None = None
    _tasks: dict[int, list[Task]] = field(default_factory=dict)

    # ------------------------------------------------------------------------- surroundings
    @property
    def system(self) -> Actor:
        """The actor of automatic steps; it names who set them off."""
        name = f"{self.process.code} ({self.actor.name})"[:150]
        made = Actor.system(name, self.instance.company_id)
        return replace(made, request_id=self.actor.request_id)

    @property
    def setting(self) -> Setting:
        """What assignments are found in."""
        instance = self.instance
        return Setting(
            self.process,
            self.subject,
            instance.initiator_id,
            instance.company_id,
            instance.unit_id,
        )

    @property
    def calendar(self) -> timing.Calendar:
        """The working calendar of the document's unit."""
        if self._calendar is None:
            instance = self.instance
            self._calendar = timing.calendar_for(instance.unit_id, instance.company_id)
        return self._calendar

    @property
    def is_open(self) -> bool:
        """True while the run stands at a step and has not ended."""
        return self.instance.state in OPEN_STATES and self.current() is not None

    def again(self, actor: Actor, subject: ProcessSubject) -> Run:
        """Return the run for the next decision of the same act, with what this one knows."""
        return Run(
            actor, self.instance, self.process, subject, _calendar=self._calendar,
            _steps=self._steps, _tasks=self._tasks,
        )  # fmt: skip

    @property
    def is_running(self) -> bool:
        """True while steps may begin."""
        return self.instance.state == InstanceState.RUNNING

    def facts(self) -> Mapping[str, Any]:
        """Return the facts of the subject and those that earlier steps gave."""
        if self._facts is None:
            self._facts = self.subject.facts()
        return facts_of_run(self.process, self._facts, self.instance, self.steps)

    @property
    def steps(self) -> list[StepRun]:
        """The history of the instance, by sequence."""
        if self._steps is None:
            self._steps = steps_of(self.instance.pk)
            for step in self._steps:
                step.instance = self.instance
        return self._steps

    def tasks(self, run: StepRun) -> list[Task]:
        """Return the tasks of a stored step in their order, locked."""
        if run.pk not in self._tasks:
            self._tasks[run.pk] = tasks_of(run.pk)
            for task in self._tasks[run.pk]:
                task.step_run = run
        return self._tasks[run.pk]

    def tasks_take(self, tasks: list[Task]) -> None:
        """Use the locked tasks of the standing steps, all of them and in their order."""
        steps = {step.pk: step for step in self.steps}
        for task in tasks:
            task.step_run = steps[task.step_run_id]
            self._tasks.setdefault(task.step_run_id, []).append(task)

    def tasks_add(self, run: StepRun, tasks: list[Task]) -> None:
        """Store new tasks of a step that is new, too, or whose tasks were read."""
        rows_insert(tasks)
        self._tasks.setdefault(run.pk, []).extend(tasks)

    def current(self) -> StepRun | None:
        """Return the step that stands open or parked."""
        return next((run for run in self.steps if run.state in STANDING), None)

    def forget(self) -> None:
        """Read steps and tasks again: the database went back, or somebody else wrote."""
        self._steps = self._facts = None
        self._tasks.clear()

    # ------------------------------------------------------------------------------- driving
    def drive(self) -> None:
        """Begin steps until one waits for somebody or something, or the end is reached."""
        if self.cursor and self.is_running:
            together(self, self._drive)
        else:
            self._stand()

    def _drive(self) -> None:
        while self.cursor and self.is_running:
            step = self.process.step(self.cursor)
            self.cursor = ""
            self.begin(step)
            crashpoint("process.step.begun")
        self._stand()

    def _stand(self) -> None:
        if not self.is_told:
            self.save()
            self.tell_place()

    def begin(self, step: Step) -> None:
        """Begin a step; an automatic one also ends here."""
        self.hops += 1
        run = self.step_add(step.code, step.kind)
        with parked(self, run, "begin"):
            if self.hops > HOPS_MAX:
                raise RuntimeError(f"more than {HOPS_MAX} steps in one act")
            self._enter(step, run)

    def _enter(self, step: Step, run: StepRun) -> None:
        if step.when and not conditions.evaluate(conditions.parse(step.when), self.facts()):
            self.end_step(step, run, StepState.SKIPPED, "skip", NEXT, {"when": step.when})
            return
        if not self.act(step, step.on_start):
            return
        match step.kind:
            case "check":
                self._facts = None
                automatic.check(self, step, run)
            case "decision":
                automatic.decide(self, step, run)
            case "wait":
                automatic.wait(self, step, run)
            case "notify":
                automatic.notify(self, step, run)
            case "start":
                automatic.start(self, step, run)
            case _:
                tasks_open(self, step, run)

    # -------------------------------------------------------------------------------- routes
    def settle(self, step: Step, run: StepRun, verb: str) -> None:
        """End a step that a person or a condition has decided; a fault keeps the decision."""
        with parked(self, run, verb):
            self.route(step, run, verb)

    def route(self, step: Step, run: StepRun, verb: str) -> None:
        """Run the actions of a route and go where it leads."""
        route: Route = step.on_pass if verb == "pass" else step.on_refuse
        if not self.act(step, route.do):
            return
        state = StepState.DONE if verb == "pass" else StepState.REFUSED
        goto = REFUSE if verb == "refuse" and route.goto == END else route.goto
        self.end_step(step, run, state, run.outcome or verb, goto)

    def end_step(
        self,
        step: Step,
        run: StepRun,
        state: str,
        outcome: str,
        goto: str,
        evidence: dict[str, Any] | None = None,
    ) -> None:
        """Close one pass through a step and point the cursor to what follows."""
        verbs = {StepState.DONE: "pass", StepState.SKIPPED: "skip", StepState.RETURNED: "return"}
        run.state = STEP.resolve(run.state, verbs.get(StepState(state), "refuse"))
        run.outcome = outcome[:40]
        run.goto = self._target(step, goto)
        run.evidence = {**run.evidence, **(evidence or {})}
        run.ended_at, run.wake_at = clock.now(), None
        is_known = run.pk is not None
        self.step_save(run)
        if step.is_human and is_known:
            self.tasks_void(run)
        if not step.is_human:
            said = said_of(self.process, run)
            self.record(audit_codes.ENDED, {"step": step.code, "outcome": said})
        self._go(step, run.goto)

    def _target(self, step: Step, goto: str) -> str:
        if goto != NEXT:
            return goto
        following = step.index + 1
        return self.process.steps[following].code if following < len(self.process.steps) else END

    def _go(self, step: Step, target: str) -> None:
        if target in _ENDS:
            self.finish(target)
        elif target == INITIATOR:
            initiator_ask(self)
        else:
            if self.process.step(target).index <= step.index:
                round_next(self, "return", self.process.step(target).index)
            self.cursor = target

    def finish(self, target: str) -> None:
        """End the instance as done or refused, after the actions for that end."""
        verb, code = _ENDS[target]
        hook = "done" if target == END else "refused"
        if not self.act(None, self.process.hooks.get(hook, ())):
            return
        if target == REFUSE:
            release(self, 0)
        self.close(verb, code)

    def close(self, verb: str, code: str, reason: str = "") -> None:
        """Move the instance to an end state and record it."""
        before = self.instance.state
        self.instance.state = INSTANCE.resolve(before, verb)
        self.instance.ended_at = clock.now()
        round_end(self)
        self.cursor, self.is_changed = "", True
        self.save()
        self.tell_place()
        self.is_told = True
        self.record(code, {}, before={"state": before}, reason=reason)
        instance = self.instance
        event_publish(
            self.actor,
            InstanceEnded(
                instance.pk,
                self.process.code,
                instance.subject_type,
                instance.subject_id,
                instance.state,
            ),
        )

    def content(self) -> str:
        """Return the covered content as it is now, in canonical form."""
        return canonical(self.subject.covered_content())

    # ---------------------------------------------------------------------------- small parts
    def step_add(self, code: str, kind: str) -> StepRun:
        """Add the next pass to the history of the instance; not stored yet."""
        run = StepRun(
            instance=self.instance,
            code=code,
            kind=kind,
            round=self.instance.round,
            sequence=self.steps[-1].sequence + 1 if self.steps else 1,
            started_at=clock.now(),
            content_hash=digest_of(self.instance.content),
        )
        self.steps.append(run)
        return run

    def step_save(self, run: StepRun) -> None:
        """Store what the act changed on a step; a new one is stored with its neighbours."""
        if run.pk is not None:
            rows_save([run], STEP_FIELDS)

    def steps_store(self) -> None:
        """Store the new steps in one statement."""
        new = [run for run in self._steps or () if run.pk is None]
        if new:
            rows_insert(new)

    def limit(self, step: Step, run: StepRun) -> None:
        """Set by when a step that begins now must be done, if it has a limit."""
        if step.limit is None:
            return
        dates = {}
        if step.limit.get("after"):
            facts = self.facts()
            dates = {name: value for name, value in facts.items() if isinstance(value, date)}
        run.due_at = self.calendar.due(step.limit, run.started_at, dates)
        run.due_pace = self.calendar.pace(step.limit)

    def act(self, step: Step | None, names: tuple[str, ...]) -> bool:
        """Run actions of the room; return False when one of them ended the instance."""
        if not names:
            return True
        acting: set[int] = current_unit().memo.setdefault("process_acting", set())
        is_outer = self.instance.pk not in acting
        acting.add(self.instance.pk)
        self._store()
        self._facts = None
        self.subject.signatures = signatures_of(self._tasks.values())
        before = saves_of(self.instance.pk)
        try:
            for name in names:
                action_get(name)(self.system, self.subject, step)
        finally:
            if is_outer:
                acting.discard(self.instance.pk)
        if saves_of(self.instance.pk) != before:
            self.instance.refresh_from_db()
            self.forget()
        if not self.is_running:
            self.cursor = ""
            return False
        self.subject = self.subject.renewed(self.instance.subject_id)
        content = self.content()
        self.is_changed = self.is_changed or content != self.instance.content
        self.instance.content = content
        return True

    def _store(self) -> None:
        """Let rooms find the instance and the step that has just begun."""
        if self.is_changed:
            self.save()
        self.steps_store()

    def tasks_void(self, run: StepRun) -> None:
        """Close the tasks of a step that nobody needs to do any more."""
        live = (TaskState.OPEN, TaskState.QUEUED)
        tasks = [task for task in self.tasks(run) if task.state in live]
        for task in tasks:
            task.state = TASK.resolve(task.state, "void")
            task.version += 1
        rows_save(tasks, ["state", "version"])

    def stop(self, run: StepRun | None) -> None:
        """Void a standing step with its tasks because the instance ends from outside."""
        if run is None:
            return
        run.state = STEP.resolve(run.state, "void")
        run.ended_at, run.wake_at = clock.now(), None
        run.save(update_fields=["state", "ended_at", "wake_at"])
        self.tasks_void(run)

    def tell(
        self, kind: str, people: list[int], step: str = "", texts: dict[str, str] | None = None
    ) -> None:
        """Let the notice system tell people something."""
        if people:
            at = clock.now().isoformat()
            event = PeopleTold(self.instance.pk, kind, sorted(set(people)), step, texts, at)
            event_publish(self.actor, event)

    def record(
        self,
        code: str,
        params: dict[str, Any],
        *,
        before: dict[str, Any] | None = None,
        reason: str = "",
        actor: Actor | None = None,
    ) -> None:
        """Add to the audit of the instance; `before` holds its state when that changed."""
        after = {"state": self.instance.state} if before else None
        audit_record(
            actor or self.actor, code, self.instance, before=before, after=after,
            params=params, reason=reason,
        )  # fmt: skip

    def save(self) -> None:
        """Store the instance with fresh copies for lists, when anything differs from its row."""
        instance = self.instance
        has_new = self.is_running and copies_renew(instance, self.subject)
        if instance.pk is None:
            rows_insert([instance])
        elif self.is_changed or has_new:
            instance.version += 1
            instance_save(instance, INSTANCE_FIELDS)
        self.is_changed = False

    def tell_place(self) -> None:
        """Let the document keep how far it is."""
        latest = {run.code: run for run in self.steps}
        self.subject.progressed(place_of(self.process, self.instance, latest))
