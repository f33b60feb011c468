"""What is kept of imports: the job, its rows' fates, and the files."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.importing.vocabulary import ImportState, RowState


class ImportFile(models.Model):
    """The bytes of an imported file, kept for the marked file and for resuming anywhere."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        app_label = "kernel"


class ImportJob(models.Model):
    """One run of one set of files.

    Attributes:
        digest: of files and mapping; together with `attempt` it makes a run unique.
        files: JSON list of {name, sha256}.
        mapping_text: the section of the mapping file that was used, "" without one.
        cursor: how many things (rows or groups) are done; moves in the chunk's transaction.
        totals: JSON {column: {"read": …, "taken": …}} of control columns.
        notes: JSON, what the person should know (titles that were not read).
        lease: token of the worker that runs it.
    """

    company_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=60)
    is_dry_run = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    attempt = models.PositiveIntegerField(default=1)
    source_name = models.CharField(max_length=255)
    files = models.TextField()
    mapping_name = models.CharField(max_length=100, blank=True)
    mapping_text = models.TextField(blank=True)
    language = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.QUEUED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    rows_created = models.PositiveIntegerField(default=0)
    rows_updated = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    totals = models.TextField(default="{}")
    notes = models.TextField(default="[]")
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    request_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"
        constraints = [
            models.UniqueConstraint(
                "company_id", "kind", "digest", "is_dry_run", "attempt", name="import_once"
            )
        ]
        indexes = [
            models.Index("state", condition=models.Q(state__in=["queued", "running"]),
                         name="import_open"),
            models.Index(fields=["actor_id", "-id"], name="import_mine"),
        ]  # fmt: skip

    @property
    def file_list(self) -> list[dict[str, str]]:
        """Name and digest of every file, the first named one first."""
        files: list[dict[str, str]] = json.loads(self.files)
        return files

    @property
    def total_list(self) -> dict[str, dict[str, str]]:
        """Control totals by column."""
        totals: dict[str, dict[str, str]] = json.loads(self.totals)
        return totals

    @property
    def note_list(self) -> list[str]:
        """Titles of the file that were not read."""
        notes: list[str] = json.loads(self.notes)
        return notes

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.state in (ImportState.QUEUED, ImportState.RUNNING)


class ImportRowMark(models.Model):
    """What has become of one row; written in the transaction of its effect.

    Attributes:
        ordinal: place among the things of the import; unique, so nothing is done twice.
        line: row number in the file, as a spreadsheet shows it.
        size: rows of files that the thing consists of.
        issues: JSON list of {field, code, message, row}, in the language of the importer; of an
            updated row what changes.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="marks")
    ordinal = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    size = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=RowState.choices)
    key = models.CharField(max_length=200, blank=True)
    target_id = models.BigIntegerField(null=True)
    issues = models.TextField(blank=True)

    class Meta:
        app_label = "kernel"
        verbose_name = _("imported row")
        constraints = [models.UniqueConstraint("job", "ordinal", name="import_row_once")]
        indexes = [
            models.Index(
                "job", "ordinal", condition=models.Q(state="rejected"), name="import_rejected"
            )
        ]

    @property
    def issue_list(self) -> list[dict[str, Any]]:
        """What was wrong, ready to show."""
        issues: list[dict[str, Any]] = json.loads(self.issues) if self.issues else []
        return issues
