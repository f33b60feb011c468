"""Finding every page a person can reach: follow the links of every page, one of each kind."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from tests.contract.addresses import addresses

LEFT_OUT = {"logout", "demo"}
# Documents whose page is another one in each state: as many of them as the company has states.
SEVERAL = {"orders:show": 9, "process:task": 4, "shipping:show": 3, "billing:receipt": 2}
NO_PAGE = ("/api/", "/static/", "/health/", "/ui/kit/")


class _Page(HTMLParser):
    """Links and visible texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "style"):
            self._hidden += 1
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        self.texts += [
            values[name] or ""
            for name in ("title", "aria-label", "placeholder", "alt")
            if values.get(name)
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.texts.append(data.strip())


def read(html: str) -> _Page:
    """Return links and texts of a page."""
    page = _Page()
    page.feed(html)
    return page


def kind_of(path: str) -> str:
    """Return the name of the view behind a path, "" where there is none."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""


def plain_addresses() -> list[str]:
    """Return the paths of the site that take no argument."""
    return [
        f"/{item.route}"
        for item in addresses()
        if not item.arguments and "<" not in item.route and "^" not in item.route
    ]


def pages_of(client: Client, faults: list[str]) -> Iterator[tuple[str, str, _Page]]:
    """Yield (kind, path, page) of every kind of page that the signed-in person can open.

    Of the kinds in SEVERAL more than one, since each state of a document offers other acts.

    Args:
        faults: takes the pages that fail and the links that lead nowhere.
    """
    client.raise_request_exception = False
    waiting = deque([("/", "/"), *((path, "") for path in plain_addresses())])
    seen: Counter[str] = Counter()
    known: set[str] = set()
    while waiting:
        path, source = waiting.popleft()
        kind = kind_of(path)
        if not kind or path in known or kind.rpartition(":")[2] in LEFT_OUT:
            continue
        if seen[kind] >= SEVERAL.get(kind, 1) or path.startswith(NO_PAGE):
            continue
        known.add(path)
        answer = client.get(path)
        if answer.status_code >= 500 or (answer.status_code == 404 and source):
            faults.append(f"{path} (linked from {source}): {answer.status_code}")
        if answer.status_code in (200, 500):
            seen[kind] += 1
        if answer.status_code != 200 or "text/html" not in answer.get("Content-Type", ""):
            continue
        html = answer.content.decode()
        page = read(html)
        if "<html" in html:
            yield kind, path, page
        for link in page.links:
            target = urljoin(path, link)
            if target.startswith("/") and seen[kind_of(target)] < SEVERAL.get(kind_of(target), 1):
                waiting.append((target, path))
