"""The outbox table and the book of periodic runs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    """What has become of a message."""

    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")


class OutboxMessage(models.Model):
    """One event or job.

    Attributes:
        kind: "event" (fanned out to its handlers) or "job" (run by one handler).
        topic: code of the event or name of the job.
        key: what makes a job unique while it is kept; "" for none.
        payload: JSON.
        leased_until: a worker has it until then.
    """

    kind = models.CharField(max_length=10)
    topic = models.CharField(max_length=100)
    key = models.CharField(max_length=200, blank=True)
    payload = models.TextField()
    company_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    request_id = models.CharField(max_length=32, blank=True)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    run_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "key"], condition=~models.Q(key=""), name="outbox_key_unique"
            )
        ]
        indexes = [
            models.Index(
                fields=["run_at"], condition=models.Q(state="pending"), name="outbox_pending"
            ),
            models.Index(fields=["state", "-id"], name="outbox_state"),
        ]


class PeriodicRun(models.Model):
    """When a periodic task ran last; the row is also the lease against a second scheduler."""

    name = models.CharField(max_length=100, unique=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"
