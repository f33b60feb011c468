"""One typst compiler per process, kept, because a new one searches the fonts again."""

from __future__ import annotations

import json
import logging
import threading
from functools import cache
from typing import Any

import typst

from chengdan.kernel import clock
from chengdan.kernel.audit.record import canonical
from chengdan.kernel.printing.fonts import families, fonts
from chengdan.kernel.printing.registry import PACKAGE, template_get

log = logging.getLogger(__name__)
_lock = threading.Lock()


class PrintError(RuntimeError):
    """A template could not be set; a programming error, with the reason in the log."""


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(PACKAGE), font_paths=fonts(), ignore_system_fonts=True)


def print_pdf(template: str, data: dict[str, Any], *, language: str = "zh-hans") -> bytes:
    """Return the PDF of a registered template filled with `data`.

    Args:
        data: JSON-able values, Decimals and dates included; texts appear exactly as they are.
        language: of the customer; chooses fonts and hyphenation.

    Raises:
        KeyError: no such template.
        PrintError: the template does not fit the data.
    """
    path = template_get(template).path
    inputs = {
        "data": canonical(data),
        "language": language,
        "fonts": json.dumps(families(language)),
    }
    at = int(clock.now().timestamp())
    try:
        with _lock:
            pdf = _compiler().compile(
                str(path), format="pdf", sys_inputs=inputs, root=str(PACKAGE), timestamp=at
            )
    except RuntimeError as error:
        log.exception("template %s failed", template)
        raise PrintError(template) from error
    if not isinstance(pdf, bytes):
        raise PrintError(template)
    return pdf
