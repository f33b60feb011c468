"""Who took what out of the system."""

from __future__ import annotations

from django.db import models

from chengdan.kernel.exporting.vocabulary import ExportState


class ExportRun(models.Model):
    """One export.

    Attributes:
        source: address of the list page that a worker asks again, "" for one made at once.
        query: filter of the list as in its address.
        path: file below the export folder when it was prepared in the background.
    """

    company_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(max_length=150)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True)
    query = models.TextField(blank=True)
    file_kind = models.CharField(max_length=4)
    language = models.CharField(max_length=20)
    state = models.CharField(
        max_length=10, choices=ExportState.choices, default=ExportState.QUEUED, db_index=True
    )
    row_count = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "kernel"
