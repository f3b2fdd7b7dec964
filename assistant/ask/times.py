"""The period of a question and what it is compared with, from its periods and the words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from assistant.ask import calendar
from assistant.ask.calendar import DAY
from assistant.ask.items import Item, Items
from assistant.ask.periods import Calendar, PeriodSpan
from assistant.ask.reading import Trouble
from ledger.figures import Period
from ledger.figures.calendar import FISCAL

Pair = tuple[Period, Period | None]
HALF_A_YEAR = 200
SAME_WEEKDAYS = 364
"""Days from a day to the same weekday a year before: 52 weeks."""


@dataclass(frozen=True)
class Times:
    """Periods and their comparisons, in as many versions as the words allow; ``part`` is a period inside another one,
    of which a share is asked ("what share of 2025 came in December"). ``compares`` where a comparison was asked for
    that names no second period."""

    pairs: tuple[Pair, ...]
    compares: bool = False
    steps_by: str | None = None
    """The dimension of time from whose rows to the next the change is asked for: "month over month in 2025"."""
    part: Period | None = None
    notes: tuple[str, ...] = ()


def times(items: Items, calendar_: Calendar, *, groups: bool, share: bool, steps: bool, names: bool = False) -> Times:
    """The times of a question. ``groups`` where there are rows, or named things are compared (``names``), so that no
    second period is needed."""
    marks = _Marks(items, calendar_)
    found = [cast(PeriodSpan, item.span) for item in items.free("period")]
    said = " ".join(items.texts)
    if any(words in said for words in ("so far", "thus far", "to date")):
        found = [_to_date(one, calendar_.today) for one in found]
    for item in items.free("period"):
        item.taken = True
    if not marks.comparing:
        found = _together(_once(found, items.texts))
    notes = tuple(dict.fromkeys(note for span in found for note in getattr(span, "assumptions", ())))
    if share and len(found) == 2 and not marks.comparing:
        inner, outer = sorted((period_of(one) for one in found), key=lambda one: one.days or 10**6)
        if _inside(inner, outer):
            return Times(((outer, None),), part=inner, notes=notes)
    if len(found) > 2:
        raise Trouble("clarify", "More than two periods are named: ask about one, or compare two.")
    if marks.grain is not None and len(found) < 2 and not _is_one(found, marks.grain, calendar_):
        main = period_of(found[0], calendar_.today) if found else Period()
        return Times(((main, None),), compares=True, steps_by=marks.grain, notes=notes)
    pairs = _pairs(found, marks, calendar_, groups=groups, names=names, steps=steps)
    return Times(tuple(pairs), compares=marks.changing, notes=notes)


def _together(found: list[PeriodSpan]) -> list[PeriodSpan]:
    """Two periods of which one is open on a side, as what lies in both: "to 20 February since the start of the
    year"."""
    if len(found) != 2 or not all((one.start is None) != (one.end is None) or _is_long(one) for one in found):
        return found
    if all(_is_long(one) for one in found):
        return found
    starts = [one.start for one in found if one.start is not None]
    ends = [one.end for one in found if one.end is not None]
    if not starts or not ends or max(starts) > min(ends):
        return found
    return [replace(found[0], start=max(starts), end=min(ends))]


def _is_long(one: PeriodSpan) -> bool:
    return one.start is not None and one.end is not None and one.start < one.end


def _to_date(one: PeriodSpan, today: date) -> PeriodSpan:
    """ "So far in 2026": what has gone by of a period."""
    if one.start is None or one.end is None or not one.start <= today < one.end:
        return one
    return replace(one, end=today)


_FISCAL_WORDS = ("fiscal", "financial")
_FISCAL_GRAINS = {"week": "fiscal_week", "month": "fiscal_month", "period": "fiscal_month", "quarter": "fiscal_quarter"}
_GRAINS = {"month": "month", "m/m": "month", "mom": "month", "week": "week", "w/w": "week", "wow": "week",
           "quarter": "quarter", "q/q": "quarter", "qoq": "quarter", "day": "business_date", "d/d": "business_date",
           "dod": "business_date"}  # fmt: skip


