"""Independent recomputation: full approval paths (I9) and listed transitions only (I11)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chengdan.kernel.audit.models import AuditEntry
from chengdan.kernel.verification import Difference, verifier
from chengdan.modules.process.models import Instance, StepRun, Task
from chengdan.modules.process.services.definitions import definitions_lacking
from chengdan.modules.process.subjects import subject_types

CHUNK = 500
_INSTANCE_MOVES = {
    ("running", "done"), ("running", "refused"), ("running", "fault"), ("fault", "running"),
    ("running", "held"), ("held", "running"), ("running", "withdrawn"), ("held", "withdrawn"),
    ("fault", "withdrawn"), ("running", "cancelled"), ("held", "cancelled"),
    ("fault", "cancelled"),
}  # fmt: skip
_ENDED = ("done", "refused", "withdrawn", "cancelled")


@verifier("I9", "approvals complete")
def approvals_verify() -> Iterator[Difference]:
    """Walk every finished run along the text of its own version, without the engine's code."""
    done = Instance.objects.filter(state="done").select_related("definition_version")
    for instance in done.order_by("pk").iterator(chunk_size=CHUNK):
        data = json.loads(instance.definition_version.content)
        steps = {step["code"]: (place, step) for place, step in enumerate(data["steps"])}
        order = [step["code"] for step in data["steps"]]
        runs = [run for run in instance.steps.order_by("sequence") if run.state != "void"]
        where = f"process {instance.pk} ({data['id']})"
        yield from _path_differences(where, order, runs)
        for run in runs:
            if run.code in steps and run.kind == "approval" and run.state == "done":
                yield from _approval_differences(where, steps[run.code][1], run, instance)
        ran = {run.code for run in runs if run.state in ("done", "skipped")}
        yield from _mandatory_differences(where, data, instance.subject_type, ran)


def _path_differences(where: str, order: list[str], runs: list[StepRun]) -> Iterator[Difference]:
    expected = order[0] if order else "end"
    for run in runs:
        if run.code not in (expected, "resubmit") and run.round == 1:
            yield Difference("I9", where, f"step {expected}", f"step {run.code}")
        if run.goto in ("next", "") and run.code in order:
            yield Difference("I9", f"{where} {run.code}", "a recorded way on", "none")
        expected = "resubmit" if run.goto == "initiator" else run.goto
    if expected != "end":
        yield Difference("I9", where, "the end", f"stops at {expected}")


def _approval_differences(
    where: str, step: dict[str, Any], run: StepRun, instance: Instance
) -> Iterator[Difference]:
    tasks = list(Task.objects.filter(step_run=run))
    given = [task for task in tasks if task.state == "done" and task.decision == "approve"]
    mode = step.get("mode", "one")
    live = [task for task in tasks if task.state in ("open", "queued")]
    moved = {task.transferred_from_id for task in tasks}
    needed = [task for task in tasks if task.pk not in moved] if mode in ("all", "in_turn") else []
    if not given or live or any(task.state != "done" for task in needed):
        text = f"{len(given)} of {len(needed) or 1} ({mode})"
        yield Difference("I9", f"{where} {run.code}", "every approval given", text)
    if step.get("if_initiator") == "allow":
        return
    for task in given:
        signers = {task.decided_by_id, task.on_behalf_of_id}
        if instance.initiator_id is not None and instance.initiator_id in signers:
            yield Difference("I9", f"{where} {run.code}", "another approver", "the initiator")


def _mandatory_differences(
    where: str, data: dict[str, Any], subject_type: str, ran: set[str]
) -> Iterator[Difference]:
    entry = subject_types().get(subject_type)
    groups = list(entry.mandatory) if entry is not None else []
    groups += [(step["code"],) for step in data["steps"] if step.get("mandatory")]
    for group in groups:
        if not ran & set(group):
            yield Difference("I9", where, f"step {' or '.join(group)}", "never done")


@verifier("I11", "process texts")
def texts_verify() -> Iterator[Difference]:
    """Find names in the texts that documents run on which this release has not."""
    for lacking in definitions_lacking():
        for mistake in lacking.mistakes:
            yield Difference("I11", lacking.where, "a known name", mistake)


@verifier("I11", "process states")
def states_verify() -> Iterator[Difference]:
    """Follow the states of every run through its audit entries, and look for strays."""
    label = Instance._meta.label_lower
    for instance in Instance.objects.order_by("pk").iterator(chunk_size=CHUNK):
        state = ""
        where = f"process {instance.pk}"
        entries = AuditEntry.objects.filter(target_type=label, target_id=instance.pk)
        for code, content in entries.order_by("sequence").values_list("code", "content"):
            change = json.loads(content)
            before = (change.get("before") or {}).get("state", "")
            after = (change.get("after") or {}).get("state", "")
            if not after:
                continue
            if before != state or (before and (before, after) not in _INSTANCE_MOVES):
                yield Difference("I11", f"{where} {code}", f"from {state or 'nothing'}", before)
            state = after
        if state != instance.state:
            yield Difference("I11", where, state, instance.state)
    yield from _strays()


def _strays() -> Iterator[Difference]:
    standing = StepRun.objects.filter(state__in=["open", "fault"], instance__state__in=_ENDED)
    for pk, instance_id in standing.values_list("pk", "instance_id"):
        yield Difference("I11", f"process {instance_id}", "no open step", f"step {pk}")
    live = Task.objects.filter(state__in=["open", "queued"]).exclude(
        step_run__state__in=["open", "fault"]
    )
    for pk, instance_id in live.values_list("pk", "instance_id"):
        yield Difference("I11", f"process {instance_id}", "no open task", f"task {pk}")
    running = Instance.objects.filter(state="running").exclude(steps__state="open")
    for pk in running.values_list("pk", flat=True):
        yield Difference("I11", f"process {pk}", "one open step", "none")
