"""Rules for periods that are counted from today: last, this, next, rolling, to date."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.ask.calendar import DAY, Dates, Unit, earlier, months_later, to_date_of
from assistant.ask.periods.labels import label
from assistant.ask.periods.point import UNITS, Point, Rules, fixed, is_a, only, unit_in
from assistant.ask.periods.units import part_of_year

_LETTERS: dict[str, Unit] = {"w": "week", "m": "month", "q": "quarter", "y": "year"}


class RelativeRules(Rules):
    """What periods relative to today mean."""

    def on_relative_unit(self, parts: list[Any]) -> Point:
        unit, factor = unit_in(parts)
        return self._relative(parts[0].type, unit, factor)

    def on_short_relative(self, parts: list[Any]) -> Point:
        word = str(parts[0])
        return self._relative("LAST" if word[0] == "l" else "THIS", _LETTERS[word[1]], 1)

    def _relative(self, which: str, unit: Unit, factor: int) -> Point:
        if which == "LAST":
            if factor > 1:
                return self._so_many(factor, unit)
            return fixed(*earlier(self.now, unit, 1, self.week_starts))
        if which == "NEXT":
            first = earlier(self.now, unit, -1, self.week_starts)
            return fixed(first[0], earlier(self.now, unit, -factor, self.week_starts)[1])
        whole = self.containing(self.now, unit)
        start = whole[0]
        return Point(lambda _: (start, self.now), whole=whole)

    def on_last_full(self, parts: list[Any]) -> Point:
        unit, factor = unit_in(parts)
        return self._so_many(factor, unit)

    def on_unit_before_last(self, parts: list[Any]) -> Point:
        unit, _ = unit_in(parts)
        return fixed(*earlier(self.now, unit, 2, self.week_starts))

    def on_unit_after_next(self, parts: list[Any]) -> Point:
        unit, _ = unit_in(parts)
        return fixed(*earlier(self.now, unit, -2, self.week_starts))

    def on_last_half(self, _: list[Any]) -> Point:
        if self.now.month > 6:
            return fixed(*part_of_year(self.now.year, 1, 6), assumed=True)
        return fixed(*part_of_year(self.now.year - 1, 2, 6), assumed=True)

    # --- so many units ----------------------------------------------------------------------------------------------

    def on_last_units(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[1])
        unit, factor = unit_in(parts)
        if is_a(parts[0], "ROLLING"):
            return self._rolling(number * factor, unit, notes)
        return self._so_many(number * factor, unit, notes)

    def on_rolling_units(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[2])
        unit, factor = unit_in(parts)
        return self._rolling(number * factor, unit, notes)

    def on_within_last(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[1])
        unit, factor = unit_in(parts)
        return self._so_many(number * factor, unit, notes)

    def on_fused_units(self, parts: list[Any]) -> Point:
        digits = "".join(one for one in parts[1] if one.isdigit())
        unit, factor = UNITS[parts[1][len(digits) :].removesuffix("s")]
        return self._so_many(int(digits) * factor, unit)

    def on_full_units(self, parts: list[Any]) -> Point:
        """The words "the last 7 full days" end yesterday."""
        number, notes = self.number(parts[1])
        unit, factor = unit_in(parts)
        if unit == "day":
            return fixed(self.now - DAY * number, self.now - DAY, *notes)
        return self._so_many(number * factor, unit, notes)

    def on_ttm(self, _: list[Any]) -> Point:
        return self._so_many(12, "month")

    def _so_many(self, number: int, unit: Unit, notes: tuple[str, ...] = ()) -> Point:
        if unit == "day":
            include = f"The last {number} days include today, {label(self.now, self.now)}." if number > 1 else ""
            return fixed(self.now - DAY * (number - 1), self.now, *notes, *([include] if include else []))
        first = earlier(self.now, unit, number, self.week_starts)[0]
        end = earlier(self.now, unit, 1, self.week_starts)[1]
        whole = f"The last {number} {unit}s are whole ones and end on {label(end, end)}."
        return fixed(first, end, *notes, *([whole] if number > 1 else []))

    def _rolling(self, number: int, unit: Unit, notes: tuple[str, ...]) -> Point:
        """Months and quarters of a rolling window are whole ones; its days and weeks end today."""
        if unit in ("day", "week"):
            return self._so_many(number * (7 if unit == "week" else 1), "day", notes)
        return self._so_many(number, unit, notes)

    def on_next_units(self, parts: list[Any]) -> Point:
        number, notes = self.number(parts[1])
        unit, factor = unit_in(parts)
        first = earlier(self.now, unit, -1, self.week_starts)[0]
        return fixed(first, earlier(self.now, unit, -number * factor, self.week_starts)[1], *notes)

    def on_within(self, parts: list[Any]) -> Point:
        """The words "within 5 days": today and the days after it, so many in all."""
        tree = next(one for one in parts if hasattr(one, "data"))
        number, notes = self.number(tree)
        unit, factor = unit_in(parts)
        number *= factor
        if unit in ("day", "week"):
            end = self.now + DAY * (number * (7 if unit == "week" else 1) - 1)
        else:
            end = months_later(self.now, number * {"month": 1, "quarter": 3, "year": 12}[unit]) - DAY
        return fixed(self.now, end, *notes, assumed=True)

    def on_rest_of(self, parts: list[Any]) -> Point:
        unit, _ = unit_in(parts)
        return fixed(self.now, self.containing(self.now, unit)[1], assumed=True)

    # --- to date ----------------------------------------------------------------------------------------------------

    def on_to_date(self, parts: list[Any]) -> Point:
        return fixed(self.containing(self.now, _unit_to_date(parts))[0], self.now)

    def on_to_date_last(self, parts: list[Any]) -> Point:
        unit = _LETTERS["y"] if only(parts, "P_TO_DATE") else _unit_to_date(parts)
        return self._then(unit, earlier(self.now, unit, 1, self.week_starts)[0])

    def on_to_date_then(self, parts: list[Any]) -> Point:
        """The words "YTD last year", "MTD last month": as far into that one as today is into this."""
        unit, then = _unit_to_date(parts), self.whole(self.point(parts[-1]), 0)
        if then == self.containing(then[0], unit):
            return self._then(unit, then[0])
        years = self.now.year - then[0].year
        start, end = self.containing(self.now, unit)[0], self.now
        if unit == "week":
            shift = DAY * 7 * 52 * years
            return fixed(start - shift, end - shift, assumed=True)
        return fixed(months_later(start, -12 * years), months_later(end, -12 * years), assumed=True)

    def on_to_date_then_after(self, parts: list[Any]) -> Point:
        return self.on_to_date_then([parts[1], parts[0]])

    def _then(self, unit: Unit, start: date) -> Point:
        found: Dates = to_date_of(self.now, unit, start, self.week_starts)
        return fixed(found[0], found[1], assumed=True)


def _unit_to_date(parts: list[Any]) -> Unit:
    word = only(parts, "X_TO_DATE")
    return _LETTERS[word[0]] if word is not None else unit_in(parts)[0]
