"""The search table; the full-text index over `grams` is made by `index_install`."""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """What can be found of one object.

    Attributes:
        kind: registered kind, which knows who may see the object.
        code_key: the code in lower case without separators, for exact hits.
        grams: tokens, see `grams`.
    """

    kind = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    company_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=60, blank=True)
    code_key = models.CharField(max_length=60, blank=True, db_index=True)
    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300)
    grams = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(fields=["object_type", "object_id"], name="search_entry_unique")
        ]
        indexes = [models.Index(fields=["kind", "object_id"], name="search_entry_kind")]
