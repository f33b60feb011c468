"""Forms: the renderer with our markup, exact numbers, days, pickers, and the form page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.template.loader import get_template
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from chengdan.kernel.days import DAY_FIRST, DAY_LAST, day_is_usual, year_refusal
from chengdan.kernel.errors import ConflictError, FieldIssue, InvalidError, RuleError
from chengdan.kernel.ui.formats import line_text, number_text
from chengdan.kernel.ui.numberparse import NumberError, parse_number
from chengdan.kernel.ui.pages import done, render_page
from chengdan.kernel.ui.parts import Act, Note, PageHead, Text, Toast

if TYPE_CHECKING:
    from django.template.response import TemplateResponse

    from chengdan.kernel.ui.document import Panel

MONEY_PLACES = 4
QUANTITY_PLACES = 6
MAX_PICK_ROWS = 20
# Instead of the framework's own sentences, which speak to programmers of "this value".
_REFUSALS = {
    "max_length": ngettext_lazy(
        "At most %(limit_value)d character; there are %(show_value)d.",
        "At most %(limit_value)d characters; there are %(show_value)d.",
        "limit_value",
    ),
    "min_value": _("It can't be less than %(limit_value)s."),
    "max_value": _("It can't be more than %(limit_value)s."),
}


class UiRenderer(DjangoTemplates):
    """Draws forms with our templates (label above, help under, errors beside)."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"

    def get_template(self, template_name: str) -> Any:
        """Our templates come from the project's engine, Django's widgets from Django."""
        if template_name.startswith("ui/"):
            return get_template(template_name)
        return super().get_template(template_name)


class UiForm(forms.Form):
    """Base of every form.

    Attributes:
        conflict: why it was not stored though nothing in it is wrong; "" otherwise.
        newest: address of what is stored, beside a conflict.
    """

    conflict: str = ""
    newest: str = ""
    default_renderer = UiRenderer
    required_css_class = "is-required"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, item in self.fields.items():
            _dress(item, name)


def _dress(item: forms.Field, name: str) -> None:
    item.error_messages = {**_REFUSALS, **item.error_messages}
    widget = item.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} form-control".strip()
    if item.required:
        widget.attrs.setdefault("aria-required", "true")


class NumberInput(forms.TextInput):
    """A text input for exact numbers; the numeric keyboard on a phone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {
                "inputmode": "decimal",
                "autocomplete": "off",
                "data-cd-number": "",
                "class": "num",
                **(attrs or {}),
            }
        )

    def format_value(self, value: Any) -> str | None:
        """Show a Decimal with separators and without trailing zeros."""
        if isinstance(value, Decimal | int):
            exact = Decimal(value)
            whole = exact == exact.to_integral_value()
            shown = exact.to_integral_value() if whole else exact.normalize()
            return number_text(shown, zero="0").replace("−", "-")
        shown_as: str | None = super().format_value(value)
        return shown_as


class NumberField(forms.Field):
    """An exact number as people type it (full-width digits, separators); see `parse_number`."""

    widget = NumberInput

    def __init__(
        self,
        *,
        places: int = QUANTITY_PLACES,
        minimum: Decimal | None = None,
        maximum: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        self.places, self.minimum, self.maximum = places, minimum, maximum
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        """Read the typed text."""
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return parse_number(
                str(value), places=self.places, minimum=self.minimum, maximum=self.maximum
            )
        except NumberError as error:
            raise ValidationError(str(error.message), code=error.code) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare values, not texts."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True


class MoneyField(NumberField):
    """An amount with up to two places unless said otherwise."""

    def __init__(self, *, places: int = 2, **kwargs: Any) -> None:
        super().__init__(places=places, **kwargs)


class QuantityField(NumberField):
    """A quantity; negative is refused unless `minimum` says otherwise."""

    def __init__(self, *, places: int = 3, minimum: Decimal | None = Decimal(0), **kwargs: Any):
        super().__init__(places=places, minimum=minimum, **kwargs)


class DayField(forms.DateField):
    """A calendar day: the browser's own picker, or `2026-11-26`, `2026/11/26`, `20261126`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.DateInput(
                attrs={"type": "date", "min": DAY_FIRST.isoformat(), "max": DAY_LAST.isoformat()},
                format="%Y-%m-%d",
            ),
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"])
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """Return the day; one that no document can name is refused."""
        found = super().to_python(value)
        if found is not None and not day_is_usual(found):
            raise ValidationError(year_refusal(), code="year")
        return found