class _Marks:
    """The words that ask for a comparison, all of them taken."""

    def __init__(self, items: Items, calendar_: Calendar) -> None:
        self.relative: str | None = None
        self.grain: str | None = None
        self.unit: str | None = None
        for kind in ("weekday_year", "week_before", "year_before", "previous"):
            for item in items.free(kind):
                item.taken = True
                self.relative = self.relative or kind
                words = items.words(item).split()
                self.unit = next((unit for unit in ("week", "month") if unit in words), self.unit)
                if words[0] in _FISCAL_WORDS and {"over", "on"} & {*words}:
                    self.grain = _FISCAL_GRAINS.get(words[1], self.grain)
                elif {"over", "on"} & {*words} or len(words) == 1:
                    self.grain = _GRAINS.get(words[0], self.grain)
        for item in items.free("period"):
            self._counted_from_the_other(items, item)
        self.against = list(items.free("against"))
        self.changing = bool(items.free("change", "mover"))
        self.moving = bool(items.free("mover", "why"))
        self.both = bool(items.free("both"))
        for item in items.free("against", "change", "both"):
            item.taken = True
        self.comparing = bool(self.against) or self.changing or self.both

    def _counted_from_the_other(self, items: Items, item: Item) -> None:
        """ "the previous month" after "compared with" is counted from the other period, not from today."""
        before = next((one for one in reversed(items.listed[: item.place]) if one.last >= item.first - 1), None)
        said = items.texts[item.first : item.last]
        others = [one for one in items.free("period") if one.place < item.place]
        if before is None or before.kind not in ("against", "change") or not others:
            return
        if said[0] in ("previous", "prior") and len([word for word in said if word not in _FISCAL_WORDS]) == 2:
            item.taken = True
            self.relative = "year_before" if said[-1] == "year" else "previous"


def _pairs(
    found: list[PeriodSpan], marks: _Marks, calendar_: Calendar, *, groups: bool, names: bool, steps: bool
) -> list[Pair]:
    if len(found) == 2:
        return _two(found[0], found[1], marks)
    main = period_of(found[0], calendar_.today) if found else Period()
    if steps or not (marks.comparing or marks.relative):
        return [(main, None)]
    spanned = found and found[0].ends is not None and (marks.changing or (marks.both and not groups)) and not names
    if spanned and found[0].ends is not None and marks.relative is None:
        left, right = found[0].ends
        return [(Period(start=right[0], end=right[1]), Period(start=left[0], end=left[1]))]
    if marks.relative is None and not (marks.changing and (marks.moving or not groups)):
        if groups:
            return [(main, None)]
        raise Trouble("clarify", "Compared with what? Name a second period, such as “the month before”.")
    if not found or found[0].start is None or found[0].end is None:
        raise Trouble("clarify", "Over which period, and compared with which? The question names none.")
    start, end = found[0].start, found[0].end
    kind = marks.relative
    if kind == "previous" and marks.unit is not None and start == end:
        kind = f"{marks.unit}_before"  # "Christmas Eve versus a week earlier"
    return [(Period(start=start, end=end), relative(start, end, kind, calendar_))]


def relative(start: date, end: date, kind: str | None, calendar_: Calendar) -> Period:
    """The period that another one is compared with: the one before, or by ``kind`` a year before (of a whole week the
    same week), the same weekdays a year before, a week before. Of a fiscal unit it is the fiscal one."""
    if kind == "weekday_year":
        return Period(start=start - SAME_WEEKDAYS * DAY, end=end - SAME_WEEKDAYS * DAY)
    if kind == "week_before":
        return Period(start=start - 7 * DAY, end=end - 7 * DAY)
    if kind == "month_before":
        return Period(start=calendar.months_later(start, -1), end=calendar.months_later(end, -1))
    whole_week = calendar.grain_of(start, end, calendar_.week_starts) == "week"
    fiscal = calendar_.fiscal
    if fiscal is not None and calendar.is_fiscal_alone(start, end, fiscal, calendar_.week_starts):
        by_year = kind == "year_before"
        earlier = fiscal.year_before(start, end) if by_year else calendar.fiscal_before(start, end, fiscal)
        return Period(start=earlier[0], end=earlier[1])
    if kind == "year_before" and whole_week:
        return Period(start=start - SAME_WEEKDAYS * DAY, end=end - SAME_WEEKDAYS * DAY)
    if kind == "year_before":
        earlier = calendar.year_before(start, end)
    else:
        earlier = calendar.before(start, end, calendar_.week_starts)
    return Period(start=earlier[0], end=earlier[1])


