"""What a person set up for lists: columns, density, saved views."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class UiPreference(models.Model):
    """How one person wants one page: chosen columns and row density.

    Users are referenced by id only, because the kernel does not know the room `people`.
    """

    user_id = models.BigIntegerField()
    page = models.CharField(max_length=80)
    columns = models.JSONField(default=list, blank=True)
    is_tight = models.BooleanField(default=False)

    class Meta:
        app_label = "kernel"
        db_table = "kernel_ui_preference"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_id", "page"], name="kernel_ui_preference_once"),
        ]

    def __str__(self) -> str:
        return f"{self.page} of user {self.user_id}"


class SavedView(models.Model):
    """A named filter of a list, private or shared inside a company."""

    user_id = models.BigIntegerField()
    company_id = models.BigIntegerField(null=True, blank=True)
    page = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField(default=False)

    class Meta:
        app_label = "kernel"
        db_table = "kernel_saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user_id", "page", "name"], name="kernel_saved_view_name_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["page", "user_id"], name="kernel_saved_view_page"),
        ]

    def __str__(self) -> str:
        return f"{self.page}: {self.name}"
