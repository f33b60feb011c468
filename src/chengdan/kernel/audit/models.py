"""Audit tables."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.immutability import immutable_table


class AuditEntry(models.Model):
    """One change of one document; never altered, never deleted.

    Attributes:
        sequence: 1, 2, 3 … per document.
        content: canonical JSON of before, after and params; what the digest covers.
        form: version of the canonical form, so that a later one can exist beside it.
        digest: SHA-256 over this entry and the digest of the one before.
    """

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    company_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=100)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    on_behalf_of_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10)
    request_id = models.CharField(max_length=32)
    reason = models.TextField(blank=True)
    content = models.TextField()
    form = models.PositiveSmallIntegerField(default=1)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["target_type", "target_id", "sequence"], name="audit_sequence"
            )
        ]


class AuditPersonal(models.Model):
    """A personal value an entry refers to by digest; the value can be erased, the chain stays."""

    digest = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=32)
    value = models.TextField(null=True)  # noqa: DJ001  None means erased, "" is a value

    class Meta:
        app_label = "kernel"


class AuditAnchor(models.Model):
    """Digest over the heads of all documents touched on a day, plus the anchor before."""

    day = models.DateField(unique=True)
    documents = models.PositiveIntegerField()
    entries = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "kernel"


immutable_table("kernel_auditentry")
immutable_table("kernel_auditanchor")
