"""Rules for weeks, months, quarters, halves and years that are named, and for parts of a period."""

from __future__ import annotations

from datetime import date
from typing import Any

from lark import Tree

from assistant.ask.calendar import DAY, Dates, Unit, containing, grain_of, iso_week, months_later
from assistant.ask.period_words import MONTHS
from assistant.ask.periods.labels import label
from assistant.ask.periods.point import Point, Rules, fixed, inside, is_a, only, unit_in, year_in
from assistant.ask.periods.span import PeriodError
from assistant.ask.periods.words import year_of_two


class UnitRules(Rules):
    """What named units and parts of a period mean."""

    # --- months -----------------------------------------------------------------------------------------------------

    def on_month(self, parts: list[Any]) -> Point:
        month, year = MONTHS[only(parts, "MONTH_NAME")], year_in(parts)
        return Point(lambda then: _month(year or then, month), yearless=year is None)

    def on_month_yy(self, parts: list[Any]) -> Point:
        if len(parts) == 2:
            return fixed(*_month(int(parts[1]), MONTHS[parts[0]]), assumed=True)
        name = parts[0].rstrip("0123456789")
        number, marked = int(parts[0][len(name) :]), "'" in name
        month = MONTHS[name.rstrip("'")]
        return fixed(*_month(year_of_two(number), month), assumed=not marked and number < 100)

    def on_month_of(self, parts: list[Any]) -> Point:
        return fixed(*_month(self.relative_year(parts[1]), MONTHS[parts[0]]))

    def on_last_month(self, parts: list[Any]) -> Point:
        """The words "last October": the latest that is over."""
        month = MONTHS[parts[1]]
        found = next(one for back in range(2) if (one := _month(self.now.year - back, month))[1] < self.now)
        return fixed(found[0], found[1], assumed=True)

    def on_this_month(self, parts: list[Any]) -> Point:
        return fixed(*_month(self.now.year, MONTHS[parts[1]]))

    def on_iso_month(self, parts: list[Any]) -> Point:
        return fixed(*containing(date.fromisoformat(f"{parts[0]}-01"), "month"))

    def on_slash_month(self, parts: list[Any]) -> Point:
        one, two = (int(part) for part in parts[0].replace(".", "/").split("/"))
        return fixed(*_month(max(one, two), min(one, two)))

    def on_year_month(self, parts: list[Any]) -> Point:
        return fixed(*_month(int(parts[0]), int(parts[1])))

    def on_month_year(self, parts: list[Any]) -> Point:
        return fixed(*_month(int(parts[1]), int(parts[0])))

    # --- quarters, halves, years ------------------------------------------------------------------------------------

    def on_quarter(self, parts: list[Any]) -> Point:
        return self._part(parts, "quarter_number", 3)

    def on_quarter_of(self, parts: list[Any]) -> Point:
        return fixed(*part_of_year(self.relative_year(parts[1]), part_number(parts[0]), 3))

    def on_quarter_of_after(self, parts: list[Any]) -> Point:
        return self.on_quarter_of([parts[1], parts[0]])

    def on_last_quarter(self, parts: list[Any]) -> Point:
        number = part_number(parts[1])
        found = next(o for back in range(2) if (o := part_of_year(self.now.year - back, number, 3))[1] < self.now)
        return fixed(found[0], found[1], assumed=True)

    def on_quarter_yy(self, parts: list[Any]) -> Point:
        """The words "Q3'25", "3Q25", "1H25"."""
        word = str(parts[0])
        head, year = word[:2], int(word[2:].lstrip("'"))
        number = int(head.strip("qh"))
        return fixed(*part_of_year(year_of_two(year), number, 3 if "q" in head else 6))

    def on_half(self, parts: list[Any]) -> Point:
        return self._part(parts, "half_number", 6)

    def on_half_alone(self, parts: list[Any]) -> Point:
        number = int(parts[0].strip("h"))
        return Point(lambda year: part_of_year(year, number, 6), yearless=True)

    def on_half_letter(self, parts: list[Any]) -> Point:
        return fixed(*part_of_year(int(parts[1]), int(parts[0][0]), 6))

    def on_half_of(self, parts: list[Any]) -> Point:
        return fixed(*part_of_year(self.relative_year(parts[1]), part_number(parts[0]), 6))

    def on_year(self, parts: list[Any]) -> Point:
        year = int(parts[-1])
        return fixed(date(year, 1, 1), date(year, 12, 31))

    def on_decade(self, parts: list[Any]) -> Point:
        digits = "".join(letter for letter in str(parts[0]) if letter.isdigit()) if parts else ""
        return _decades(year_of_two(int(digits)) if digits else 2000, 1)

    def on_decade_of_tens(self, _: list[Any]) -> Point:
        return _decades(2010, 1)

    def on_decades(self, parts: list[Any]) -> Point:
        number = self.number(parts[1])[0] if len(parts) > 1 else 1
        first = self.now.year // 10 * 10
        return _decades(first + {"LAST": -10 * number, "THIS": 0, "NEXT": 10}[parts[0].type], number)

    def on_same_as(self, parts: list[Any]) -> Point:
        return self.point(parts[0])

    def _part(self, parts: list[Any], rule: str, months: int) -> Point:
        tree = next(one for one in parts if isinstance(one, Tree) and one.data == rule)
        year, name = year_in(parts), str(tree.children[0])
        if len(name) > 4 and name[4] == "-":
            year = int(name[:4])
        number = part_number(tree)
        return Point(lambda then: part_of_year(year or then, number, months), yearless=year is None)

    # --- weeks ------------------------------------------------------------------------------------------------------

    def on_iso_week(self, parts: list[Any]) -> Point:
        return fixed(*iso_week(int(parts[0][:4]), int(parts[0][-2:])))

    def on_numbered_week(self, parts: list[Any]) -> Point:
        number, year = _week_number(parts), year_in(parts)
        return Point(lambda then: iso_week(year or then, number), yearless=year is None)

    def on_numbered_week_of(self, parts: list[Any]) -> Point:
        return fixed(*iso_week(self.relative_year(parts[-1]), _week_number(parts)))

    def on_numbered_weeks(self, parts: list[Any]) -> Point:
        first, last = (int(part) for part in parts if is_a(part, "INT"))
        year = year_in(parts)

        def dates(then: int) -> Dates:
            return iso_week(year or then, first)[0], iso_week(year or then, last)[1]

        return Point(dates, yearless=year is None)

    def on_week_with(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda dates: self.containing(dates[0], "week"), self)

    def on_week_from(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda dates: (dates[0], dates[0] + 6 * DAY), self)

    def on_week_ending(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda dates: (dates[1] - 6 * DAY, dates[1]), self)

    def on_unit_ending(self, parts: list[Any]) -> Point:
        unit, factor = unit_in(parts)
        return self._ending(parts[-1], unit, factor)

    def on_units_ending(self, parts: list[Any]) -> Point:
        unit, factor = unit_in(parts)
        return self._ending(parts[-1], unit, factor * self.number(parts[0])[0])

    def on_half_ending(self, parts: list[Any]) -> Point:
        return self._ending(parts[-1], "month", 6)

    def _ending(self, at: Any, unit: Unit, number: int) -> Point:
        def dates(whole: Dates) -> Dates:
            return _before_end(whole[1], unit, number), whole[1]

        return inside(self.point(at), dates, self)

    # --- parts ------------------------------------------------------------------------------------------------------

    def on_this_whole(self, parts: list[Any]) -> Point:
        unit, _ = unit_in(parts)
        whole = self.containing(self.now, unit)
        return Point(lambda _: (whole[0], self.now), whole=whole)

    def on_nth_of(self, parts: list[Any]) -> Point:
        number = next((int(part) for part in parts if is_a(part, "ORD")), -1)
        unit = unit_in(parts) if only(parts, "UNIT") else ("week", 1)
        return self._pieces(parts[-1], unit[0], number, number)

    def on_edge_of(self, parts: list[Any]) -> Point:
        """The first or last so many units of a period."""
        count, last = int(parts[1]), is_a(parts[0], "LAST")
        if not last and parts[0] != "1":
            raise PeriodError("Only the first or the last days, weeks or months of a period can be asked for.")
        unit, factor = unit_in(parts)
        return self._pieces(parts[-1], unit, -count * factor if last else 1, -1 if last else count * factor)

    def _pieces(self, within: Any, unit: Unit, first: int, last: int) -> Point:
        """The nth to mth unit of a period, counted from its end where negative. Weeks are seven days each from its
        first day (or to its last), cut to the period; of a year they are its numbered ones."""

        def dates(whole: Dates) -> Dates:
            start, end = whole
            if unit == "week" and first == last > 0 and grain_of(start, end, self.week_starts) == "year":
                return iso_week(start.year, first)
            if unit == "week" and first < 0:
                return max(start, end + DAY * (7 * first + 1)), end + 7 * DAY * (last + 1)
            pieces: list[Dates] = []
            day = start
            while day <= end:
                reach = day + 6 * DAY if unit == "week" else self.containing(day, unit)[1]
                pieces.append((day, min(reach, end)))
                day = min(reach, end) + DAY
            for one in (first, last):
                if not (1 <= one <= len(pieces) or -len(pieces) <= one <= -1):
                    raise PeriodError(f"There are only {len(pieces)} {unit}s from {start} to {end}.")
            return pieces[first - 1 if first > 0 else first][0], pieces[last - 1 if last > 0 else last][1]

        return inside(self.point(within), dates, self)

    def on_half_of_period(self, parts: list[Any]) -> Point:
        """Half of a year or quarter by months, of a month to and from its middle day."""
        second = is_a(parts[0], "LAST") or parts[0] == "2"
        if not second and parts[0] != "1":
            raise PeriodError("A period has only two halves.")

        def half(whole: Dates) -> Dates:
            start, end = whole
            months = (end.year - start.year) * 12 + end.month - start.month + 1
            if start.day == 1 and (end + DAY).day == 1 and months % 2 == 0:
                middle = months_later(start, months // 2) - DAY
            else:
                middle = start + DAY * (((end - start).days + 1) // 2 - 1)
            return (middle + DAY, end) if second else (start, middle)

        point = self.point(parts[-1])
        return inside(point, half, self)

    def on_end_of(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda whole: (whole[1], whole[1]), self, assumed=True)

    def on_start_of(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda whole: (whole[0], whole[0]), self, assumed=True)

    def on_middle_of(self, parts: list[Any]) -> Point:
        """The middle third: of a month the 11th to the 20th, of a year May to August."""

        def middle(whole: Dates) -> Dates:
            start, end = whole
            if (end - start).days > 31:
                if start.day != 1 or (end + DAY).day != 1:
                    raise PeriodError(f"The middle of {label(start, end)} is not plain: say from which day to which.")
                third = ((end.year - start.year) * 12 + end.month - start.month + 1) // 3
                return months_later(start, third), months_later(end + DAY, -third) - DAY
            if (end - start).days < 27:
                raise PeriodError(f"The middle of {label(start, end)} is not plain: say from which day to which.")
            return start + 10 * DAY, start + 19 * DAY

        return inside(self.point(parts[-1]), middle, self, assumed=True)

    def on_early_in(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda whole: _early_and_late(whole)[0], self, assumed=True)

    def on_late_in(self, parts: list[Any]) -> Point:
        return inside(self.point(parts[-1]), lambda whole: _early_and_late(whole)[1], self, assumed=True)


def _early_and_late(whole: Dates) -> tuple[Dates, Dates]:
    """Of a week its first three and last four days, of a month to the 15th and from the 16th, of a year its halves."""
    start, end = whole
    days = (end - start).days + 1
    if days < 7:
        raise PeriodError(f"Early and late in {label(start, end)} is not plain: say from which day to which.")
    middle = start + DAY * (days // 2 - 1)
    if 28 <= days <= 31:
        middle = start + 14 * DAY
    elif days > 31 and start.day == 1:
        middle = months_later(start, ((end - start).days + 15) // 61) - DAY
    return (start, middle), (middle + DAY, end)


def _decades(first: int, number: int) -> Point:
    return fixed(date(first, 1, 1), date(first + 10 * number - 1, 12, 31))


def _before_end(end: date, unit: Unit, number: int) -> date:
    if unit in ("day", "week"):
        return end + DAY - DAY * number * (7 if unit == "week" else 1)
    return months_later(end + DAY, -number * {"month": 1, "quarter": 3, "year": 12}[unit])


def _month(year: int, month: int) -> Dates:
    return containing(date(year, month, 1), "month")


def _week_number(parts: list[Any]) -> int:
    found = only(parts, "INT", "WEEK_NUMBER")
    return int(str(found).lstrip("ckw"))


def part_number(tree: Any) -> int:
    """The number of a quarter or half: "third quarter", "Q3", "3q", "2025-q3"."""
    word = str(tree.children[-1] if len(tree.children) > 1 else tree.children[0])
    return int(word.partition("-")[2].strip("qh") if "-" in word else word.strip("qh"))


def part_of_year(year: int, number: int, months: int) -> Dates:
    """A quarter or a half of a calendar year."""
    if not 1 <= number <= 12 // months:
        raise PeriodError(f"A year has only {12 // months} {'quarters' if months == 3 else 'halves'}.")
    first = date(year, (number - 1) * months + 1, 1)
    return first, months_later(first, months) - DAY
