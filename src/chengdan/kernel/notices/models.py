"""Notices, one row per reader."""

from __future__ import annotations

from django.db import models


class Notice(models.Model):
    """Something a person should know.

    Attributes:
        key: what makes it unique per reader, so that a repeated job tells nobody twice.
        params: values of the text.
    """

    user_id = models.BigIntegerField()
    company_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=80)
    params = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "kind", "key"], condition=~models.Q(key=""), name="notice_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["user_id"], condition=models.Q(read_at=None), name="notice_unread"
            ),
            models.Index(fields=["user_id", "-id"], name="notice_reader"),
        ]
