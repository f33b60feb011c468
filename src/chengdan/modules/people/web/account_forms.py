"""Forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import UiForm

PASSWORD_FIELD_MAX = 2000


def password_field(label: Any, purpose: str, help_text: Any = "") -> forms.CharField:
    """Return a password field that lets password managers and pasting work."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=PASSWORD_FIELD_MAX,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": purpose}),
    )


class LoginForm(UiForm):
    """Name and password."""

    username = forms.CharField(
        label=_("User name"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = password_field(_("Password"), "current-password")


class ResetForm(UiForm):
    """Whom the reset mail is for."""

    login = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(UiForm):
    """A new password, typed once: it can be shown while typing."""

    new = password_field(
        _("New password"),
        "new-password",
        _("At least 12 characters; a sentence is easy to remember."),
    )


class PasswordForm(UiForm):
    """The current password and the new one."""

    current = password_field(_("Current password"), "current-password")
    new = password_field(
        _("New password"),
        "new-password",
        _("At least 12 characters; a sentence is easy to remember."),
    )


class ProfileForm(UiForm):
    """What a person keeps about themselves."""

    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
