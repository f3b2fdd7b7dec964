"""Amounts, rates and dates as papers write them: ``1.234,56``, ``1,234.56-``, ``19,0 %``, ``5. Oktober 2026``.

An amount has two decimals, and the sign before them is the same on the whole of a paper. A date of two small numbers
with slashes can be read in two ways; it says both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

JOIN = "\u00a0"
"""Stands between the groups of a number that is printed with spaces between its thousands."""
CURRENCY_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
"""Signs that are of one currency; ``$`` is of many."""
CURRENCY_CODES = ("EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK")

_SIGNS = re.compile(r"[$€£¥₹]|\b(?:" + "|".join(CURRENCY_CODES) + r")(?![A-Za-z])")
_AMOUNT = re.compile(
    r"(?<![\w.,'’" + JOIN + r"])(?P<open>\(\s?)?(?P<minus>[-−–]\s?)?"
    r"(?P<whole>\d{1,3}(?:(?P<group>[.,'’" + JOIN + r"])\d{3})(?:(?P=group)\d{3})*|\d{1,9})"
    r"(?P<point>[.,])(?P<cents>\d{2})"
    r"(?![\d%])(?![.,:/]\d)(?!\s?%)(?P<close>\s?\))?(?P<after>\s?[-−–](?![\w.]))?(?:\s?(?P<mark>[A-Z*])(?!\w))?"
)
_RATE = re.compile(r"(?<![\d.,])(\d{1,2})(?:[.,](\d{1,3}))?\s?%")
_NUMERIC = re.compile(r"(?<![\d./-])(\d{1,4})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)")
_MONTH = r"(?P<month>[A-Za-zÀ-ÿ]{3,9})\.?"
_NAMED = re.compile(
    rf"(?<!\w)(?:(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er)?[ -]{_MONTH}[ -](?P<year>\d{{4}}|\d{{2}})"
    rf"|{_MONTH.replace('month', 'month2')} (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year2>\d{{4}}))(?!\w)"
)
_MONTHS = (
    ("jan", "janvier", "januar", "january", "janner"),
    ("feb", "fevrier", "februar", "february", "fev", "fevr"),
    ("mar", "mars", "marz", "march", "maerz", "mrz"),
    ("apr", "avril", "april", "avr"),
    ("may", "mai"),
    ("jun", "juin", "juni", "june"),
    ("jul", "juillet", "juli", "july", "juil"),
    ("aug", "aout", "august"),
    ("sep", "septembre", "september", "sept"),
    ("oct", "octobre", "oktober", "october", "okt"),
    ("nov", "novembre", "november"),
    ("dec", "decembre", "dezember", "december", "dez"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}


@dataclass(frozen=True)
class Amount:
    """An amount in a text, in minor units of a currency with two decimals; ``mark`` is a letter behind it, which names
    a rate of tax on many receipts."""

    minor: int
    start: int
    end: int
    mark: str


@dataclass(frozen=True)
class Rate:
    """A percentage in a text, in millionths: 19 % is 190,000."""

    micro: int
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """A date in a text; ``other`` is what else it may mean."""

    day: date
    other: date | None
    start: int
    end: int


def blank_currencies(text: str) -> str:
    """The text with signs and codes of currencies as spaces, every other character at its place."""
    return _SIGNS.sub(lambda found: " " * len(found[0]), text)


def currencies(text: str) -> set[str]:
    """The currencies that a text names by a code, or a sign of one currency."""
    found = {CURRENCY_SIGNS.get(one, one) for one in _SIGNS.findall(text)}
    return found - {"$"}


def points(text: str) -> list[str]:
    """The signs before the decimals of the amounts in a text: ``.`` or ``,`` each."""
    return [found["point"] for found in _AMOUNT.finditer(blank_currencies(text))]


def amounts(text: str, point: str) -> list[Amount]:
    """The amounts in a text whose decimals stand behind ``point``."""
    return list(_amounts(blank_currencies(text), point))


def _amounts(text: str, point: str) -> Iterator[Amount]:
    for found in _AMOUNT.finditer(text):
        if found["point"] != point or found["group"] == point:
            continue
        digits = re.sub(r"\D", "", found["whole"])
        value = int(digits) * 100 + int(found["cents"])
        in_brackets = found["open"] is not None and found["close"] is not None
        if found["minus"] or found["after"] or in_brackets:
            value = -value
        yield Amount(value, found.start(), found.end(), (found["mark"] or "").strip("*"))


def rates(text: str) -> list[Rate]:
    """The percentages in a text."""
    return [
        Rate(int(found[1]) * 10_000 + int((found[2] or "").ljust(4, "0")[:4]), found.start(), found.end())
        for found in _RATE.finditer(text)
    ]


def days(text: str, *, day_first: bool | None) -> list[Day]:
    """The dates in a text. ``day_first`` says how two small numbers with slashes are meant where the paper tells it
    (by its decimal comma); None where it does not, and then such a date has an ``other``."""
    found = [*_numeric_days(text, day_first), *_named_days(text)]
    return sorted(found, key=lambda one: one.start)


def _numeric_days(text: str, day_first: bool | None) -> Iterator[Day]:
    for found in _NUMERIC.finditer(text):
        first, separator, second, third = found.groups()
        if len(first) == 4:
            made, other = _day(first, second, third), None
        elif len(first) == 3:
            continue
        else:
            by_day, by_month = _day(third, second, first), _day(third, first, second)
            if separator == "." or day_first is True:
                made, other = by_day, None
            elif day_first is False and by_month is not None:
                made, other = by_month, None
            else:
                made, other = (by_month, by_day) if by_month is not None else (by_day, None)
                other = None if other == made else other
        if made is not None:
            yield Day(made, other, found.start(), found.end())


def _named_days(text: str) -> Iterator[Day]:
    for found in _NAMED.finditer(text):
        name = _plain(found["month"] or found["month2"])
        month = _MONTH_OF.get(name) or _MONTH_OF.get(name[:3])
        made = month and _day(found["year"] or found["year2"], str(month), found["day"] or found["day2"])
        if made:
            yield Day(made, None, found.start(), found.end())


def _day(year: str, month: str, day: str) -> date | None:
    whole = int(year) + 2000 if len(year) <= 2 else int(year)
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None


def _plain(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
