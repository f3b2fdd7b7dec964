"""What simple baselines fill into a plan: dates found by a few patterns, and names that stand in the question as they
are in the book. It shares nothing with the interpreter."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

from ledger.figures import Figures, Filter, Period
from ledger.figures.plan import Dimension

NAME_WORDS_MAX = 6
_NAMED: tuple[Dimension, ...] = (
    "store", "category", "item", "tender", "card_brand", "cashier", "customer", "channel", "region", "owner",
    "jurisdiction",
)  # fmt: skip
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name} | {
    name.lower(): number for number, name in enumerate(calendar.month_abbr) if name
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def period_in(question: str, today: date) -> Period | None:
    """The first period that the question names, or None."""
    text = question.casefold()
    if found := re.search(r"\b(\d{4})-(\d\d)-(\d\d)\b", text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := re.search(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b(?: (\d{{4}}))?", text):
        return _day(int(found[3] or today.year), _MONTHS[found[2]], int(found[1]))
    if found := re.search(r"\bq([1-4])(?: (\d{4}))?\b", text):
        return _months(int(found[2] or today.year), 3 * int(found[1]) - 2, 3)
    if found := re.search(rf"\b({_MONTH})\b(?: (\d{{4}}))?", text):
        return _months(int(found[2] or today.year), _MONTHS[found[1]], 1)
    if found := re.search(r"\b(?:in|of|for|during) (\d{4})\b", text):
        return _months(int(found[1]), 1, 12)
    return _relative(text, today)


def before(period: Period) -> Period | None:
    """The period of the same length that ends where this one starts: as many months, where it is whole ones."""
    if period.start is None or period.end is None:
        return None
    start, after = period.start, period.end + timedelta(days=1)
    if start.day == after.day == 1:
        count = 12 * (after.year - start.year) + after.month - start.month
        earlier = 12 * start.year + start.month - 1 - count
        return _months(earlier // 12, earlier % 12 + 1, count)
    return Period(start=start - (after - start), end=start - timedelta(days=1))


def names_of(figures: Figures) -> dict[str, Filter]:
    """Filters by the words of the name that they keep; of a category's path, its last step will do."""
    found: dict[str, Filter] = {}
    for dimension in _NAMED:
        for value in figures.values(dimension):
            for name in (value, value.split(" / ")[-1]):
                found.setdefault(" ".join(words_of(name)), Filter(dimension=dimension, values=(value,)))
    found.pop("", None)
    return found


def filters_in(question: str, names: dict[str, Filter]) -> tuple[Filter, ...]:
    """The names that stand in the question, longest first, none inside another."""
    found: dict[Dimension, list[str]] = {}
    for word in _read(question, names):
        if isinstance(word, Filter):
            found.setdefault(word.dimension, []).extend(word.values)
    return tuple(Filter(dimension=dimension, values=tuple(values)) for dimension, values in found.items())


def masked(question: str, names: dict[str, Filter]) -> str:
    """The question with its slots as mere kinds, so that two are alike that ask the same of other names and dates."""
    words = [word.dimension if isinstance(word, Filter) else word for word in _read(question, names)]
    return " ".join("date" if word in _MONTHS or word[0].isdigit() else word for word in words)


def _read(question: str, names: dict[str, Filter]) -> list[str | Filter]:
    """The words of the question, each name in it as the filter that it stands for."""
    words = words_of(question)
    read: list[str | Filter] = []
    while words:
        for length in range(min(NAME_WORDS_MAX, len(words)), 0, -1):
            one = names.get(" ".join(words[:length]))
            if one is not None:
                read.append(one)
                del words[:length]
                break
        else:
            read.append(words.pop(0))
    return read


def _relative(text: str, today: date) -> Period | None:
    monday = today - timedelta(days=today.weekday())
    quarter = 3 * ((today.month - 1) // 3) + 1
    if "yesterday" in text:
        return Period(start=today - timedelta(days=1), end=today - timedelta(days=1))
    if "today" in text:
        return Period(start=today, end=today)
    if "last week" in text:
        return Period(start=monday - timedelta(days=7), end=monday - timedelta(days=1))
    if "last month" in text:
        return _months(today.year, today.month - 1, 1)
    if "last quarter" in text:
        return _months(today.year, quarter - 3, 3)
    if "last year" in text:
        return _months(today.year - 1, 1, 12)
    for said, start in (
        ("this week", monday),
        ("this month", today.replace(day=1)),
        ("month to date", today.replace(day=1)),
        ("mtd", today.replace(day=1)),
        ("this quarter", date(today.year, quarter, 1)),
        ("this year", date(today.year, 1, 1)),
        ("year to date", date(today.year, 1, 1)),
        ("ytd", date(today.year, 1, 1)),
    ):
        if said in text:
            return Period(start=start, end=today)
    return None


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        there = date(year, month, day)
    except ValueError:
        return None
    return Period(start=there, end=there)


def _months(year: int, month: int, count: int) -> Period:
    """Whole months from one on, which may lie in the year before."""
    year, month = (year, month) if month > 0 else (year - 1, month + 12)
    after = month + count
    end = date(year + (after - 1) // 12, (after - 1) % 12 + 1, 1) - timedelta(days=1)
    return Period(start=date(year, month, 1), end=end)
