"""``Column``: what a column of a file looks like, by its header and a sample of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

Kind = Literal["integer", "decimal", "instant", "date", "time", "text", "empty"]

DATES = ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%m/%d/%y", "%d-%m-%Y")
TIMES = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p")
INSTANTS = tuple(f"{day}{gap}{time}" for day in DATES for gap in (" ", "T") for time in TIMES)
ENOUGH = 0.98
"""The share of values that has to be of a kind for the column to be of it."""

_INTEGER = re.compile(r"^[-+]?\d+$")
_DECIMAL = {".": re.compile(r"^[-+(]?[$€£]?\d[\d,']*(\.\d+)?\)?$"), ",": re.compile(r"^[-+]?\d[\d.]*(,\d+)?\s?€?$")}
_STEP = re.compile(r"[A-ZÀ-Þ]+(?![a-zß-ÿ])|[A-ZÀ-Þ]?[a-zß-ÿ]+|\d+")


@dataclass(frozen=True)
class Column:
    """A column: ``name`` as in the header, ``words`` of it in lower case, and what its values are.

    ``format`` is how dates and times are written, ``mark`` the decimal sign; ``places`` is the most decimals seen.
    """

    name: str
    words: tuple[str, ...]
    kind: Kind
    values: tuple[str, ...]
    distinct: int
    format: str = ""
    mark: str = "."
    places: int = 0

    @property
    def is_unique(self) -> bool:
        return bool(self.values) and self.distinct == len([value for value in self.values if value])

    def numbers(self) -> list[Decimal | None]:
        """The values as exact numbers, in the order of the rows."""
        return [_number(value, self.mark) for value in self.values]


def column(name: str, values: Sequence[str]) -> Column:
    """Look at a column: its values are those of a sample of rows, in order."""
    trimmed = tuple(value.strip() for value in values)
    given = [value for value in trimmed if value]
    words = tuple(step.lower() for step in _STEP.findall(name))
    distinct = len(set(given))
    if not given:
        return Column(name, words, "empty", trimmed, 0)
    if _mostly(given, lambda value: bool(_INTEGER.match(value))):
        return Column(name, words, "integer", trimmed, distinct)
    for mark, pattern in _DECIMAL.items():
        if _mostly(given, lambda value, pattern=pattern: bool(pattern.match(value)) or "e-" in value):
            places = max(len(value.partition(mark)[2].rstrip(")€ ")) for value in given if "e" not in value)
            return Column(name, words, "decimal", trimmed, distinct, mark=mark, places=places)
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (("date", DATES), ("instant", INSTANTS), ("time", TIMES))
    for kind, formats in kinds:
        for format_ in formats:
            if _mostly(given, lambda value, format_=format_: _is_time(value, format_)):
                return Column(name, words, kind, trimmed, distinct, format=format_)
    return Column(name, words, "text", trimmed, distinct)


def _mostly(values: Sequence[str], test: object) -> bool:
    assert callable(test)
    if not test(values[0]) and not test(values[-1]):
        return False
    return sum(bool(test(value)) for value in values) >= ENOUGH * len(values)


def _is_time(value: str, format_: str) -> bool:
    try:
        datetime.strptime(value, format_)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _number(value: str, mark: str) -> Decimal | None:
    plain = re.sub(r"[^\d.e+-]", "", value.replace(".", "").replace(",", ".") if mark == "," else value)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
