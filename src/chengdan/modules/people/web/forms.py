"""Forms that maintain people, organisation and rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.parameters import Parameter, parameter_choices, parameter_text
from chengdan.kernel.ui import DayField, MoneyField, UiForm
from chengdan.modules.people.models import Territory
from chengdan.modules.people.vocabulary import Scope, UnitKind
from chengdan.modules.people.web.pickers import (
    permission_choices,
    position_field,
    role_choices,
    unit_field,
    user_field,
)


def _id(value: Any) -> int | None:
    return int(value) if value else None


class ReasonForm(UiForm):
    """Why something is done."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class UserForm(UiForm):
    """A new account."""

    username = forms.CharField(label=_("User name"), max_length=60)
    display_name = forms.CharField(label=_("Name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    unit = unit_field(_("Home unit"), required=False)


class UserEditForm(UiForm):
    """An account that exists."""

    display_name = forms.CharField(label=_("Name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False)
    unit = unit_field(_("Home unit"), required=False)


class CalendarForm(UiForm):
    """Base of forms with a `calendar_code`; `calendars` are code → title."""

    def __init__(self, *args: Any, calendars: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["calendar_code"]
        nothing = [] if field.required else [("", _("as above"))]
        field.choices = [*nothing, *calendars.items()]


class UnitForm(CalendarForm):
    """A new unit."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"))
    calendar_code = forms.ChoiceField(label=_("Working calendar"), required=False)

    def __init__(self, *args: Any, own_kinds: Sequence[str] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        kinds: Any = self.fields["kind"]
        kinds.choices = [*UnitKind.choices, *((kind, kind) for kind in own_kinds)]


class UnitEditForm(CalendarForm):
    """A unit that exists."""

    name = forms.CharField(label=_("Name"), max_length=120)
    calendar_code = forms.ChoiceField(label=_("Working calendar"), required=False)
    sort = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=100000)


class UnitMoveForm(UiForm):
    """Where a unit goes."""

    parent = unit_field(_("Under"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class PositionForm(UiForm):
    """A seat."""

    role = forms.TypedChoiceField(label=_("Role"), coerce=_id, choices=role_choices)
    title = forms.CharField(
        label=_("Position title"),
        max_length=80,
        required=False,
        help_text=_("Empty shows the role."),
    )
    is_head = forms.BooleanField(label=_("Head of the unit"), required=False)
    reports_to = position_field(_("Reports to"))
    territories = forms.TypedMultipleChoiceField(label=_("Territories"), coerce=int, required=False)

    def __init__(self, *args: Any, company_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Territory.objects.filter(company_id=company_id, is_active=True)
        self.fields["territories"].choices = [(row.pk, row.name) for row in rows]  # type: ignore[attr-defined]


class AssignmentForm(UiForm):
    """Who takes a seat from when to when."""

    user = user_field(_("Person"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"), required=False)


class EndForm(UiForm):
    """The last day of something."""

    ends_on = DayField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class RoleForm(UiForm):
    """A role card."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    title_zh_hans = forms.CharField(label=_("Title in Simplified Chinese"), max_length=60)
    title_zh_hant = forms.CharField(label=_("Title in Traditional Chinese"), max_length=60)
    title_en = forms.CharField(label=_("Title in English"), max_length=60)
    is_central = forms.BooleanField(label=_("Serves the whole company"), required=False)

    def titles(self) -> dict[str, str]:
        """Return the titles by language."""
        data = self.cleaned_data
        return {
            "zh-hans": data["title_zh_hans"],
            "zh-hant": data["title_zh_hant"],
            "en": data["title_en"],
        }


class RoleEditForm(RoleForm):
    """A role card that exists."""

    code = None  # type: ignore[assignment]  # the code stays
    is_active = forms.BooleanField(label=_("In use"), required=False)


class GrantForm(UiForm):
    """A right for one person."""

    user = user_field(_("Person"))
    role = forms.TypedChoiceField(
        label=_("Role"), coerce=_id, empty_value=None, choices=role_choices, required=False
    )
    permission = forms.ChoiceField(
        label=_("or one permission"), choices=permission_choices, required=False
    )
    scope = forms.ChoiceField(label=_("Scope"), choices=[("", "–"), *Scope.choices], required=False)
    unit = unit_field(_("Unit"), required=False)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class DeputyForm(UiForm):
    """Who signs for me."""

    deputy = user_field(_("Deputy"))
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"))
    document_types = forms.MultipleChoiceField(
        label=_("Documents"), required=False, help_text=_("Nothing chosen means all.")
    )
    max_amount = MoneyField(label=_("Highest amount"), required=False)
    consent_text = forms.CharField(
        label=_("Consent"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How the consent was given, for instance by phone and when."),
    )

    def __init__(self, *args: Any, types: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document_types"].choices = types  # type: ignore[attr-defined]


class DeputyForOtherForm(DeputyForm):
    """Who signs for somebody else."""

    principal = user_field(_("Signs for"))
    field_order = ["principal"]


class TerritoryForm(UiForm):
    """A new territory one level below another."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    unit = unit_field(_("Worked by"), required=False)


class TerritoryEditForm(UiForm):
    """A territory that exists."""

    name = forms.CharField(label=_("Name"), max_length=80)
    unit = unit_field(_("Worked by"), required=False)
    is_active = forms.BooleanField(label=_("In use"), required=False)


class RouteForm(UiForm):
    """Who approves and who bills for a market."""

    slt_position = position_field(_("Leadership seat"))
    billing_position = position_field(_("Billing seat"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class CompanyForm(CalendarForm):
    """A new company."""

    code = forms.CharField(label=_("Code"), max_length=20)
    name = forms.CharField(label=_("Name"), max_length=120)
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="CNY")
    exponent = forms.IntegerField(label=_("Decimal places"), min_value=0, max_value=4, initial=2)
    timezone = forms.CharField(label=_("Time zone"), max_length=40, initial="Asia/Shanghai")
    calendar_code = forms.ChoiceField(label=_("Working calendar"))
    is_tax_inclusive = forms.BooleanField(
        label=_("Prices include tax"), required=False, initial=True
    )


class CompanyEditForm(CalendarForm):
    """A company that exists."""

    name = forms.CharField(label=_("Name"), max_length=120)
    timezone = forms.CharField(label=_("Time zone"), max_length=40)
    calendar_code = forms.ChoiceField(label=_("Working calendar"))
    is_tax_inclusive = forms.BooleanField(label=_("Prices include tax"), required=False)


class LockForm(UiForm):
    """Up to when a period is closed."""

    lock_date = DayField(label=_("Closed up to"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class ParameterForm(UiForm):
    """One figure; `seen` carries the value that the person saw."""

    value = forms.CharField(label=_("Value"), max_length=1000, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, parameter: Parameter, value: Any, *args: Any, **kwargs: Any) -> None:
        seen = parameter_text(value)
        initial = {"value": value if isinstance(value, list) else seen, "seen": seen}
        super().__init__(*args, initial=initial, **kwargs)
        titles = parameter_choices(parameter)
        if parameter.kind is bool:
            self._choose({"True": _("yes"), "False": _("no")})
        elif titles is None:
            self.initial["value"] = seen
        else:
            self._choose(titles, many=parameter.kind is list)

    def _choose(self, titles: Mapping[str, Any], *, many: bool = False) -> None:
        """Offer the values there are instead of a box; the service says what is missing."""
        pairs = list(titles.items())
        label = self.fields["value"].label
        self.fields["value"] = (
            forms.MultipleChoiceField(
                label=label, choices=pairs, required=False, widget=forms.CheckboxSelectMultiple
            )
            if many
            else forms.ChoiceField(
                label=label, choices=pairs, widget=forms.Select({"class": "form-control"})
            )
        )

    def clean_value(self) -> str:
        """Return the value as typed."""
        return parameter_text(self.cleaned_data["value"])
