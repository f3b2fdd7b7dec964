"""What no grammar reads, written out before a question is read: "# tickets", "top5", "Q2 25", "6 a.m.", "10 000 euros",
"two and a half thousand", "juin"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.ask.period_words import MONTHS
from assistant.ask.tokens import NUMBERS

if TYPE_CHECKING:
    from assistant.ask.draft import Context
    from assistant.ask.periods import Calendar

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
_FISCAL_YEAR = r"\d{4}(?:/\d{2}(?:\d{2})?)?"
_BOTH_FISCAL = re.compile(
    rf"\b((?:fiscal|financial|fy)\s+(?:year\s+)?{_FISCAL_YEAR}\s+(?:and|to|vs\.?|versus|or|against|with))\s+"
    rf"(?={_FISCAL_YEAR}(?![-/\d]))",
    re.IGNORECASE,
)
"""The second of two years is as fiscal as the first: "fiscal 2024/25 and 2025/26"."""
_ASIDE = re.compile(r"\b(?:i\.\s?e|e\.\s?g)\b\.?,?", re.IGNORECASE)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_AND_A_HALF = re.compile(r"\b(\w+)\s+and\s+a\s+half\s+(hundred|thousand|million)\b", re.IGNORECASE)
_HALF_A = re.compile(r"\bhalf\s+a\s+(thousand|million)\b", re.IGNORECASE)
_SET_AGAINST = re.compile(r"^\s*(?:set|put)\s+(.+?)\s+(?:up\s+)?against\b", re.IGNORECASE)
_ALL_PARTS = re.compile(
    r"\b(?:over|across|for|during|in)?\s*(?:the|all)\s+(?:three|four|seven|twelve|3|4|7|12)\s+(quarter|month|week|day)s\s+of\b",
    re.IGNORECASE,
)
"""Each part of a period: "over the four quarters of 2025"."""
_UNITS_OF = re.compile(
    rf"\b(?:(?:for|in|over)\s+)?(?:the\s+)?(?:\d|two|three|four|five|six)\s+months\s+(?:from\s+|of\s+)?"
    rf"(?=(?:{_MONTH})\s+(?:to|through|until|-)\s)",
    re.IGNORECASE,
)
_YEARS_TO = re.compile(r"\b(?:the\s+)?years\s+(?=\d{4}\s*(?:to|through|until|-|–|and)\s*\d{4})", re.IGNORECASE)
_PERIOD_FROM = re.compile(
    r"\b(?:(?:in|for|over|during)\s+)?the\s+period\s+(?:of\s+)?(?=from|between|\d)", re.IGNORECASE
)
"""What the dates behind it say anyway: "the three months March to May", "the years 2021 to 2025", "the period from"."""
_CARRYING = re.compile(
    r"\b(?:carr(?:y|ied|ying)|bore|bearing|involv(?:e|ed|ing))\s+(?:an?|any|some)\s+(?=discount|return|tip|refund|comp)",
    re.IGNORECASE,
)
_HOW_MANY_MONEY = re.compile(
    r"\bhow\s+many\s+(?:dollars|euros|pounds|bucks|francs|yen|cents|usd|eur|gbp|cad)\b", re.IGNORECASE
)
_SAME_TIME = re.compile(r"\b(\d{1,2}\s*(?:am|pm))\s*\(\s*\d{1,2}:\d{2}\s*\)", re.IGNORECASE)
_THE_QUARTER = re.compile(
    rf"\bthe\s+(?:quarter|month|year|half)\s+(?=(?:[qh][1-4]\b|\d{{4}}\b|(?:{_MONTH})\b))", re.IGNORECASE
)
_WEEK_OF_DAYS = re.compile(
    rf"\bweek\s+of\s+(?=\d{{1,2}}\s*(?:-|–|to|through)\s*\d{{1,2}}\s+(?:{_MONTH})\b)", re.IGNORECASE
)
_INCLUDING_TODAY = re.compile(r"\bincluding\s+today\b|\btoday\s+included\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:good\s+)?(?:morning|afternoon|evening)(?:\s+(?:all|team|folks|everyone))?\s*(?:[,!–—:.]|-\s)",
    re.IGNORECASE,
)
_PER_OPEN_DAY = re.compile(r"\b(?:per|a)\s+(?:trading|opening|open|working)\s+day\b", re.IGNORECASE)
_ELSEWHERE = {
    "january": "janvier januar januari enero gennaio", "february": "fevrier février februar februari febrero febbraio",
    "march": "märz maerz maart", "april": "avril abril aprile", "may": "maggio", "june": "juin juni junio giugno",
    "july": "juillet juli julio luglio", "august": "août aout augustus", "september": "septembre septiembre settembre",
    "october": "octobre oktober octubre ottobre", "november": "novembre noviembre",
    "december": "décembre decembre dezember diciembre dicembre",
}  # fmt: skip
"""Months in French, German, Dutch, Spanish and Italian, without those that are an English word or a common name."""
_MONTH_OF = {word: month for month, said in _ELSEWHERE.items() for word in said.split()}
_FOREIGN_MONTH = re.compile(rf"\b({'|'.join(_MONTH_OF)})\b", re.IGNORECASE)


def _with_half(said: re.Match[str]) -> str:
    """The number of "two and a half thousand"; the words as they stand where the first is none."""
    word, scale = NUMBERS.get(said[1].lower(), said[1]), _SCALES[said[2].lower()]
    return str(int(word) * scale + scale // 2) if word.isdigit() else said[0]


_WRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_NUMBER_OF, "number of "),
    (_TOP, r"\1 \2"),
    (_THOUSANDS, lambda said: re.sub(r"\s", "", said[0])),
    (_WITHOUT, "without"),
    (_HALF_OF_DAY, r"\1m"),
    (_PART_OF_YEAR, r"\1 20\2"),
    (_ASIDE, ""),
    (_SET_AGAINST, r"compare \1 with"),
    (_HALF_A, lambda said: str(_SCALES[said[1].lower()] // 2)),
    (_AND_A_HALF, _with_half),
    (_BOTH_FISCAL, r"\1 fiscal "),
    (_ALL_PARTS, r" by \1 in"),
    (_PERIOD_FROM, ""),
    (_PER_OPEN_DAY, "on average per day"),
    (_SAME_TIME, r"\1"),
    (_HOW_MANY_MONEY, "how much money"),
    (_INCLUDING_TODAY, ""),
    (_THE_QUARTER, ""),
    (_WEEK_OF_DAYS, ""),
    (_CARRYING, "with a "),
    (_GREETING, ""),
    (_UNITS_OF, ""),
    (_YEARS_TO, ""),
    (_FOREIGN_MONTH, lambda said: _MONTH_OF[said[1].lower()]),
    (_SAME_YEAR, r"\1 20\2\3 20\2"),
)
"""What is written in place of what, one after the other."""


def written_out(question: str) -> str:
    """A question without shorthand: ``"number of tickets"`` for ``"# tickets"``, ``"top 5"`` for ``"top5"``."""
    for pattern, written in _WRITTEN:
        question = pattern.sub(written, question)
    if not question.isupper():
        question = _UNITED_STATES.sub("USA", question)
    return _CALENDAR.sub("", question)


_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(?:\d{2}|\d{4}))?(?![\d/])")
_MONTHS_LAST, _DAYS_LAST = 12, 31


def as_written(question: str, context: Context) -> Context:
    """The context with the order of day and month that a question's own dates can only have: "1/4/26 - 30/6/26"."""
    dates = [(int(found[1]), int(found[2])) for found in _SLASHED.finditer(question)]
    day_first = any(_MONTHS_LAST < one <= _DAYS_LAST and 1 <= two <= _MONTHS_LAST for one, two in dates)
    month_first = any(1 <= one <= _MONTHS_LAST < two <= _DAYS_LAST for one, two in dates)
    if day_first == month_first or context.calendar.month_first == month_first:
        return context
    return replace(context, calendar=replace(context.calendar, month_first=month_first))


_MONTH_AND_TWO = re.compile(
    rf"(\b(?:in|on)\s+)?\b({_MONTH})\s+(1[5-9]|2\d|3\d)\b(?!\s*(?:,?\s*\d|[-–/:.%]\s*\d|th\b|st\b|nd\b|rd\b|%))",
    re.IGNORECASE,
)


def years_of_months(question: str, calendar: Calendar) -> tuple[str, tuple[str, ...]]:
    """A question with the year in "in March 26" written out, and what was read so.

    Two digits behind a month are this year or the last after "in", and where a date has its day first; else they can be
    a day.
    """
    notes: list[str] = []

    def written(found: re.Match[str]) -> str:
        before = (found[1] or "").strip().lower()
        year = 2000 + int(found[3])
        if before == "on" or (before != "in" and calendar.month_first) or year not in _near(calendar.today.year):
            return found[0]
        notes.append(f"{found[2].capitalize()} {found[3]} is read as {found[2].capitalize()} {year}.")
        return f"{found[1] or ''}{found[2]} {year}"

    return _MONTH_AND_TWO.sub(written, question), tuple(notes)


def _near(year: int) -> tuple[int, int]:
    return year, year - 1
