"""What histories call the fields of processes and problem records, and how their values read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from chengdan.kernel.audit import audit_fields_register, audit_names_register
from chengdan.modules.process.models import Definition, DefinitionVersion, Instance
from chengdan.modules.process.rules.definition import text_of
from chengdan.modules.process.selectors.definitions import process_of
from chengdan.modules.process.selectors.titles import topic_title


def _instance_names(ids: Collection[Any]) -> Mapping[Any, str]:
    language = get_language() or "zh-hans"
    rows = Instance.objects.filter(pk__in=ids).select_related("definition_version")
    return {
        row.pk: f"{text_of(process_of(row.definition_version).title, language)} "
        f"{text_of(row.titles, language)}"
        for row in rows
    }


def _definition_names(ids: Collection[Any]) -> Mapping[Any, str]:
    language = get_language() or "zh-hans"
    rows = Definition.objects.filter(pk__in=ids, current__isnull=False).select_related("current")
    return {row.pk: text_of(process_of(row.current).title, language) for row in rows if row.current}


def _version_names(ids: Collection[Any]) -> Mapping[Any, str]:
    rows = DefinitionVersion.objects.filter(pk__in=ids).values_list("pk", "number")
    return {pk: str(number) for pk, number in rows}


def _topic(name: str, value: Any) -> str:
    return topic_title(value) if name == "topic" else ""


audit_names_register("process.definition", _definition_names)
audit_names_register("process.instance", _instance_names)
audit_names_register("process.definitionversion", _version_names)
audit_fields_register(
    "process.definition", titles={"current": _("version in force"), "digest": _("digest")}
)
audit_fields_register("process.instance")
audit_fields_register("process.problemrecord", text=_topic)
