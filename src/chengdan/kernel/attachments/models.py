"""What is known of an attached file; the bytes lie under `ATTACHMENT_ROOT`."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.audit.guard import audited


@audited()
class Attachment(models.Model):
    """One file of one document; removing hides it, the row and the bytes stay.

    Attributes:
        stored_name: random; says nothing about the file.
        name: as the person called it, cleaned.
        kind: what the content is, such as pdf.
    """

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    company_id = models.BigIntegerField(null=True)
    stored_name = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=10)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_by_name = models.CharField(max_length=150)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["target_type", "target_id"], name="attachment_target")]
