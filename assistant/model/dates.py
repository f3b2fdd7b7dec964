"""How periods are written: for each period that an answer speaks of, all the phrases that mean it and no other.

Nothing is parsed. A date that is in no used plan has no phrase here, and so a sentence that names it is not understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from assistant.ask.calendar import before, containing, earlier, grain_of, year_before
from assistant.model.evidence import Dates

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONG_AGO = timedelta(days=365)
_UNITS = ("day", "week", "month", "quarter", "year")


def phrases(periods: Iterable[Dates], main: Dates, today: date, week_starts: str = "monday") -> dict[str, Dates]:
    """The phrases, in lower case, that mean one of some periods; ``main`` is the period that the answer is about.

    A phrase that could mean two of them, or a later one that is not among them, is left out.
    """
    found: dict[str, set[Dates]] = {}
    for one in periods:
        for phrase in _phrases(one, main, today, week_starts):
            found.setdefault(phrase, set()).add(one)
    return {phrase: next(iter(meant)) for phrase, meant in found.items() if len(meant) == 1}


def _phrases(one: Dates, main: Dates, today: date, week_starts: str) -> Iterator[str]:
    start, end = one
    if start is None or end is None:
        if start is None and end is None:
            yield from ("over all dates", "over all dates of the book", "all dates", "over the whole book")
        elif start is not None:
            yield from (f"{word} {day}" for word in ("from", "since") for day in _day(start, today))
        elif end is not None:
            yield from (f"{word} {day}" for word in ("up to", "until") for day in _day(end, today))
        return
    if start == end:
        yield from _day(start, today)
    yield from _unit(start, end, today, week_starts)
    yield from _range(start, end, today, week_starts)
    yield from _relative(start, end, main, today, week_starts)


def _day(day: date, today: date) -> Iterator[str]:
    yield day.isoformat()
    for month in {MONTHS[day.month - 1], MONTHS[day.month - 1][:3]}:
        for number in (str(day.day), f"{day.day}{_suffix(day.day)}"):
            for text in (f"{number} {month}", f"{month} {number}", f"{number} of {month}", f"the {number} of {month}"):
                comma = ", " if text.startswith(month) else " "
                dated = [f"{text}{comma}{day.year}", f"{text} {day.year}"]
                for written in [*dated, text] if _is_latest(day, today) else dated:
                    yield written
                    for weekday in (WEEKDAYS[day.weekday()], WEEKDAYS[day.weekday()][:3]):
                        yield f"{weekday} {written}"
                        yield f"{weekday}, {written}"


def _unit(start: date, end: date, today: date, week_starts: str) -> Iterator[str]:
    """A whole week, month, quarter or year by its name."""
    grain = grain_of(start, end, week_starts)
    latest = today - start < _LONG_AGO and start <= today
    if grain == "month":
        for month in {MONTHS[start.month - 1], MONTHS[start.month - 1][:3]}:
            yield f"{month} {start.year}"
            yield f"{month} of {start.year}"
            yield f"the month of {month} {start.year}"
            if latest:
                yield month
                yield f"the month of {month}"
    elif grain == "quarter":
        number = (start.month + 2) // 3
        name = ("first", "second", "third", "fourth")[number - 1]
        for text in (f"q{number}", f"the {name} quarter"):
            yield f"{text} {start.year}"
            yield f"{text} of {start.year}"
            if latest:
                yield text
        yield f"{start.year}-q{number}"
    elif grain == "year":
        yield from (str(start.year), f"the year {start.year}", f"all of {start.year}")
    elif grain == "week":
        for day in _day(start, today):
            yield from (f"the week of {day}", f"the week from {day}", f"the week starting {day}", f"week of {day}")
        if week_starts == "monday":
            year, number, _ = start.isocalendar()
            yield from (f"{year}-w{number:02}", f"week {number} of {year}", f"week {number} {year}")
            if latest:
                yield f"week {number}"


def _range(start: date, end: date, today: date, week_starts: str) -> Iterator[str]:
    """From one day to another, with what the two share said once."""
    if start == end:
        return
    joins = [("from ", " to "), ("", " to "), ("between ", " and "), ("", " through "), ("", "–"), ("", " – "),
             ("", "-"), ("", " - "), ("from ", " through "), ("from ", " until ")]  # fmt: skip
    latest = _is_latest(start, today) and _is_latest(end, today)
    pairs: list[tuple[str, str]] = [(start.isoformat(), end.isoformat())]
    for long in (True, False):
        first, last = (name if long else name[:3] for name in (MONTHS[start.month - 1], MONTHS[end.month - 1]))
        one_month = (start.year, start.month) == (end.year, end.month)
        years = [(f" {start.year}", f" {end.year}")]
        if start.year == end.year:
            years += [("", f" {end.year}"), *([("", "")] if latest else [])]
        for early, late in years:
            pairs.append((f"{start.day} {first}{early}", f"{end.day} {last}{late}"))
            pairs.append((f"{first} {start.day}{early}", f"{last} {end.day}{late}"))
            pairs.append((f"{first} {start.day}{early and ',' + early}", f"{last} {end.day}{late and ',' + late}"))
            pairs.append(
                (
                    f"{WEEKDAYS[start.weekday()]} {start.day} {first}{early}",
                    f"{WEEKDAYS[end.weekday()]} {end.day} {last}{late}",
                )
            )
            if one_month and not early:
                pairs.append((str(start.day), f"{end.day} {last}{late}"))
                pairs.append((f"{first} {start.day}", f"{end.day}{late and ',' + late}"))
                pairs.append(
                    (f"the {start.day}{_suffix(start.day)}", f"the {end.day}{_suffix(end.day)} of {last}{late}")
                )
        if start.day == 1 and (end + timedelta(days=1)).day == 1 and not one_month:
            for early, late in years:
                pairs.append((f"{first}{early}", f"{last}{late}"))
    grain = grain_of(start, end, week_starts)
    for early, late in pairs:
        yield from (f"{begin}{early}{middle}{late}" for begin, middle in joins)
        if grain is not None:
            yield from (f"the {grain} {joined} {early} to {late}" for joined in ("from", "of"))


def _relative(start: date, end: date, main: Dates, today: date, week_starts: str) -> Iterator[str]:
    """Words that mean a period from where the question stands, or from the period that the answer is about."""
    if start == end == today:
        yield "today"
    if start == end == today - timedelta(days=1):
        yield "yesterday"
    for unit in _UNITS:
        if (start, end) == earlier(today, unit, 1, week_starts) and unit != "day":  # type: ignore[arg-type]
            yield f"last {unit}"
        first, last = containing(today, unit, week_starts)  # type: ignore[arg-type]
        if start == first and end in (today, last) and unit != "day":
            yield from (
                f"this {unit}",
                f"so far this {unit}",
                f"this {unit} so far",
                f"the {unit} to date",
                f"{unit} to date",
            )
    if (start, end) == main:
        yield from ("the period", "that period", "this period", "the same period")
        grain = grain_of(start, end, week_starts)
        if grain is not None:
            yield from (f"that {grain}", f"the {grain}", f"the whole {grain}")
        if start == end:
            yield WEEKDAYS[start.weekday()]
        return
    opens, closes = main
    if opens is None or closes is None:
        return
    grain = grain_of(opens, closes, week_starts)
    if (start, end) == before(opens, closes, week_starts):
        yield from ("the period before", "the previous period", "the prior period", "the preceding period")
        if grain is not None:
            yield from (f"the {grain} before", f"the previous {grain}", f"the prior {grain}", f"the preceding {grain}",
                        f"a {grain} earlier", f"the {grain} earlier", f"{grain} over {grain}", f"{grain}-over-{grain}",
                        f"{grain} on {grain}")  # fmt: skip
    if (start, end) == year_before(opens, closes):
        yield from ("year over year", "year-over-year", "year on year")
        yield from ("a year earlier", "a year before", "the year before", "the same period last year",
                    "the same period a year earlier", "the same period of the year before")  # fmt: skip
        if grain is not None and grain != "year":
            yield from (
                f"the same {grain} last year",
                f"the same {grain} a year earlier",
                f"the same {grain} of the year before",
            )


def _is_latest(day: date, today: date) -> bool:
    """Whether a day without its year means this one: the last such day that is not in the future."""
    return timedelta(0) <= today - day < _LONG_AGO


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _suffix(number: int) -> str:
    return "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
