"""Periods in a question: the grammar of ``periods.lark`` read against the day that the question counts from.

Conventions, each the book's where it sets one: weeks start on Monday; "last week / month / quarter" is the previous
whole one, "last 3 weeks" the three before the present one; "last 7 days", "this ..." and to-date periods include
today; a month, quarter or day without a year is the latest that has begun by today; "before" and "after" are strict,
"since" and "until" are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Tree
from lark import Token as Terminal

from assistant.ask.calendar import DAY, Dates, Unit, containing, earlier, iso_week, months_later
from assistant.ask.holidays import HOLIDAYS
from assistant.ask.period_words import DAYS, MONTHS, UNIT_OF, X_TO_DATE, typed


class PeriodError(ValueError):
    """A period that is understood but does not exist; the message is a sentence for the person who asked."""


@dataclass(frozen=True)
class PeriodSpan:
    """A period found in a question: tokens ``first`` to ``last`` (excluded); ``None`` is open on that side.

    ``weekday`` is the index of a weekday that was said alone, ``ends`` the two periods of "from A to B".
    """

    first: int
    last: int
    start: date | None
    end: date | None
    weekday: int | None = None
    ends: tuple[Dates, Dates] | None = None
    yearless: bool = False


@dataclass(frozen=True)
class _Point:
    """A day or a unit; ``dates`` gives its first and last day in a year, for one without a year of its own."""

    dates: Callable[[int], Dates]
    yearless: bool = False
    weekday: int | None = None


@dataclass(frozen=True)
class Calendar:
    """What reading a period rests on: the day that counts as today, and the book's conventions."""

    today: date
    week_starts: str = "monday"
    month_first: bool = True
    """Whether 3/4/2025 is the 4th of March, as in the United States."""


def find(texts: Sequence[str], first: int, calendar: Calendar) -> PeriodSpan | None:
    """The longest period that begins at a word, or None. PeriodError for one that does not exist (31 February)."""
    found = typed(texts, first)
    if not found:
        return None
    interactive: Any = _parser().parse_interactive("")
    best: tuple[Any, int] | None = None
    for types, value, last in found:
        accepted = interactive.accepts()
        fitting = next((one for one in types if one in accepted), None)
        if fitting is None:
            break
        interactive.feed_token(Terminal(fitting, value))
        if "$END" in interactive.accepts():
            best = (interactive.copy(), last)
    if best is None:
        return None
    tree = best[0].feed_eof()
    try:
        return _Reader(calendar).read(tree, first, best[1])
    except PeriodError:
        raise
    except (ValueError, OverflowError):
        if texts[first].isdigit() and int(texts[first]) > 31:
            return None  # a number that happens to stand before a month: "store 367 june"
        raise PeriodError(f"There is no date such as {' '.join(texts[first : best[1]])!r}.") from None


@cache
def _parser() -> Lark:
    grammar = files("assistant.ask").joinpath("periods.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", maybe_placeholders=False)


