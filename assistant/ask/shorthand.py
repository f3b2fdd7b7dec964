"""Shorthand that no grammar reads, written out before a question is read: "# tickets", "top5", "Q2 25", "6 a.m.",
"10 000 euros"."""

from __future__ import annotations

import re

from assistant.ask.period_words import MONTHS

_NUMBER_OF = re.compile(r"#\s*(?=[^\W\d])|\bno\.?\s+of\b", re.IGNORECASE)
_WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
_TOP = re.compile(r"\b(top|bottom)(\d{1,3})\b", re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"\b([ap])\.\s?m\b\.?", re.IGNORECASE)
_PART_OF_YEAR = re.compile(r"\b([qh][1-4])\s+(1[5-9]|2\d|3\d)\b(?!\s*[%:./]|,\d)", re.IGNORECASE)
"""A quarter or a half and two digits that can be nothing but its year."""
_CALENDAR = re.compile(
    r"\bcalendar\s+(?:year\s+)?(?=\d{4}\b|years?\b|months?\b|quarters?\b|weeks?\b)|(?<=\d{4})\s+calendar\s+year\b",
    re.IGNORECASE,
)
"""What is not fiscal is of the calendar anyway."""
_UNITED_STATES = re.compile(r"(?<![\w.])U\.?S\.?(?:A\.?)?(?![\w.])")
"""In capitals, lest "us" is taken for it, and it for "us"."""

_THOUSANDS = re.compile(
    r"\b\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?=\s*(?:[€$£]|(?:euros?|dollars?|pounds?|usd|eur|gbp)\b))", re.IGNORECASE
)

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_SAME_YEAR = re.compile(rf"\b({_MONTH})\s+(1[5-9]|2\d|3\d)\b(.*?\b(?:{_MONTH}))\s+\2\b", re.IGNORECASE)
"""The same two digits after two months are their year: "jun 26 vs may 26"."""


def written_out(question: str) -> str:
    """A question without shorthand: ``"number of tickets"`` for ``"# tickets"``, ``"top 5"`` for ``"top5"``."""
    question = _TOP.sub(r"\1 \2", _NUMBER_OF.sub("number of ", question))
    question = _WITHOUT.sub("without", _THOUSANDS.sub(lambda found: re.sub(r"\s", "", found[0]), question))
    question = _PART_OF_YEAR.sub(r"\1 20\2", _HALF_OF_DAY.sub(r"\1m", question))
    question = _SAME_YEAR.sub(r"\1 20\2\3 20\2", question)
    if not question.isupper():
        question = _UNITED_STATES.sub("USA", question)
    return _CALENDAR.sub("", question)
