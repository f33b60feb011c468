"""People who sign in, their sessions, and failed attempts to sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audited
from chengdan.modules.people.ownership import ScopeFields

if TYPE_CHECKING:
    from django.db.models.manager import Manager


class UserManager(BaseUserManager["User"]):
    """Finds accounts whatever the case of the name."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the account with this name, in any case."""
        return self.get(username__iexact=username or "")


@audited()
class User(AbstractBaseUser):
    """A person with an account; what the person may do comes from seats and grants.

    Attributes:
        company: legal entity that keeps the account; work elsewhere comes by grant or seat.
        unit: home unit; decides who may maintain the account.
        pinyin, initials: search columns made from the name.
        must_change_password: the next page is the one to choose a password.
    """

    scope_fields = ScopeFields(owner="id", unit="unit_id", company="company_id")

    last_login = None  # UserSession keeps every sign-in
    username = models.CharField(_("user name"), max_length=60, unique=True)
    display_name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, default="zh-hans")
    pinyin = models.CharField(max_length=240, blank=True, db_index=True)
    initials = models.CharField(max_length=60, blank=True, db_index=True)
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="users")
    unit = models.ForeignKey(
        "people.OrgUnit", models.PROTECT, null=True, blank=True, related_name="members"
    )
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects: ClassVar[Manager[User]] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        ordering = ["username"]
        constraints = [models.UniqueConstraint(Lower("username"), name="people_user_name_any_case")]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        """Return the name as people write it."""
        return self.display_name

    def get_short_name(self) -> str:
        """Return the name as people write it."""
        return self.display_name


class UserSession(models.Model):
    """One sign-in on one device; the person may list and end them."""

    user = models.ForeignKey("people.User", models.CASCADE, related_name="sessions")
    session_key = models.CharField(max_length=64, unique=True)
    company = models.ForeignKey("people.Company", models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=45)
    device = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at}"


class LoginAttempt(models.Model):
    """One attempt to sign in; the growing delay is counted from these rows."""

    at = models.DateTimeField()
    name_key = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    is_success = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "address", "at"], name="people_attempt_pair"),
            models.Index(fields=["address", "at"], name="people_attempt_address"),
            models.Index(fields=["at"], name="people_attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.at}"
