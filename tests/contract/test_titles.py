"""Whatever programs call by a code has a title for the people who meet it on a page."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import override

from chengdan.config.rooms import ROOMS
from chengdan.kernel.http.pages import scope_title
from chengdan.kernel.http.tokens import scopes_offered
from chengdan.kernel.outbox.handlers import work_codes, work_title
from chengdan.kernel.parameters import parameters_all
from chengdan.kernel.permissions import permissions_all, room_title

TOYS = ("toy", "tests.", "probe", "http_probe", "x.", "none")


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_deferred_work_has_a_title(language: str) -> None:
    with override(language):
        codes = [code for code in work_codes() if code and not code.startswith(TOYS)]
        assert len(codes) > 50
        assert [code for code in codes if work_title(code) == code] == []


@pytest.mark.parametrize("room", ["kernel", *ROOMS])
def test_a_room_has_a_title(room: str) -> None:
    assert isinstance(apps.get_app_config(room).verbose_name, Promise)
    with override("zh-hans"):
        assert not re.search("[A-Za-z]", room_title(f"{room}.thing:view"))


def test_rights_parameters_and_scopes_of_tokens_have_titles() -> None:
    with override("zh-hans"):
        assert [item.code for item in permissions_all() if str(item.title) == item.code] == []
        assert [item.code for item in parameters_all() if str(item.title) == item.code] == []
        scopes = [scope for scope in scopes_offered() if not scope.startswith(TOYS)]
        assert [scope for scope in scopes if scope_title(scope) == scope] == []
