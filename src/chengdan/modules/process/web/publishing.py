"""A new version of a process: its text, what is wrong with it, what it changes, publishing."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chengdan.kernel.downloads import disposition
from chengdan.kernel.errors import NotFoundError
from chengdan.kernel.requests import actor_of
from chengdan.kernel.ui import (
    Act,
    Crumb,
    FormPage,
    PageHead,
    Toast,
    UiForm,
    done,
    page,
    refusals_on,
)
from chengdan.modules.process.models import Definition, DefinitionVersion
from chengdan.modules.process.rules.reading import DefinitionError
from chengdan.modules.process.rules.source import (
    LENGTH_MAX,
    definition_changes,
    source_read,
    source_write,
)
from chengdan.modules.process.services import (
    definition_check,
    definition_publish,
    mistakes_told,
    shipped_text,
)
from chengdan.modules.process.vocabulary import DEFINITION_PUBLISH, DEFINITION_VIEW
from chengdan.modules.process.web.common import text
from chengdan.modules.process.web.library import definition_shown

BOTH = ("GET", "HEAD", "POST")
PUBLISH = "publish"
SHIPPED = "shipped"


class DefinitionForm(UiForm):
    """The text of a process, and why it changes."""

    note = forms.CharField(
        label=gettext_lazy("What changes, and why"), max_length=300, required=False
    )
    file = forms.FileField(
        label=gettext_lazy("From a file"), required=False,
        help_text=gettext_lazy("Instead of the text below; it is checked first."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
    )  # fmt: skip
    definition = forms.CharField(
        label=gettext_lazy("Definition (YAML)"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 36, "class": "code", "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the file, if one came, into the text."""
        values = super().clean() or {}
        given = values.get("file")
        if given is not None:
            if given.size > LENGTH_MAX:
                raise ValidationError({"file": _("The file is too large for a definition.")})
            try:
                values["definition"] = given.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValidationError({"file": _("The file is no text in UTF-8.")}) from None
        if not values.get("definition", "").strip():
            raise ValidationError({"definition": _("Write the definition, or choose its file.")})
        return values

    def is_publishing(self) -> bool:
        """True when the text on the screen shall come into force; a file is shown first."""
        return self.data.get("act") == PUBLISH and not self.cleaned_data.get("file")


@page(permission=DEFINITION_VIEW)
def definition_download(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """Send one version of a process as YAML."""
    version = DefinitionVersion.objects.filter(definition__code=code, number=number).first()
    if version is None:
        raise NotFoundError
    answer = HttpResponse(_text_of(version), content_type="application/yaml; charset=utf-8")
    name = f"{code}-{number}.yaml"
    answer["Content-Disposition"] = disposition(name, plain=name)
    return answer


def _text_of(version: DefinitionVersion) -> str:
    return source_write(json.loads(version.content))


@page(permission=DEFINITION_PUBLISH, methods=BOTH)
def definition_edit(request: HttpRequest, code: str) -> HttpResponseBase:
    """Write, check and publish a new version; checking writes nothing."""
    row, process = definition_shown(code)
    current: DefinitionVersion = row.current  # type: ignore[assignment]
    form = DefinitionForm(
        request.POST or None, request.FILES or None, initial={"definition": _start(request, row)}
    )
    changes = None
    if request.method == "POST" and form.is_valid():
        data = _checked(form, code)
        if form.is_valid() and form.is_publishing():
            url = reverse("process:process", args=[code])
            if _publish(request, form, data, row):
                return done(request, url, Toast(_("Published.")))
        elif form.is_valid():
            changes = definition_changes(json.loads(current.content), data)
            form = DefinitionForm(initial=form.cleaned_data)
    head = PageHead(
        _("New version"),
        process.code,
        crumbs=[
            Crumb(_("Process library"), reverse("process:library")),
            Crumb(text(process.title), reverse("process:process", args=[code])),
        ],
        acts=_acts(request, code, changes is not None),
    )
    return FormPage(
        form, head, sections=[("", ("note", "file")), ("", ("definition",))],
        values={"expected_number": _number(request, current)},
        is_multipart=True, template="process/definition.html",
    ).render(request, changes=changes, current=current)  # fmt: skip


def _start(request: HttpRequest, row: Definition) -> str:
    """Return the text to begin with: that in force, an older version's, or the shipped one."""
    wanted = request.GET.get("from", "")
    if wanted == SHIPPED:
        return shipped_text(row.code)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else None
    version = row.versions.filter(number=number).first() if number is not None else row.current
    if version is None:
        raise NotFoundError
    return _text_of(version)


def _acts(request: HttpRequest, code: str, is_checked: bool) -> list[Act]:
    acts = []
    if shipped_text(code):
        url = f"{reverse('process:definition_edit', args=[code])}?from={SHIPPED}"
        acts.append(Act("shipped", _("Begin with the shipped text"), url, icon="refresh"))
    acts.append(Act("check", _("Check"), method="submit", icon="check", form="cd-form",
                    primary=not is_checked))  # fmt: skip
    acts.append(Act(PUBLISH, _("Publish"), method="submit", form="cd-form", primary=is_checked,
                    values={"act": PUBLISH}))  # fmt: skip
    return acts


def _number(request: HttpRequest, current: DefinitionVersion) -> str | int:
    """Return the version that the text began with: a check does not take up a newer one."""
    return request.POST.get("expected_number", current.number)


def _checked(form: DefinitionForm, code: str) -> Any:
    """Return what the text holds; every mistake stands beside it."""
    try:
        data = source_read(form.cleaned_data["definition"], f"{code}.yaml")
        found = definition_check(data, f"{code}.yaml")
    except DefinitionError as error:
        for item in mistakes_told(error).items:
            form.add_error("definition", f"{item.field}: {item.message}")
        return None
    if found.code != code:
        form.add_error("definition", _("id: this is the page of %(code)s.") % {"code": code})
    return data


def _publish(request: HttpRequest, form: DefinitionForm, data: Any, row: Definition) -> bool:
    note = form.cleaned_data["note"]
    if not note:
        form.add_error("note", _("Say what changes, and why."))
        return False
    number = request.POST.get("expected_number", "")
    with refusals_on(form, newest=reverse("process:process", args=[row.code])):
        definition_publish(
            actor=actor_of(request), data=data, source=f"{row.code}.yaml", note=note,
            expected_number=int(number) if number.isascii() and number.isdigit() else 0,
        )  # fmt: skip
    return form.is_valid() and not form.conflict
