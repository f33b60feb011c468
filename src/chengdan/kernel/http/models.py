"""API tokens."""

from __future__ import annotations

import json

from django.db import models

from chengdan.kernel.audit import audited


@audited()
class ApiToken(models.Model):
    """A secret with which a program acts for a person; only its digest is kept.

    Attributes:
        prefix: first characters, to recognise a token in lists and logs.
        digest: SHA-256 of the whole secret (256 bits of chance, so no slow hash is needed).
        scopes: JSON list of permission codes, or `room.*`; never more than the person may do.
    """

    user_id = models.BigIntegerField(db_index=True)
    company_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.TextField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"

    @property
    def scope_list(self) -> list[str]:
        """The scopes as codes."""
        scopes: list[str] = json.loads(self.scopes)
        return scopes
