"""Published processes: an immutable version is what instances run on."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.kernel.immutability import immutable_table
from chengdan.modules.people.ownership import ScopeFields


@audited()
class Definition(models.Model):
    """One process of the library; `current` is the version that new instances take."""

    scope_fields = ScopeFields(owner="", unit="", company="")

    code = models.CharField(_("code"), max_length=60, unique=True)
    subject_type = models.CharField(_("document type"), max_length=60, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), default=3)
    parent = models.CharField(_("parent"), max_length=60, blank=True)
    current = models.ForeignKey(
        "process.DefinitionVersion", models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("process")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


@audited("process.Definition")
class DefinitionVersion(models.Model):
    """One published text of a process, never changed afterwards.

    Attributes:
        content: canonical JSON of the YAML.
        digest: SHA-256 of `content`; publishing the same content again does nothing.
        is_as_shipped: a person published the text that the software brought at that time.
    """

    definition = models.ForeignKey(
        "process.Definition", models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField(_("version"))
    digest = models.CharField(max_length=64)
    content = models.TextField()
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    is_as_shipped = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("version")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="process_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.definition} v{self.number}"

    @property
    def is_own(self) -> bool:
        """True for a text of the company's own, which upgrades leave in force."""
        return self.published_by_id is not None and not self.is_as_shipped


immutable_table("process_definitionversion")
