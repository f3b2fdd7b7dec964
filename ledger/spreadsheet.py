"""Texts in files that a spreadsheet opens: a text that it would run as a formula is made a text again."""

from __future__ import annotations

import re

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


def harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: ``harmless("=SUM(A1)") == "'=SUM(A1)"``; numbers stay.

    The rule is OWASP's on CSV injection: a quote before a text that begins with ``= + - @``, tab or a line's end.
    """
    if value.startswith(_FORMULA_STARTS) and not _NUMBER.match(value):
        return f"'{value}"
    return value