class PickerInput(forms.TextInput):
    """A type-ahead box over a JSON endpoint, with a hidden id (combobox pattern)."""

    template_name = "ui/forms/picker.html"

    def __init__(self, url: Text | Callable[[], str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.url = url
        self.label: Callable[[Any], str] | None = None
        self.depends: Sequence[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the endpoint, the shown label and the fields the choice depends on."""
        context = super().get_context(name, value, attrs)
        known = value not in (None, "")
        context["widget"] |= {
            "url": str(self.url() if callable(self.url) else self.url),
            "label": self.label(value) if known and self.label else "",
            "depends": " ".join(self.depends),
            "described": (attrs or {}).get("aria-describedby", ""),
            "invalid": (attrs or {}).get("aria-invalid", ""),
        }
        return context


class PickerField(forms.Field):
    """The id of one row chosen by typing code, name, pinyin or initials.

    Args:
        url: endpoint answering `pick_response` rows.
        find: `(id) -> label or None`; None means that the row does not exist or is not
            open to the person, and is refused.
        depends: names of fields sent along, for example ("customer",).
    """

    def __init__(
        self,
        *,
        url: Text | Callable[[], str],
        find: Callable[[int], str | None],
        depends: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.find = find
        picker = PickerInput(url)
        picker.depends = depends
        picker.label = lambda value: self._label(value)
        super().__init__(widget=picker, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> PickerField:
        result: PickerField = super().__deepcopy__(memo)
        result.widget.label = lambda value: result._label(value)
        return result

    def _label(self, value: Any) -> str:
        number = _as_id(value)
        return (self.find(number) or "") if number is not None else ""

    def to_python(self, value: Any) -> int | None:
        """Return the id of a row that exists and is open to the person."""
        if value in self.empty_values:
            return None
        number = _as_id(value)
        if number is None or self.find(number) is None:
            raise ValidationError(_("Choose a row from the list."), code="pick")
        return number


def _as_id(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@dataclass(frozen=True, slots=True)
class PickRow:
    """One row a picker offers; `fills` puts values into other cells of a line."""

    id: int
    code: str
    name: Text
    facts: Sequence[Text] = ()
    disabled: Text = ""
    fills: dict[str, Any] = field(default_factory=dict)


def pick_response(rows: Sequence[PickRow], *, heads: Sequence[Text] = ()) -> JsonResponse:
    """Answer a picker: at most 20 rows, and the titles of the facts."""
    found = [
        {
            "id": row.id,
            "code": row.code,
            "name": str(row.name),
            "facts": [str(fact) for fact in row.facts],
            "disabled": str(row.disabled),
            "fills": row.fills,
        }
        for row in rows[:MAX_PICK_ROWS]
    ]
    return JsonResponse({"rows": found, "heads": [str(head) for head in heads]})


@dataclass(frozen=True, slots=True)
class PastedRows:
    """How refusals name what was pasted into one field.

    Attributes:
        name: of the field that took the rows.
        columns: name that services give a cell → what the page calls its column.
        lines: line of the field in which each row stands; without it rows are lines.
    """

    name: str
    columns: Mapping[str, Text] = field(default_factory=dict)
    lines: Sequence[int] = ()

    def text(self, item: FieldIssue, text: str) -> str:
        """Return the refusal with the line and the column it is about."""
        line = self.lines[item.row - 1] if item.row and self.lines else item.row
        column = self.columns.get(item.field, "")
        if column:
            return _("Line %(line)s, %(column)s: %(text)s") % {
                "line": line, "column": column, "text": text,
            }  # fmt: skip
        return _("Line %(line)s: %(text)s") % {"line": line, "text": text}


@contextmanager
def refusals_on(
    form: forms.BaseForm, pasted: PastedRows | None = None, *, newest: str = ""
) -> Iterator[None]:
    """Put a service's refusal beside the fields instead of onto an error page.

    `InvalidError` items go to the field of the same name (with row: to the line editor, or to the
    field of pasted rows), a `RuleError` to the top. Check `form.errors` after the block.

    Args:
        newest: address of what the form changes; a conflict then stays on the form, with a link.
    """
    try:
        yield
    except ConflictError as error:
        if not newest or not isinstance(form, UiForm):
            raise
        form.conflict, form.newest = str(error.message), newest
    except InvalidError as error:
        for item in error.items:
            name = item.field if item.field in form.fields else None
            text = str(item.message) + (f" [{item.rule}]" if item.rule else "")
            if item.row is not None and pasted is not None:
                name, text = pasted.name, pasted.text(item, text)
            elif item.row is not None:
                lines = _lines_name(form)
                if name is None and lines:
                    form.fields[lines].add_cell_error(item.row, item.field, text)  # type: ignore[attr-defined]
                    name = lines
                text = line_text(item.row, text)
            form.add_error(name, text)
    except RuleError as error:
        form.add_error(None, str(error.message) + (f" [{error.rule}]" if error.rule else ""))


def _lines_name(form: forms.BaseForm) -> str:
    names = (name for name, item in form.fields.items() if hasattr(item, "add_cell_error"))
    return next(names, "")


@dataclass(slots=True)
class FormPage:
    """A page around a form: head, cards of fields, line editor, stops at the side.

    Args:
        sections: (title, field names) in order; without it all fields in one card.
        lines: name of the field that is a line editor.
        autosave: address that takes the draft while the person types, "" for none.
        preview: address that answers `preview_response` on every change.
        side_panels: cards at the right, for example credit.
        columns: 2, or 4 for a dense head (the first field twice as wide).
        draft_key: name under which the browser keeps what was typed until it is saved.
    """

    form: forms.BaseForm
    head: PageHead
    sections: Sequence[tuple[Text, Sequence[str]]] = ()
    lines: str = ""
    after: Sequence[tuple[Text, Sequence[str]]] = ()
    autosave: str = ""
    preview: str = ""
    submit: Text = ""
    cancel_url: str = ""
    notes: Sequence[Note] = ()
    side_panels: Sequence[Panel] = ()
    acts: Sequence[Act] = ()
    has_stops: bool = False
    columns: int = 2
    draft_key: str = ""
    is_multipart: bool = False
    template: str = "ui/form.html"
    values: dict[str, str | int] = field(default_factory=dict)

    def render(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        """Render the page; with errors the status is 422, after a conflict 409."""
        status = 422 if self.form.is_bound and self.form.errors else 200
        if getattr(self.form, "conflict", ""):
            status = 409
        if self.form.is_bound and "expected_version" in self.values:
            # Sent once more, it must not replace or confirm what nobody has looked at.
            sent = request.POST.get("expected_version", "")
            self.values = {**self.values, "expected_version": sent}
        return render_page(
            request, self.template, head=self.full_head(), status=status, form_page=self, **context
        )

    def full_head(self) -> PageHead:
        """The head with the submit act at its end, unless the page brings its own primary one."""
        own = [*self.head.acts, *self.acts]
        if any(act.primary and act.method == "submit" for act in own):
            return replace(self.head, acts=own)
        submit = Act(
            "submit",
            self.submit or _("Save"),
            method="submit",
            primary=True,
            form="cd-form",
            shortcut="Ctrl+Enter",
        )
        return replace(self.head, acts=[*own, submit])

    def cards(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """The cards above the lines."""
        if not self.sections:
            named = {name for _title, names in self.after for name in names} | {self.lines}
            rest = [bound for bound in self.form.visible_fields() if bound.name not in named]
            return [("", rest)] if rest else []
        return self._cards(self.sections)

    def after_cards(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """The cards under the lines."""
        return self._cards(self.after)

    def _cards(
        self, sections: Sequence[tuple[Text, Sequence[str]]]
    ) -> list[tuple[Text, list[forms.BoundField]]]:
        return [(title, [self.form[name] for name in names]) for title, names in sections]

    def lines_field(self) -> forms.BoundField | None:
        """The line editor."""
        return self.form[self.lines] if self.lines else None

    def summary(self) -> list[tuple[str, Text, str]]:
        """All errors as (anchor, label, text) for the linked summary on top."""
        found: list[tuple[str, Text, str]] = [
            ("", "", str(text)) for text in self.form.non_field_errors()
        ]
        for bound in self.form:
            found.extend((bound.id_for_label, bound.label, str(text)) for text in bound.errors)
        return found


def preview_response(
    *,
    rows: Sequence[dict[str, Any]] = (),
    totals: dict[str, str] | None = None,
    fragments: dict[str, str] | None = None,
) -> JsonResponse:
    """Answer a preview of the line editor.

    Args:
        rows: per line `{column: text}` or `{column: {"text":…, "state": "bad"|"warn", "title":…}}`.
        totals: texts of the footer by column name, plus "note".
        fragments: rendered HTML by element id (`{"cd-stops": html}`).
    """
    return JsonResponse({"rows": list(rows), "totals": totals or {}, "fragments": fragments or {}})


def stops_html(request: HttpRequest, notes: Sequence[Note], passed: Sequence[Text] = ()) -> str:
    """Render the stops list for a preview: stops, warnings, and what passed."""
    template = engines["django"].get_template("ui/parts/stops.html")
    return str(template.render({"notes": notes, "passed": passed}, request))


def form_answer(
    request: HttpRequest,
    form: UiForm,
    head: PageHead,
    act: Callable[[dict[str, Any]], object],
    *,
    url: str,
    toast: Text,
    version: int | None = None,
    lines: str = "",
    notes: Sequence[Note] = (),
    submit: Text = "",
) -> HttpResponseBase:
    """Show a form, or run `act` with its values and go to `url`.

    Args:
        version: of the row that the form changes; it comes back as `expected_version`.
        lines: name of the field that is a line editor.
        notes: what to know before it is sent.
        submit: word of the act on the button, where it is more than saving what was entered.
    """
    if request.method == "POST" and form.is_valid():
        with refusals_on(form, newest="" if version is None else request.path):
            act(form.cleaned_data)
            return done(request, url, Toast(toast))
    values: dict[str, str | int] = {} if version is None else {"expected_version": version}
    page = FormPage(
        form, head, cancel_url=url, values=values, lines=lines, notes=notes, submit=submit
    )
    return page.render(request)