def _two(one: PeriodSpan, other: PeriodSpan, marks: _Marks) -> list[Pair]:
    first, second = period_of(one), period_of(other)
    if not marks.comparing:
        raise Trouble(
            "clarify",
            "Two periods are named: to compare them, put “compared with” between them; else ask about one.",
        )
    between = any(one.last <= item.first < other.first for item in marks.against)
    if not between and first.start is not None and second.start is not None and first.start < second.start:
        first, second = second, first  # "compare September and October": the later one is looked at
    versions: list[Pair] = [(first, second)]
    shorter = first.days is not None and second.days is not None and first.days < HALF_A_YEAR < second.days
    if shorter and first.start is not None and first.end is not None:
        start, end = calendar.year_before(first.start, first.end)
        versions.append((first, Period(start=start, end=end)))
    return versions


def _is_one(found: list[PeriodSpan], grain: str, calendar_: Calendar) -> bool:
    """Whether the period is one day, week, month: its change is that from the one before."""
    if not found or found[0].start is None or found[0].end is None:
        return False
    if grain in FISCAL:
        named = calendar_.of_figures.name_of(found[0].start, found[0].end)
        return named is not None and named[0] == grain
    unit = calendar.grain_of(found[0].start, found[0].end, calendar_.week_starts)
    return unit == ("day" if grain == "business_date" else grain)


def _once(found: list[PeriodSpan], texts: Sequence[str]) -> list[PeriodSpan]:
    """The periods without those that say the same days again, of the same year or of none: "the last week of 2017, 25
    to 31 December"."""
    kept: list[PeriodSpan] = []
    for span in found:
        if kept and kept[-1].last == span.first and kept[-1].ends and kept[-1].ends[1] == (span.start, span.end):
            continue  # "up to Easter Sunday, 5 April 2026"
        again = next((one for one in kept if _days(one) == _days(span) != (None, None)), None)
        if again is None:
            kept.append(span)
            continue
        if (again.start, again.end) == (span.start, span.end):
            continue
        with_year = [one for one in (again, span) if _says_year(one, texts)]
        if len(with_year) == 1 and not {"and", "or"} & set(texts[again.last : span.first]):
            kept = [with_year[0] if one is again else one for one in kept]
        else:
            kept.append(span)
    return kept


def _days(span: PeriodSpan) -> tuple[str | None, str | None]:
    start, end = (None if day is None else f"{day:%m-%d}" for day in (span.start, span.end))
    return start, end


def _says_year(span: PeriodSpan, texts: Sequence[str]) -> bool:
    return any(len(word) == 4 and word.isdigit() for word in texts[span.first : span.last])


def _inside(inner: Period, outer: Period) -> bool:
    if inner.start is None or inner.end is None or inner == outer:
        return False
    return (outer.start is None or outer.start <= inner.start) and (outer.end is None or inner.end <= outer.end)


def period_of(span: PeriodSpan, today: date | None = None) -> Period:
    """The dates of a period; one that is open at its end goes up to the day that counts as today."""
    end = today if span.end is None and span.start is not None and today and span.start <= today else span.end
    return Period(start=span.start, end=end)


def dimension_of(period: Period, calendar_: Calendar) -> tuple[str, str] | None:
    """The dimension and value that a period is exactly one of: ``("month", "2025-12")``; None where it is none."""
    if period.start is None or period.end is None:
        return None
    start = period.start
    grain = calendar.grain_of(start, period.end, calendar_.week_starts)
    values = {
        "day": ("business_date", start.isoformat()),
        "week": ("week", (start + 3 * DAY).strftime("%G-W%V")),
        "month": ("month", f"{start:%Y-%m}"),
        "quarter": ("quarter", f"{start.year}-Q{(start.month + 2) // 3}"),
        "year": ("year", str(start.year)),
    }
    return values[grain] if grain is not None else calendar_.of_figures.name_of(start, period.end)
