"""Periods in words that are read back as the same dates: "October 2026", "the week of 5 October 2026"."""

from __future__ import annotations

from datetime import date

from assistant.ask.calendar import DAY, grain_of


def label(start: date | None, end: date | None, week_starts: str = "monday") -> str:
    """A period's dates in words."""
    if start is None or end is None:
        if start is not None:
            return f"since {day_label(start)}"
        return "all dates" if end is None else f"until {day_label(end)}"
    grain = grain_of(start, end, week_starts)
    if grain == "day":
        return day_label(start)
    if grain == "week":
        return f"the week of {day_label(start)}"
    if grain == "month":
        return f"{start:%B} {start.year}"
    if grain == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    if grain == "year":
        return f"{start.year}"
    if start.day == 1 and (end + DAY).day == 1:
        return _months(start, end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {day_label(end)}"
    if start.year == end.year:
        return f"{start.day} {start:%B} to {day_label(end)}"
    return f"{day_label(start)} to {day_label(end)}"


def day_label(day: date) -> str:
    """A day in words: "5 October 2026"."""
    return f"{day.day} {day:%B} {day.year}"


def _months(start: date, end: date) -> str:
    if start.year == end.year:
        if (start.month, end.month) in ((1, 6), (7, 12)):
            return f"H{1 if start.month == 1 else 2} {start.year}"
        return f"{start:%B} to {end:%B} {end.year}"
    if start.month == 1 and end.month == 12:
        return f"{start.year} to {end.year}"
    return f"{start:%B} {start.year} to {end:%B} {end.year}"
