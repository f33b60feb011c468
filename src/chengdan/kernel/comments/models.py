"""Comments."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.audit.guard import audited


@audited()
class Comment(models.Model):
    """One remark of one person on one document; removing hides it."""

    target_type = models.CharField(max_length=60)
    target_id = models.BigIntegerField()
    company_id = models.BigIntegerField(null=True)
    author_id = models.BigIntegerField(null=True)
    author_name = models.CharField(max_length=150)
    text = models.TextField(max_length=5000)
    mentioned = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        indexes = [models.Index(fields=["target_type", "target_id"], name="comment_target")]
