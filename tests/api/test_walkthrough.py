"""The commands of docs/howto/api-walkthrough.md, read from the page and sent one by one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache

from tests.fixtures.shipping import Depot

PAGE = Path(__file__).resolve().parents[2] / "docs/howto/api-walkthrough.md"
COMMAND = re.compile(
    r"(?:(?P<name>[A-Z_]+)=\$\()?(?P<curl>curl .*?)(?: \| jq -r '(?P<path>.*)'\))?"
)
PEOPLE = {
    "CLERK": "order_clerk", "MANAGER": "key_account_manager", "MARKET": "market_manager",
    "CSR": "csr", "LEADER": "deputy_sales_director", "FINANCE": "finance_clerk",
    "SHIPPING": "shipping_coordinator", "KEEPER": "warehouse_keeper",
    "KEEPER2": "second_keeper", "QUALITY": "quality_inspector", "BILLING": "csr_billing",
    "FINANCE_MANAGER": "finance_manager",
}  # fmt: skip


def commands() -> Iterator[re.Match[str]]:
    for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            match = COMMAND.fullmatch(line)
            assert match is not None, line
            yield match


def send(client: Any, words: list[str]) -> Any:
    """Do what curl does with these words, and nothing else."""
    method, address, headers, body = "GET", "", {}, ""
    left = iter(words[1:])
    for word in left:
        if word == "-X":
            method = next(left)
        elif word == "-H":
            name, _colon, value = next(left).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(left)
        elif word != "-s":
            address = word
    kind = headers.pop("Content-Type", "application/json")
    options: dict[str, Any] = {"headers": headers}
    if method != "GET":
        options |= {"data": body, "content_type": kind}
    return getattr(client, method.lower())(quote(address, safe="/?&=%:"), **options)


def pick(answer: Any, path: str) -> str:
    """Return what jq's simplest paths name: `.items[0].id`."""
    for key, index in re.findall(r"\.(\w+)(?:\[(\d+)\])?", path):
        answer = answer[key]
        answer = answer[int(index)] if index else answer
    return str(answer)


@pytest.fixture
def tokens(depot: Depot) -> dict[str, str]:
    from chengdan.kernel.http.tokens import token_issue

    cache.clear()
    return {
        name: token_issue(actor=depot.house.actor(who), name=name, scopes=["*"], days=1)[1]
        for name, who in PEOPLE.items()
    }


def test_one_order_becomes_cash(depot: Depot, tokens: dict[str, str], client: Any) -> None:
    depot.stock("HY-0712", 500)
    known = {"API": "/api/v1", **tokens}
    for match in commands():
        words = shlex.split(match["curl"].replace("\\$", "$$"))
        words = [Template(word).substitute(known) for word in words]
        answer = send(client, words)
        assert answer.status_code in (200, 201), (match["curl"], answer.content.decode())
        if match["name"]:
            known[match["name"]] = pick(answer.json(), match["path"])
    assert (known["OPEN"], known["STATUS"]) == ("0.0000", "closed")
