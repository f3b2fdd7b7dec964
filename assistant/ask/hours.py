"""Hours of the day in a question: "at 5 pm", "between 17:00 and 19:00", "before noon". Bounds are strict, and
whole hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_TIME = re.compile(r"^(\d{1,2})(?::(\d{2}))?(am|pm|h)?$")
_NAMED = {"noon": 12, "midday": 12, "midnight": 0}
_HALVES = ("am", "pm")
_PARTS = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "pm"}
_HOURS = 24
SMALL_HOURS_END = 6
"""What comes after midnight ends with the night."""


class HoursError(ValueError):
    """Times that are understood but are no whole hours of a day; the message is for the person who asked."""


@dataclass(frozen=True)
class HoursSpan:
    """Hours found in a question: tokens ``first`` to ``last`` (excluded); hour 17 is from 17:00 to 17:59."""

    first: int
    last: int
    hours: tuple[int, ...]


@dataclass(frozen=True)
class _Clock:
    """A time of day; ``half`` is am or pm where it was said, ``certain`` whether it can be nothing but a time."""

    hour: int
    minute: int
    half: str | None
    certain: bool
    last: int


def find(texts: Sequence[str], first: int) -> HoursSpan | None:
    """The hours that begin at a word, or None. HoursError for times that no whole hours begin or end with."""
    word = texts[first]
    if word in ("hour", "hours") and first + 1 < len(texts):
        named = find(texts, first + 1) if _clock(texts, first + 1) is not None else None
        return None if named is None else HoursSpan(first, named.last, named.hours)
    if word in ("between", "from") or _clock(texts, first) is not None:
        begin = first + 1 if word in ("between", "from") else first
        left = _clock(texts, begin)
        joined = left.last if left is not None else len(texts)
        if left is not None and joined < len(texts) and texts[joined] in ("and", "to", "-", "until", "till"):
            right = _with_part(texts, _clock(texts, joined + 1))
            if right is not None and (left.certain or right.certain):
                left_hour = _hour(left, right.half)
                end = _hour(right, left.half) + (1 if right.minute == 59 else 0)
                if left.minute or right.minute not in (0, 59):
                    raise HoursError("Figures are kept by whole hours: ask for times such as 17:00 to 19:00.")
                return HoursSpan(first, right.last, _between(left_hour, end))
        if word == "from" and left is not None and left.certain and left.minute == 0:
            last = joined + (texts[joined : joined + 1] in (["on"], ["onward"], ["onwards"]))
            return HoursSpan(first, last, tuple(range(_hour(left, None), _HOURS)))
        if word in ("between", "from"):
            return None
    begin = first + 1 if word in ("at", "before", "after", "past", "since", "until", "by", "around") else first
    clock = _clock(texts, begin)
    if clock is None or not clock.certain:
        return None
    hour = _hour(clock, None)
    if clock.minute:
        raise HoursError("Figures are kept by whole hours: ask for times such as 17:00 to 19:00.")
    if word in ("before", "until"):
        return HoursSpan(first, clock.last, _between(0, hour or _HOURS))
    if word in ("after", "past") and texts[begin] == "midnight":
        return HoursSpan(first, clock.last, _between(0, SMALL_HOURS_END))
    if word in ("after", "since"):
        return HoursSpan(first, clock.last, _between(hour, _HOURS))
    return HoursSpan(first, clock.last, (hour,))


def _clock(texts: Sequence[str], place: int) -> _Clock | None:
    if place >= len(texts):
        return None
    word = texts[place]
    if word in _NAMED:
        return _Clock(_NAMED[word], 0, None, certain=True, last=place + 1)
    match = _TIME.match(word)
    if match is None or int(match[1]) > _HOURS or int(match[2] or 0) > 59:
        return None
    half, last = match[3] if match[3] in _HALVES else None, place + 1
    if half is None and last < len(texts) and texts[last] in _HALVES:
        half, last = texts[last], last + 1
    elif half is None and last < len(texts) and texts[last] == "o'clock":
        last += 1
    certain = half is not None or match[2] is not None or match[3] == "h" or last > place + 1
    return _Clock(int(match[1]), int(match[2] or 0), half, certain=certain, last=last)


def _with_part(texts: Sequence[str], clock: _Clock | None) -> _Clock | None:
    """A time with the part of the day that is said after it: "8 in the evening"."""
    if clock is None or tuple(texts[clock.last : clock.last + 2]) != ("in", "the"):
        return clock
    half = _PARTS.get("".join(texts[clock.last + 2 : clock.last + 3]))
    return clock if half is None else replace(clock, half=clock.half or half, certain=True, last=clock.last + 3)


def _hour(clock: _Clock, half: str | None) -> int:
    said = clock.half or half
    if said is None or clock.hour == 0:  # "between midnight and 6 am"
        return clock.hour % _HOURS
    if not 1 <= clock.hour <= 12:
        raise HoursError(f"There is no {clock.hour} {said}: a day has 1 am to 12 pm, or 0:00 to 23:59.")
    return clock.hour % 12 + (12 if said == "pm" else 0)


def _between(first: int, end: int) -> tuple[int, ...]:
    """The hours from one to before another, past midnight where the second is the smaller."""
    if first == end:
        raise HoursError("The two times are the same: ask for times such as 17:00 to 19:00.")
    return tuple(hour % _HOURS for hour in range(first, end if end > first else end + _HOURS))