class _Reader:
    """From a parsed period to its dates."""

    def __init__(self, calendar: Calendar) -> None:
        self._now = calendar.today
        self._week_starts = calendar.week_starts
        self._month_first = calendar.month_first

    def read(self, tree: Tree[Any], first: int, last: int) -> PeriodSpan:
        name, children = tree.data, [child for child in tree.children if not _is(child, *_JOINS)]
        if name == "all_dates":
            return PeriodSpan(first, last, None, None)
        if name == "whole":
            point = self._point(children[0])
            start, end = self._alone(point)
            return PeriodSpan(first, last, start, end, weekday=point.weekday, yearless=point.yearless)
        if name == "span":
            left, right = self._both(self._point(children[0]), self._point(children[1]))
            return self._range(first, last, left, right)
        if name == "span_in_month":
            end_dates = self._alone(self._point(children[1]))
            begin = end_dates[0].replace(day=_number(children[0]))
            return self._range(first, last, (begin, begin), end_dates)
        if name == "span_in_month_after":
            point = self._point(children[0])
            left = point.dates(_year(children[2])) if len(children) > 2 and point.yearless else self._alone(point)
            finish = left[0].replace(day=_number(children[1]))
            return self._range(first, last, left, (finish, finish))
        start, end = self._alone(self._point(children[0]))
        if name == "since":
            return PeriodSpan(first, last, start, self._now if start <= self._now else None)
        if name == "after":
            return PeriodSpan(first, last, end + DAY, None)
        if name == "before":
            return PeriodSpan(first, last, None, start - DAY)
        return PeriodSpan(first, last, None, end)

    def _range(self, first: int, last: int, left: Dates, right: Dates) -> PeriodSpan:
        if right[1] < left[0]:
            raise PeriodError(f"The period ends ({right[1]}) before it starts ({left[0]}).")
        return PeriodSpan(first, last, left[0], right[1], ends=(left, right))

    def _alone(self, point: _Point) -> Dates:
        """The dates of a point; without a year, the latest that has begun by today."""
        for year in range(self._now.year, self._now.year - 8, -1):  # 29 February needs up to eight years
            try:
                found = point.dates(year)
            except ValueError:
                if not point.yearless:
                    raise
                continue
            if not point.yearless or found[0] <= self._now:
                return found
        raise ValueError

    def _both(self, left: _Point, right: _Point) -> tuple[Dates, Dates]:
        """The two ends of a range: one without a year has the other's, or the one beside it."""
        if left.yearless and not right.yearless:
            last = right.dates(0)
            first = left.dates(last[0].year)
            return (first if first[0] <= last[0] else left.dates(last[0].year - 1)), last
        first = self._alone(left)
        if not right.yearless:
            return first, right.dates(0)
        if left.yearless:
            last = self._alone(right)
            first = left.dates(last[0].year)
            return (first if first[0] <= last[0] else left.dates(last[0].year - 1)), last
        last = right.dates(first[0].year)
        return first, last if last[1] >= first[0] else right.dates(first[0].year + 1)

    def _point(self, tree: Tree[Any]) -> _Point:
        point: _Point = getattr(self, f"on_{tree.data}")([one for one in tree.children if not _is(one, "OF", "IN")])
        return point

    # --- days -------------------------------------------------------------------------------------------------------

    def on_iso_date(self, parts: list[Any]) -> _Point:
        day = date.fromisoformat(parts[0])
        return _fixed(day, day)

    def on_slash_date(self, parts: list[Any]) -> _Point:
        dotted = "." in parts[0]
        one, two, three = (int(part) for part in parts[0].replace(".", "/").split("/"))
        if one > 31:
            day = date(one, two, three)
        else:
            month, number = (one, two) if self._month_first and not dotted else (two, one)
            day = date(three + 2000 if three < 100 else three, month, number)
        return _fixed(day, day)

    def on_month_day(self, parts: list[Any]) -> _Point:
        month = next(MONTHS[one] for one in parts if _is(one, "MONTH_NAME"))
        number = next(_number(one.children[0]) for one in parts if isinstance(one, Tree))
        years = [int(one) for one in parts if _is(one, "YEAR")]

        def dates(year: int) -> Dates:
            day = date(years[0] if years else year, month, number)
            return day, day

        return _Point(dates, yearless=not years)

    def on_weekday(self, parts: list[Any]) -> _Point:
        index = DAYS[parts[-1]]
        back = (self._now.weekday() - index) % 7
        if len(parts) == 1 or parts[0].type == "LAST":
            day = self._now - DAY * (back or 7)
            return _Point(lambda _: (day, day), weekday=index if len(parts) == 1 else None)
        start, _ = containing(self._now, "week", self._week_starts)
        day = start + DAY * ((index - start.weekday()) % 7)
        return _fixed(day, day)

    def on_weekday_date(self, parts: list[Any]) -> _Point:
        index, point = DAYS[parts[0]], self._point(parts[1])
        if not point.yearless:
            day = point.dates(0)[0]
            if day.weekday() != index:
                raise PeriodError(f"{day} is a {day:%A}, not a {parts[0].capitalize()}: which of the two is meant?")
        return point

    def on_weekday_of(self, parts: list[Any]) -> _Point:
        start, end = self._point(parts[1]).dates(0)
        found = [
            start + DAY * n for n in range((end - start).days + 1) if (start + DAY * n).weekday() == DAYS[parts[0]]
        ]
        if len(found) != 1:
            raise PeriodError(f"There are {len(found)} {parts[0].capitalize()}s from {start} to {end}: say which.")
        return _fixed(found[0], found[0])

    def on_today(self, _: list[Any]) -> _Point:
        return _fixed(self._now, self._now)

    def on_yesterday(self, _: list[Any]) -> _Point:
        return _fixed(self._now - DAY, self._now - DAY)

    def on_day_before_yesterday(self, _: list[Any]) -> _Point:
        return _fixed(self._now - 2 * DAY, self._now - 2 * DAY)

    def on_ago(self, parts: list[Any]) -> _Point:
        return _fixed(*earlier(self._now, _unit(parts[1]), int(parts[0]), self._week_starts))

    # --- months, quarters, halves, years --------------------------------------------------------------------------

    def on_month(self, parts: list[Any]) -> _Point:
        month = next(MONTHS[one] for one in parts if _is(one, "MONTH_NAME"))
        years = [int(one) for one in parts if _is(one, "YEAR")]
        return _Point(lambda year: containing(date(years[0] if years else year, month, 1), "month"), yearless=not years)

    def on_month_of(self, parts: list[Any]) -> _Point:
        return self._in_relative_year(parts[1], lambda year: containing(date(year, MONTHS[parts[0]], 1), "month"))

    def on_iso_month(self, parts: list[Any]) -> _Point:
        return _fixed(*containing(date.fromisoformat(f"{parts[0]}-01"), "month"))

    def on_quarter(self, parts: list[Any]) -> _Point:
        return self._part_of_year(parts, "quarter_number", 3)

    def on_quarter_of(self, parts: list[Any]) -> _Point:
        return self._in_relative_year(parts[1], lambda year: _part(year, _part_number(parts[0]), 3))

    def on_half(self, parts: list[Any]) -> _Point:
        return self._part_of_year(parts, "half_number", 6)

    def on_half_of(self, parts: list[Any]) -> _Point:
        return self._in_relative_year(parts[1], lambda year: _part(year, _part_number(parts[0]), 6))

    def on_year(self, parts: list[Any]) -> _Point:
        year = int(parts[-1])
        return _fixed(date(year, 1, 1), date(year, 12, 31))

    # --- weeks ------------------------------------------------------------------------------------------------------

    def on_iso_week(self, parts: list[Any]) -> _Point:
        return _fixed(*iso_week(int(parts[0][:4]), int(parts[0][-2:])))

    def on_numbered_week(self, parts: list[Any]) -> _Point:
        years = [int(one) for one in parts if _is(one, "YEAR")]
        return _Point(lambda year: iso_week(years[0] if years else year, int(parts[1])), yearless=not years)

    def on_week_with(self, parts: list[Any]) -> _Point:
        point = self._point(parts[-1])
        exact = _is(parts[1], "BEGINNING")

        def dates(year: int) -> Dates:
            day = point.dates(year)[0]
            return (day, day + 6 * DAY) if exact else containing(day, "week", self._week_starts)

        return _Point(dates, yearless=point.yearless)

    def on_week_ending(self, parts: list[Any]) -> _Point:
        point = self._point(parts[-1])

        def dates(year: int) -> Dates:
            day = point.dates(year)[1]
            return day - 6 * DAY, day

        return _Point(dates, yearless=point.yearless)

    def on_end_of(self, parts: list[Any]) -> _Point:
        point = self._point(parts[-1])
        return _Point(lambda year: (point.dates(year)[1], point.dates(year)[1]), yearless=point.yearless)

    def on_start_of(self, parts: list[Any]) -> _Point:
        point = self._point(parts[-1])
        return _Point(lambda year: (point.dates(year)[0], point.dates(year)[0]), yearless=point.yearless)

    def on_half_in(self, parts: list[Any]) -> _Point:
        """Half of a month or a year: of an odd number of days the first has one less."""
        point, number = self._point(parts[-1]), int(parts[0].rstrip("stndrh"))
        if number not in (1, 2):
            raise PeriodError("There are only two halves: say the first or the second.")

        def dates(year: int) -> Dates:
            start, end = point.dates(year)
            days = (end - start).days + 1
            if days > 300:
                return _part(start.year, number, 6)
            middle = start + DAY * (days // 2)
            return (start, middle - DAY) if number == 1 else (middle, end)

        return _Point(dates, yearless=point.yearless)

    def on_units_upto(self, parts: list[Any]) -> _Point:
        """ "Three weeks up to 13 September": so many, of which the last ends there."""
        point, number, unit = self._point(parts[-1]), int(parts[0]), _unit(parts[1])

        def dates(year: int) -> Dates:
            end = point.dates(year)[1]
            return _back(end + DAY, unit, number), end

        return _Point(dates, yearless=point.yearless)

    def on_units_before(self, parts: list[Any]) -> _Point:
        """ "Two weeks before Christmas": so many, of which the last ends the day before."""
        point, number, unit = self._point(parts[-1]), int(parts[0]), _unit(parts[1])

        def dates(year: int) -> Dates:
            begin = point.dates(year)[0]
            return _back(begin, unit, number), begin - DAY

        return _Point(dates, yearless=point.yearless)

    def on_weekday_before_last(self, parts: list[Any]) -> _Point:
        index = DAYS[parts[0]]
        day = self._now - DAY * (((self._now.weekday() - index) % 7 or 7) + 7)
        return _fixed(day, day)

    def on_holiday(self, parts: list[Any]) -> _Point:
        years = [int(one) for one in parts if _is(one, "YEAR")]
        of = HOLIDAYS[str(parts[0])]

        def dates(year: int) -> Dates:
            day = of(years[0] if years else year)
            return day, day

        return _Point(dates, yearless=not years)

    def on_weekend(self, parts: list[Any]) -> _Point:
        saturday = self._now - DAY * ((self._now.weekday() - 5) % 7)
        if _is(parts[0], "THIS"):
            saturday = self._now + DAY * (5 - self._now.weekday()) if self._now.weekday() < 5 else saturday
        elif self._now.weekday() >= 5:
            saturday -= 7 * DAY  # the weekend that is still going on is "this", the last one is whole
        return _fixed(saturday, saturday + DAY)

    def on_weekend_with(self, parts: list[Any]) -> _Point:
        point = self._point(parts[-1])

        def dates(year: int) -> Dates:
            day = point.dates(year)[0]
            saturday = day + DAY * (5 - day.weekday()) if day.weekday() < 6 else day - DAY
            return saturday, saturday + DAY

        return _Point(dates, yearless=point.yearless)

    # --- relative ---------------------------------------------------------------------------------------------------

    def on_last_unit(self, parts: list[Any]) -> _Point:
        return _fixed(*earlier(self._now, _unit(parts[1]), 1, self._week_starts))

    def on_this_unit(self, parts: list[Any]) -> _Point:
        return _fixed(containing(self._now, _unit(parts[1]), self._week_starts)[0], self._now)

    def on_unit_before_last(self, parts: list[Any]) -> _Point:
        return _fixed(*earlier(self._now, _unit(parts[0]), 2, self._week_starts))

    def on_to_date(self, parts: list[Any]) -> _Point:
        unit = X_TO_DATE[parts[0]] if _is(parts[0], "X_TO_DATE") else _unit(parts[0])
        return _fixed(containing(self._now, unit, self._week_starts)[0], self._now)

    def on_last_units(self, parts: list[Any]) -> _Point:
        number, unit = int(parts[1]), _unit(parts[2])
        if unit == "day":
            return _fixed(self._now - DAY * (number - 1), self._now)
        first = earlier(self._now, unit, number, self._week_starts)[0]
        return _fixed(first, earlier(self._now, unit, 1, self._week_starts)[1])

    def on_nth_of(self, parts: list[Any]) -> _Point:
        return self._edge(parts[-1], None if _is(parts[0], "LAST") else int(parts[0].rstrip("stndrh")), _unit(parts[1]))

    def on_edge_of(self, parts: list[Any]) -> _Point:
        """The first (or last) so many units of a period."""
        number, unit = int(parts[1]), _unit(parts[2])
        if not _is(parts[0], "LAST") and parts[0].rstrip("stndrh") != "1":
            raise PeriodError("Only the first or the last days, weeks or months of a period can be asked for.")
        near = self._edge(parts[-1], None if _is(parts[0], "LAST") else 1, unit)
        far = self._edge(parts[-1], -number if _is(parts[0], "LAST") else number, unit)

        def dates(year: int) -> Dates:
            one, other = near.dates(year), far.dates(year)
            return min(one[0], other[0]), max(one[1], other[1])

        return _Point(dates, yearless=near.yearless)

    def _edge(self, within: Any, number: int | None, unit: Unit) -> _Point:
        """The nth unit of a period, from its end where negative; None is the last. The first week is the one that its
        first day lies in, cut to the period."""
        point = self._point(within)
        index = -1 if number is None else number - 1 if number > 0 else number

        def dates(year: int) -> Dates:
            start, end = point.dates(year)
            pieces: list[Dates] = []
            day = start
            while day <= end:
                last = min(day + 6 * DAY if unit == "week" else containing(day, unit, self._week_starts)[1], end)
                pieces.append((day, last))
                day = last + DAY
            if not -len(pieces) <= index < len(pieces):
                raise PeriodError(f"There are only {len(pieces)} {unit}s from {start} to {end}.")
            if unit == "week" and index < 0:
                last = end + 7 * DAY * (index + 1)
                return max(start, last - 6 * DAY), last
            return pieces[index]

        return _Point(dates, yearless=point.yearless)

    def _part_of_year(self, parts: list[Any], rule: str, months: int) -> _Point:
        tree = next(one for one in parts if isinstance(one, Tree) and one.data == rule)
        years = [int(one) for one in parts if _is(one, "YEAR")]
        name = str(tree.children[0])
        if len(name) > 4 and name[4] == "-":
            years = [int(name[:4])]
        number = _part_number(tree)
        return _Point(lambda year: _part(years[0] if years else year, number, months), yearless=not years)

    def _in_relative_year(self, relative: Any, dates: Callable[[int], Dates]) -> _Point:
        """Of "last year" and "this year": whole units there, those that lie after today too."""
        if not any(_is(one, "YEAR_UNIT") for one in relative.children):
            raise PeriodError("A month or a quarter can be of this year, of last year or of a year such as 2025.")
        year = self._point(relative).dates(0)[0].year
        return _fixed(*dates(year))


_JOINS = ("FROM", "TO", "BETWEEN", "AND", "SINCE", "AFTER", "BEFORE", "UNTIL")


def _back(day: date, unit: Unit, number: int) -> date:
    """The day that lies so many units before a day."""
    if unit in ("day", "week"):
        return day - DAY * number * (7 if unit == "week" else 1)
    return months_later(day, -number * {"month": 1, "quarter": 3, "year": 12}[unit])


def _fixed(start: date, end: date) -> _Point:
    return _Point(lambda _: (start, end))


def _is(part: Any, *types: str) -> bool:
    return isinstance(part, Terminal) and part.type in types


def _unit(part: Any) -> Unit:
    terminal: Any = part.children[0] if isinstance(part, Tree) else part
    return UNIT_OF[terminal.type]


def _number(part: Any) -> int:
    word = str(part.children[0] if isinstance(part, Tree) else part)
    return int(word.rstrip("stndrh"))


def _year(part: Any) -> int:
    return int(part)


def _part_number(tree: Any) -> int:
    word = next(str(one) for one in tree.children if not _is(one, "QUARTER", "HALF"))
    return int(word[-1]) if not word[0].isdigit() else int(word.rstrip("stndrh")[-1])


def _part(year: int, number: int, months: int) -> Dates:
    if not 1 <= number <= 12 // months:
        raise PeriodError(f"A year has only {12 // months} {'quarters' if months == 3 else 'halves'}.")
    first = date(year, (number - 1) * months + 1, 1)
    end = date(year + (number * months) // 12, (number * months) % 12 + 1, 1) - DAY
    return first, end
