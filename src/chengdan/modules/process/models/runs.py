"""What runs: instances with their rounds, steps, tasks, reservations and comments."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.fields import AmountField
from chengdan.kernel.workcalendar.worktime import Pace
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.process.vocabulary import (
    OPEN_STATES,
    Decision,
    InstanceState,
    StepState,
    TaskState,
)


@audited()
class Instance(models.Model):
    """One run of a version of a process for one document.

    Attributes:
        round: counted over all runs of the process for the document; a return adds one.
        titles, party, amount, highlights: copies for the inbox, renewed as the run goes on.
        content: canonical JSON of the covered content as acknowledged last.
    """

    scope_fields = ScopeFields(owner="initiator_id", unit="unit_id", company="company_id")

    definition = models.ForeignKey("process.Definition", models.PROTECT, related_name="instances")
    definition_version = models.ForeignKey(
        "process.DefinitionVersion", models.PROTECT, related_name="instances"
    )
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    unit = models.ForeignKey("people.OrgUnit", models.PROTECT, null=True, related_name="+")
    initiator = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    state = models.CharField(
        _("state"), max_length=10, choices=InstanceState.choices, default=InstanceState.RUNNING
    )
    round = models.PositiveIntegerField(_("round"), default=1)
    titles = models.JSONField(default=dict)
    party = models.CharField(max_length=200, blank=True)
    amount = AmountField(null=True)  # the field's stubs know no null
    highlights = models.JSONField(default=list)
    batch_key = models.CharField(max_length=120, blank=True)
    content = models.TextField(blank=True)
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    fault_owner = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("process run")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["definition", "subject_type", "subject_id"],
                condition=Q(state__in=OPEN_STATES),
                name="process_instance_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="process_instance_subject"),
            models.Index(
                fields=["company", "definition"],
                condition=Q(state__in=OPEN_STATES),
                name="process_instance_open",
            ),
            models.Index(fields=["initiator", "-id"], name="process_instance_mine"),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} {self.subject_type} {self.subject_id}"


@audited("process.Instance")
class InstanceRound(models.Model):
    """The covered content as it was when a round began and when it ended."""

    instance = models.ForeignKey(
        "process.Instance", models.CASCADE, related_name="rounds", db_index=False
    )
    round = models.PositiveIntegerField()
    reason = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    content = models.TextField()
    ended_at = models.DateTimeField(null=True)
    end_content = models.TextField(blank=True)

    class Meta:
        ordering = ["instance", "round"]
        constraints = [
            models.UniqueConstraint(fields=["instance", "round"], name="process_round_number")
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} round {self.round}"


@audited("process.Instance")
class StepRun(models.Model):
    """One pass of an instance through a step.

    Attributes:
        sequence: place in the history of the instance.
        due_at, due_pace: when the step is due, and which time counts until then.
        wake_at: next instant at which the sweep has something to do with it.
        goto: where the instance went afterwards: a step, `end`, `refuse` or `initiator`.
        evidence: verdict, facts, row of a decision, policies, timers fired, fault.
        content_hash: digest of the covered content that was seen.
    """

    instance = models.ForeignKey(
        "process.Instance", models.CASCADE, related_name="steps", db_index=False
    )
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    round = models.PositiveIntegerField()
    sequence = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=StepState.choices, default=StepState.OPEN)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    due_pace = models.CharField(max_length=10, default=Pace.WORKING.value)
    wake_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True)
    goto = models.CharField(max_length=40, blank=True)
    evidence = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["instance", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["instance", "sequence"], name="process_step_sequence"),
            models.UniqueConstraint(
                fields=["instance"],
                condition=Q(state__in=[StepState.OPEN, StepState.FAULT]),
                name="process_step_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["wake_at", "id"],
                condition=Q(state=StepState.OPEN, wake_at__isnull=False),
                name="process_step_wake",
            )
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.code}"


@audited("process.Instance")
class Task(models.Model):
    """One person's part of a step.

    Attributes:
        assignee: whose task it is; a deputy decides it on the assignee's behalf.
        reason: how the person was found, as code and parameters.
        order: place in an in-turn step.
        data: what the act recorded besides the comment.
    """

    step_run = models.ForeignKey("process.StepRun", models.CASCADE, related_name="tasks")
    instance = models.ForeignKey("process.Instance", models.CASCADE, related_name="tasks")
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=60)
    assignee = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    reason = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    due_pace = models.CharField(max_length=10, default=Pace.WORKING.value)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    comment = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    is_automatic = models.BooleanField(default=False)
    decided_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    on_behalf_of = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    consent = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)
    seen_hash = models.CharField(max_length=64, blank=True)
    urged_at = models.DateTimeField(null=True)
    transferred_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["step_run", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["step_run", "assignee"],
                condition=Q(state__in=[TaskState.OPEN, TaskState.QUEUED]),
                name="process_task_one_open",
            ),
            models.CheckConstraint(
                name="process_task_decided",
                condition=~Q(state=TaskState.DONE)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "company", "due_at", "id"],
                condition=Q(state=TaskState.OPEN),
                name="process_task_inbox",
            ),
            models.Index(
                fields=["decided_by", "-decided_at"],
                condition=Q(state=TaskState.DONE),
                name="process_task_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_run_id} {self.assignee_id}"


@audited("process.Instance")
class Reservation(models.Model):
    """A check holds something for a round until it is released or the process is done."""

    instance = models.ForeignKey("process.Instance", models.CASCADE, related_name="reservations")
    step_code = models.CharField(max_length=40)
    check_name = models.CharField(max_length=60)
    round = models.PositiveIntegerField()
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "step_code"],
                condition=Q(released_at__isnull=True),
                name="process_reservation_one_held",
            )
        ]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.step_code} round {self.round}"


@audited("process.Instance")
class TaskComment(models.Model):
    """A remark beside the decisions."""

    instance = models.ForeignKey("process.Instance", models.CASCADE, related_name="comments")
    task = models.ForeignKey("process.Task", models.SET_NULL, null=True, related_name="comments")
    author = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=150)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.instance_id} {self.author_name}"
