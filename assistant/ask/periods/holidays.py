"""Named days, public holidays and retail days, by rule (``holidays.toml``): which day one is in a year."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from assistant.ask.period_words import DAYS


@dataclass(frozen=True)
class _NamedDay:
    countries: frozenset[str]
    rule: str


def named_at(texts: Sequence[str], place: int) -> tuple[str, int] | None:
    """The longest name of a day, or of a season, that begins at a word, and the index after it."""
    for phrase in _names().get(texts[place], ()):
        if tuple(texts[place : place + len(phrase)]) == phrase:
            return " ".join(phrase), place + len(phrase)
    return None


def day_of(name: str, year: int, country: str) -> date:
    """The day of a name in a year, as a country means it; ValueError for a season, which has no dates of its own."""
    if name in _seasons():
        raise ValueError(f"The {name.removeprefix('the ')} has no fixed dates: say from which day to which.")
    listed = _days()[name]
    found = next((one for one in listed if country in one.countries), listed[0])
    return _by_rule(found.rule, year)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    month, day = divmod(d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, number: int | None) -> date:
    """The nth weekday of a month, the last one where ``number`` is None; ValueError where there is none."""
    if number is None:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return date(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (number - 1))


def _by_rule(rule: str, year: int) -> date:
    parts = rule.split()
    if len(parts) == 1:
        return date.fromisoformat(f"{year:04}-{rule}")
    if parts[0] == "easter":
        return easter(year) + timedelta(days=int(parts[1]))
    number = None if parts[0] == "last" else int(parts[0])
    shift = int(parts[3]) if len(parts) > 3 else 0
    return nth_weekday(year, int(parts[2]), DAYS[parts[1]], number) + timedelta(days=shift)


@cache
def _table() -> tuple[dict[str, list[_NamedDay]], frozenset[str]]:
    read = tomllib.loads(files("assistant.ask.periods").joinpath("holidays.toml").read_text("utf-8"))
    days: dict[str, list[_NamedDay]] = {}
    for one in read["day"]:
        for name in one["names"]:
            days.setdefault(name, []).append(_NamedDay(frozenset(one.get("countries", ())), one["rule"]))
    return days, frozenset(read["seasons"])


def _days() -> dict[str, list[_NamedDay]]:
    return _table()[0]


def _seasons() -> frozenset[str]:
    return _table()[1]


@cache
def _names() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in (*_days(), *_seasons()):
        phrase = tuple(name.split())
        found.setdefault(phrase[0], []).append(phrase)
    return {word: sorted(phrases, key=len, reverse=True) for word, phrases in found.items()}
