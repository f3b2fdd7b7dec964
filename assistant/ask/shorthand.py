"""Shorthand of dates and numbers written out, before a question is read: "'25", "dec17", "q4 25", "lw", "ninety days",
"# tickets", "10/14"."""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ALONE = {
    "lw": "last week", "lm": "last month", "lq": "last quarter", "tw": "this week", "lst": "last", "yday": "yesterday",
    "yest": "yesterday",
}  # fmt: skip

_NUMBER_OF = re.compile(r"#\s*(?=[^\W\d])")
_YEAR = re.compile(r"(?<![^\W_]{2})\s*['’](\d{2})\b")
_MONTH_YEAR = re.compile(rf"\b({'|'.join(_MONTHS)})[-/]?(\d{{2}})\b", re.IGNORECASE)
_PART_YEAR = re.compile(r"\b(q[1-4]|h[12])[ -](\d{2})\b(?![-/.:])", re.IGNORECASE)
_FISCAL = re.compile(r"\bfy[ -]?(?:20)?(\d{2})\b", re.IGNORECASE)
_TOP = re.compile(r"\b(top|bottom)(\d{1,3})\b", re.IGNORECASE)
_WORDS = re.compile(rf"\b({'|'.join(_ALONE)})\b", re.IGNORECASE)
_TWENTY = re.compile(rf"\btwenty[ -](twenty|thirty)(?:[ -]({'|'.join(_UNITS)}))?\b", re.IGNORECASE)
_COMPOUND = re.compile(rf"\b({'|'.join(_TENS)})(?:[ -]({'|'.join(_UNITS)}))?\b", re.IGNORECASE)
_SLASH = re.compile(
    r"\b(on|for|from|to|until|since|through|between|and|before|after|vs|of)\s+(\d{1,2})/(\d{1,2})\b(?![/\d])|"
    r"(?<=[\d])\s*-\s*(\d{1,2})/(\d{1,2})\b(?![/\d])",
    re.IGNORECASE,
)


def written_out(question: str, *, month_first: bool) -> tuple[str, tuple[str, ...]]:
    """A question without shorthand, and what was assumed for it. ``month_first`` is how the book's place writes
    dates."""
    text = _NUMBER_OF.sub("number of ", question)
    text = _YEAR.sub(r" 20\1", text)
    text = _MONTH_YEAR.sub(r"\1 20\2", text)
    text = _PART_YEAR.sub(r"\1 20\2", text)
    text = _TOP.sub(r"\1 \2", text)
    text, fiscal = _FISCAL.subn(r"20\1", text)
    text = _WORDS.sub(lambda match: _ALONE[match[1].lower()], text)
    text = _TWENTY.sub(
        lambda match: str(2000 + _TENS[match[1].lower()] + _UNITS.get((match[2] or "").lower(), 0)), text
    )
    text = _COMPOUND.sub(lambda match: str(_TENS[match[1].lower()] + _UNITS.get((match[2] or "").lower(), 0)), text)
    text = _SLASH.sub(lambda match: _month_and_day(match, month_first), text)
    notes = ("A fiscal year is read as the calendar year: the book sets no other.",) if fiscal else ()
    return text, notes


def _number(match: re.Match[str]) -> int:
    return _TENS[match[1].lower()] + _UNITS.get((match[2] or "").lower(), 0)


def _month_and_day(match: re.Match[str], month_first: bool) -> str:
    before = match[1] or "-"
    one, two = (int(match[2]), int(match[3])) if match[1] else (int(match[4]), int(match[5]))
    month, day = (one, two) if month_first else (two, one)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{before} {_MONTHS[month - 1]} {day}" if match[1] else f" to {_MONTHS[month - 1]} {day}"
