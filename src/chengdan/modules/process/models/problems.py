"""The OSB problem record: what was missed, why, and what was done about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.people.ownership import ScopeFields
from chengdan.modules.process.vocabulary import ProblemSource, ProblemState


@audited()
class ProblemRecord(models.Model):
    """One numbered problem, on the agenda of the monthly meeting until closed (ORD-12, ORD-13).

    Attributes:
        topic: code of what was missed: `<process>.<step>` or the ratio's code.
        title: as entered by hand; else "", and pages make it of topic and facts.
        facts: parameters of the text: subject title per language, due, limit, figures.
        owner: who must explain it.
    """

    scope_fields = ScopeFields(owner="owner_id", unit="unit_id", company="company_id")

    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("people.OrgUnit", models.PROTECT, null=True, related_name="+")
    number = models.CharField(_("record number"), max_length=40)
    source = models.CharField(_("source"), max_length=10, choices=ProblemSource.choices)
    topic = models.CharField(_("subject"), max_length=130)
    title = models.CharField(_("problem"), max_length=300, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    step_run = models.OneToOneField(
        "process.StepRun", models.PROTECT, null=True, related_name="problem"
    )
    key = models.CharField(max_length=150, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ProblemState.choices, default=ProblemState.OPEN
    )
    owner = models.ForeignKey(
        "people.User", models.PROTECT, related_name="+", verbose_name=_("responsible")
    )
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("explanation due"), null=True)
    explanation = models.TextField(_("explanation"), blank=True)
    action = models.TextField(_("action"), blank=True)
    explained_at = models.DateTimeField(null=True)
    explained_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    verification = models.TextField(_("verification"), blank=True)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("problem record")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="process_problem_number"),
            models.UniqueConstraint(
                fields=["company", "key"], condition=~Q(key=""), name="process_problem_key"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "state", "opened_at"], name="process_problem_open"),
            models.Index(fields=["subject_type", "subject_id"], name="process_problem_subject"),
        ]

    def __str__(self) -> str:
        return self.number
