"""Rules for days: dates in all styles, today and its neighbours, weekdays, weekends, named days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from assistant.ask.calendar import DAY, Dates, containing, earlier, months_later
from assistant.ask.period_words import DAYS, MONTHS
from assistant.ask.periods.holidays import day_of, easter
from assistant.ask.periods.point import Point, Rules, fixed, inside, is_a, only, unit_in, year_in
from assistant.ask.periods.span import PeriodError
from assistant.ask.periods.words import year_of_two

_SATURDAY = 5


class DayRules(Rules):
    """What days mean."""

    def on_iso_date(self, parts: list[Any]) -> Point:
        day = date.fromisoformat(parts[0])
        return fixed(day, day)

    def on_slash_date(self, parts: list[Any]) -> Point:
        dotted = "." in parts[0]
        numbers = [int(part) for part in parts[0].replace(".", "/").split("/")]
        if len(numbers) == 2:
            return _yearless_day(*self._month_and_day(*numbers))
        return self._day_of(numbers, dotted=dotted)

    def on_dashed_date(self, parts: list[Any]) -> Point:
        return self._day_of([int(part) for part in parts], dotted=False)

    def _day_of(self, numbers: list[int], *, dotted: bool) -> Point:
        one, two, three = numbers
        if one > 31:
            day = date(one, two, three)
        else:
            month, number = (two, one) if dotted else self._month_and_day(one, two)
            day = date(year_of_two(three), month, number)
        return fixed(day, day)

    def _month_and_day(self, one: int, two: int) -> tuple[int, int]:
        return (one, two) if self.calendar.month_first else (two, one)

    def on_day_month_year(self, parts: list[Any]) -> Point:
        day = date(year_in(parts) or 0, MONTHS[parts[1]], int(parts[0]))
        return fixed(day, day)

    def on_year_month_day(self, parts: list[Any]) -> Point:
        day = date(int(parts[0]), MONTHS[only(parts, "MONTH_NAME")], int(parts[-1]))
        return fixed(day, day)

    def on_month_day(self, parts: list[Any]) -> Point:
        month, number, year = MONTHS[only(parts, "MONTH_NAME")], _day_number(parts), year_in(parts)
        if year is None:
            return _yearless_day(month, number)
        return fixed(date(year, month, number), date(year, month, number))

    def on_month_day_of(self, parts: list[Any]) -> Point:
        day = date(self.relative_year(parts[-1]), MONTHS[only(parts, "MONTH_NAME")], _day_number(parts))
        return fixed(day, day)

    def on_nth_day(self, parts: list[Any]) -> Point:
        """The words "the 12th": the latest that has come."""
        number = int(parts[0])
        if not 1 <= number <= 31:
            raise PeriodError(f"No month has a day {number}.")
        for back in range(3):
            first = months_later(self.now.replace(day=1), -back)
            try:
                day = first.replace(day=number)
            except ValueError:
                continue
            if day <= self.now:
                return fixed(day, day, assumed=True)
        raise ValueError

    on_nth_day_alone = on_nth_day

    def on_nth_day_of(self, parts: list[Any]) -> Point:
        number = int(parts[0])
        return inside(self.point(parts[1]), lambda dates: _only_day(dates[0].replace(day=number)), self)

    def on_weekday_nth(self, parts: list[Any]) -> Point:
        """The words "Friday the 11th": the latest such day."""
        index, number = DAYS[parts[0]], int(parts[1])
        for back in range(48):
            try:
                day = months_later(self.now.replace(day=1), -back).replace(day=number)
            except ValueError:
                continue
            if day.weekday() == index and (day <= self.now or back == 0):
                return fixed(day, day, assumed=True)
        raise PeriodError(f"No {parts[0].capitalize()} was the {number} of a month in the last four years.")

    def on_today(self, _: list[Any]) -> Point:
        return fixed(self.now, self.now)

    def on_yesterday(self, _: list[Any]) -> Point:
        return fixed(self.now - DAY, self.now - DAY)

    def on_day_before_yesterday(self, _: list[Any]) -> Point:
        return fixed(self.now - 2 * DAY, self.now - 2 * DAY)

    def on_tomorrow(self, _: list[Any]) -> Point:
        return fixed(self.now + DAY, self.now + DAY)

    def on_day_after_tomorrow(self, _: list[Any]) -> Point:
        return fixed(self.now + 2 * DAY, self.now + 2 * DAY)

    def on_day_before(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[0]), lambda dates: _only_day(dates[0] - DAY), self)

    def on_day_after(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[0]), lambda dates: _only_day(dates[1] + DAY), self)

    def on_ago(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[0]) if not is_a(parts[0], "SHORT_UNIT") else (1, ())
        unit, factor = unit_in(parts)
        found = earlier(self.now, unit, number * factor, self.week_starts)
        return fixed(found[0], found[1], *notes)

    def on_from_now(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[0])
        unit, factor = unit_in(parts)
        found = earlier(self.now, unit, -number * factor, self.week_starts)
        return fixed(found[0], found[1], *notes, assumed=True)

    # --- weekdays ---------------------------------------------------------------------------------------------------

    def on_weekday(self, parts: list[Any]) -> Point:
        index = DAYS[parts[-1]]
        back = (self.now.weekday() - index) % 7
        if len(parts) == 1 or parts[0].type == "LAST":
            day = self.now - DAY * (back or 7)
            return Point(lambda _: (day, day), weekday=index if len(parts) == 1 else None, assumed=len(parts) == 1)
        day = self._in_week(self.containing(self.now, "week")[0], index)
        if parts[0].type == "NEXT":
            day += 7 * DAY
        return fixed(day, day, assumed=parts[0].type == "NEXT")

    def on_weekday_before_last(self, parts: list[Any]) -> Point:
        back = (self.now.weekday() - DAYS[parts[0]]) % 7 or 7
        return fixed(self.now - DAY * (back + 7), self.now - DAY * (back + 7))

    def on_weekday_date(self, parts: list[Any]) -> Point:
        index, point = DAYS[parts[0]], self.point(parts[1])
        day = self.alone(point)[0]
        if day.weekday() != index and not point.yearless:
            raise PeriodError(f"{day} is a {day:%A}, not a {parts[0].capitalize()}: which of the two is meant?")
        return point

    def on_weekday_of(self, parts: list[Any]) -> Point:
        index = DAYS[parts[0]]
        return inside(self.point(parts[1]), lambda dates: _only_day(self._in_week(dates[0], index)), self)

    def on_weekday_of_after(self, parts: list[Any]) -> Point:
        return self.on_weekday_of([parts[1], parts[0]])

    def on_nth_weekday(self, parts: list[Any]) -> Point:
        index, number = DAYS[parts[1]], None if is_a(parts[0], "LAST") else int(parts[0])

        def nth(dates: Dates) -> Dates:
            if number is None:
                found = dates[1] - DAY * ((dates[1].weekday() - index) % 7)
            else:
                found = dates[0] + DAY * ((index - dates[0].weekday()) % 7 + 7 * (number - 1))
            if not dates[0] <= found <= dates[1]:
                raise PeriodError(f"There is no such {parts[1].capitalize()} from {dates[0]} to {dates[1]}.")
            return found, found

        return inside(self.point(parts[-1]), nth, self)

    def on_weekdays_of(self, parts: list[Any]) -> Point:
        def five(dates: Dates) -> Dates:
            monday = self._in_week(dates[0], 0)
            return monday, monday + 4 * DAY

        return inside(self.point(parts[0]), five, self)

    def _in_week(self, first: date, index: int) -> date:
        return first + DAY * ((index - first.weekday()) % 7)

    # --- weekends ---------------------------------------------------------------------------------------------------

    def on_weekend(self, parts: list[Any]) -> Point:
        saturday = self.now - DAY * ((self.now.weekday() - _SATURDAY) % 7)
        weekday = self.now.weekday() < _SATURDAY
        if parts and is_a(parts[0], "THIS", "NEXT"):
            saturday = self.now + DAY * (_SATURDAY - self.now.weekday()) if weekday else saturday
            saturday += 7 * DAY * (is_a(parts[0], "NEXT") and not weekday)
        elif not weekday:
            saturday -= 7 * DAY  # the weekend that is still going on is "this", the last one is whole
        return fixed(saturday, saturday + DAY, assumed=not parts)

    def on_weekend_before_last(self, _: list[Any]) -> Point:
        saturday = self.on_weekend([]).dates(0)[0] - 7 * DAY
        return fixed(saturday, saturday + DAY)

    def on_weekend_of(self, parts: list[Any]) -> Point:
        def two(dates: Dates) -> Dates:
            saturday = self._in_week(dates[0], _SATURDAY)
            return saturday, saturday + DAY

        return inside(self.point(parts[0]), two, self)

    def on_weekend_with(self, parts: list[Any]) -> Point:
        def near(dates: Dates) -> Dates:
            day = dates[0]
            saturday = day + DAY * (_SATURDAY - day.weekday()) if day.weekday() < 6 else day - DAY
            return saturday, saturday + DAY

        return inside(self.point(parts[-1]), near, self)

    # --- named days -------------------------------------------------------------------------------------------------

    def on_holiday(self, parts: list[Any]) -> Point:
        year = year_in(parts)
        dates = self._named(parts[0])
        return Point(dates if year is None else lambda _: dates(year), yearless=year is None)

    def on_holiday_of(self, parts: list[Any]) -> Point:
        dates = self._named(parts[0])(self.relative_year(parts[1]))
        return fixed(*dates)

    def on_last_holiday(self, parts: list[Any]) -> Point:
        """The latest before today."""
        dates = self._named(parts[1].children[0])
        found = next(one for back in range(2) if (one := dates(self.now.year - back))[0] < self.now)
        return fixed(found[0], found[1], assumed=True)

    def on_this_holiday(self, parts: list[Any]) -> Point:
        return fixed(*self._named(parts[1].children[0])(self.now.year), assumed=True)

    def on_holiday_week(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[0]), lambda dates: self.containing(dates[0], "week"), self, assumed=True)

    def on_holiday_weekend(self, parts: list[Any]) -> Point:
        """Good Friday to Easter Monday; else from a Thursday or Friday to the Sunday, or from Saturday to a Monday."""

        def long(dates: Dates) -> Dates:
            day = dates[0]
            if day == easter(day.year):
                return day - 2 * DAY, day + DAY
            if day.weekday() == 0:
                return day - 2 * DAY, day
            if day.weekday() in (3, 4):
                return day, day + DAY * (6 - day.weekday())
            if day.weekday() >= _SATURDAY:
                return self._in_week(day - DAY * (day.weekday() - _SATURDAY), _SATURDAY), day + DAY * (
                    6 - day.weekday()
                )
            raise PeriodError(f"{day} is a {day:%A}, so that it makes no weekend: say from which day to which.")

        return inside(self.point(parts[0]), long, self, assumed=True)

    def _named(self, name: str) -> Callable[[int], Dates]:
        def dates(year: int) -> Dates:
            try:
                return _only_day(day_of(name, year, self.calendar.country))
            except ValueError as error:
                raise PeriodError(str(error)) from None

        return dates


def _only_day(day: date) -> Dates:
    return day, day


def _day_number(parts: list[Any]) -> int:
    return next(int(one.children[0]) for one in parts if getattr(one, "data", None) == "day")


def _yearless_day(month: int, number: int) -> Point:
    containing(date(2000, month, 1), "month")  # ValueError for a month 13, also where every year is tried
    return Point(lambda year: _only_day(date(year, month, number)), yearless=True)
