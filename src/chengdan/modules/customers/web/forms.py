"""Forms of customers and what belongs to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.ui import NumberField, PickerField, UiForm
from chengdan.modules.customers import divisions
from chengdan.modules.customers.services import AddressDraft
from chengdan.modules.customers.vocabulary import (
    AddressKind,
    CreditGrade,
    FunnelClass,
    ImportanceClass,
    InvoiceKind,
    RelationClass,
    TermBasis,
    ValueClass,
)
from chengdan.modules.people.selectors.choices import active_person_choice, territory_choice

_EMPTY = [("", "–")]


def division_name(code: int) -> str | None:
    """Return the name of a division, or None."""
    found = divisions.division_find(str(code))
    return found.name if found else None


def user_field(
    label: Any, *, required: bool = False, help_text: Any = "", pick: str = "people:user_pick"
) -> PickerField:
    """Return a field that chooses a person among those that the address `pick` offers."""
    return PickerField(
        label=label, url=reverse_lazy(pick), find=active_person_choice,
        required=required, help_text=help_text,
    )  # fmt: skip


def _choice(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[*_EMPTY, *choices], required=False)


def _text(label: Any, length: int, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required, **more)


class CustomerForm(UiForm):
    """The fields of a customer that change by editing."""

    name = _text(_("Name"), 200, required=True)
    short_name = _text(_("Short name"), 60)
    uscc = _text(
        _("Unified social credit code"), 40, help_text=_("18 characters; not needed abroad.")
    )
    country = _text(_("Country"), 2, required=True, initial="CN")
    phone = _text(_("Phone"), 40)
    domain = _text(_("Web or mail domain"), 120)
    territory_id = PickerField(
        label=_("Territory"), url=reverse_lazy("people:territory_pick"), find=territory_choice,
        required=False, help_text=_("City or region; the market follows from it."),
    )  # fmt: skip
    slt_member_id = user_field(
        _("SLT member"), help_text=_("Empty takes the one who answers for the market."),
        pick="people:slt_member_pick",
    )  # fmt: skip
    payment_term_days = forms.IntegerField(
        label=_("Payment term (days)"), required=False, min_value=0, max_value=3650,
        help_text=_("0 means due at once; empty means not agreed yet."),
    )  # fmt: skip
    payment_term_basis = forms.ChoiceField(label=_("Term counts"), choices=TermBasis.choices)
    pay_first = forms.BooleanField(label=_("Pays first"), required=False)
    over_delivery_percent = NumberField(
        label=_("Over-delivery tolerance (%)"), required=False, places=2,
        minimum=Decimal(0), maximum=Decimal(100), help_text=_("Empty takes the product's."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language of documents"), choices=settings.LANGUAGES)
    currency = _text(_("Currency"), 3, help_text=_("Empty takes the company's."))
    value_class = _choice(_("Value class"), ValueClass.choices)
    funnel_class = _choice(_("Funnel class"), FunnelClass.choices)
    importance_class = _choice(_("Importance class"), ImportanceClass.choices)
    relation_class = _choice(_("Relation class"), RelationClass.choices)
    credit_grade = _choice(_("Credit grade"), CreditGrade.choices)
    note = _text(_("Note"), 5000, widget=forms.Textarea(attrs={"rows": 3}))
    duplicate_reason = _text(
        _("Why it is not a duplicate"), 300,
        help_text=_("Only needed when the list of possible duplicates is not empty."),
    )  # fmt: skip


class NewCustomerForm(CustomerForm):
    """A new customer also has a code and a responsible person."""

    code = _text(_("Code"), 40, help_text=_("Empty takes the next number."))
    owner_id = user_field(_("Responsible sales manager"), help_text=_("Empty means you."))


SECTIONS = [
    (_("Identity"), ["name", "short_name", "uscc", "country", "phone", "domain"]),
    (_("Responsible and terms"), [
        "territory_id", "slt_member_id", "payment_term_days", "payment_term_basis", "pay_first",
        "over_delivery_percent", "language", "currency",
    ]),
    (_("Classes"), [
        "value_class", "funnel_class", "importance_class", "relation_class", "credit_grade",
    ]),
    (_("More"), ["note", "duplicate_reason"]),
]  # fmt: skip
NEW_SECTIONS = [
    (SECTIONS[0][0], ["code", *SECTIONS[0][1]]),
    (SECTIONS[1][0], ["owner_id", *SECTIONS[1][1]]),
    *SECTIONS[2:],
]


class ContactForm(UiForm):
    """A person at the customer."""

    name = _text(_("Full name"), 80, required=True)
    job = _text(_("Job"), 80)
    mobile = _text(_("Mobile"), 40)
    phone = _text(_("Phone"), 40)
    email = forms.EmailField(label=_("Mail"), required=False)
    chat_name = _text(_("WeChat"), 60)
    is_primary = forms.BooleanField(label=_("Main contact"), required=False)
    note = _text(_("Note"), 300)


class AddressForm(UiForm):
    """An address: divisions by picker in China, free text abroad."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AddressKind.choices)
    label = _text(_("Label"), 60, help_text=_("For example: central warehouse."))
    country = _text(_("Country"), 2, required=True, initial="CN")
    province = _text(_("State or province abroad"), 60)
    city = _text(_("City abroad"), 60)
    detail = _text(_("Street, number, building"), 300, required=True)
    postcode = _text(_("Postcode"), 20)
    receiver = _text(_("Receiver"), 80)
    phone = _text(_("Receiver's phone"), 40)
    is_default = forms.BooleanField(label=_("Default of its kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above: tuple[str, ...] = ()
        titles = [_("Province"), _("City"), _("District"), _("Street office or town")]
        picked = {}
        for level, (name, title) in enumerate(zip(_LEVELS, titles, strict=True), start=1):
            picked[name] = PickerField(
                label=title, url=reverse_lazy("customers:divisions", args=[level]),
                find=division_name, depends=above, required=False,
            )  # fmt: skip
            above = (name,)
        names = list(self.fields)
        self.fields.update(picked)
        at = names.index("country") + 1
        self.order_fields([*names[:at], *_LEVELS, *names[at:]])

    def draft(self) -> AddressDraft:
        """Return what the service takes; the narrowest division chosen counts."""
        data = self.cleaned_data
        chosen = [data[name] for name in reversed(_LEVELS) if data[name]]
        given = {name: data[name] for name in _PLAIN}
        return AddressDraft(division_code=str(chosen[0]) if chosen else "", **given)


_LEVELS = ("province_code", "city_code", "area_code", "street_code")
_PLAIN = (
    "kind", "label", "country", "province", "city", "detail", "postcode", "receiver", "phone",
    "is_default",
)  # fmt: skip


class ShippingForm(UiForm):
    """How goods reach the customer."""

    carrier = _text(_("Designated carrier"), 120)
    station = _text(_("Forwarding station"), 120)
    receiver = _text(_("Receiver"), 80)
    receiver_phone = _text(_("Receiver's phone"), 40)
    unloading = _text(_("Unloading notes"), 2000, widget=forms.Textarea(attrs={"rows": 3}))


class TaxTitleForm(UiForm):
    """Invoice details."""

    invoice_kind = forms.ChoiceField(label=_("Kind of invoice"), choices=InvoiceKind.choices)
    title = _text(_("Title on the invoice"), 200, help_text=_("Empty takes the customer's name."))
    tax_number = _text(_("Tax number"), 40, help_text=_("Empty takes the credit code."))
    address = _text(_("Registered address"), 300)
    phone = _text(_("Registered phone"), 40)
    bank_name = _text(_("Bank"), 120)
    bank_account = _text(_("Bank account"), 60)
    email = forms.EmailField(label=_("Mail for invoices"), required=False)


class ReasonForm(UiForm):
    """A reason, for acts that need one."""

    reason = _text(_("Reason"), 300, required=True, widget=forms.Textarea(attrs={"rows": 3}))


class HandOverForm(ReasonForm):
    """Who is responsible from now on."""

    owner_id = user_field(_("Responsible from now on"), required=True)
    field_order = ["owner_id", "reason"]
