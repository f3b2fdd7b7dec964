"""``verified``: the last step before a text is shown. What is not in the result is not said.

A text is parts, in which figures stand by reference. Every digit in its words has to be one of the plan's own: of its
dates, its names, the number of its rows. (The idea of figures as references that only a renderer fills is that of
proof-carrying numbers, arXiv 2509.06902.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.ask.compose import Part, Value, where
from ledger.figures import Figure, Result
from ledger.figures.plan import Filter

_DIGITS = re.compile(r"\d+")


class Unverified(Exception):
    """A text says something that its result does not hold."""


def verified(parts: Sequence[Part], result: Result, also: Iterable[str] = ()) -> Sequence[Part]:
    """The parts, when each figure is of the result and each digit in the words is of the plan or of ``also``.

    Unverified otherwise: nothing of the text may be shown.
    """
    held = set(map(id, result.figures))
    allowed = _allowed(result) | {digits for text in also for digits in _DIGITS.findall(text)}
    for part in parts:
        if isinstance(part, Value):
            if id(part.figure) not in held or part.figure.value is None:
                raise Unverified(f"the figure {part.figure.id} is not of the result")
            continue
        for digits in _DIGITS.findall(part):
            if digits not in allowed:
                raise Unverified(f"the text says {digits}, which is not in the result")
    return parts


def plain(result: Result) -> list[Part]:
    """The bare answer, for when a text was not verified: labels and figures, nothing else."""
    figures: list[Figure] = [figure for figure in result.figures if figure.value is not None][:1]
    return [f"{figures[0].label}: ", Value(figures[0])] if figures else ["There is no value."]


def _allowed(result: Result) -> set[str]:
    plan = result.plan
    said: set[str] = {str(result.row_count), str(len(result.rows)), str(max(0, len(result.rows) - 3))}
    texts = [value for key in result.keys for value in key]
    texts += [value for one in (*plan.filters, *plan.against) for value in one.values]
    bounds = [*plan.conditions, *(plan.each.conditions if plan.each is not None else ())]
    said |= {digits for one in bounds for digits in _DIGITS.findall(f"{one.value.normalize():f}")}
    texts.append(where([one for one in plan.against if not _is_clock(one)]))
    texts.append(where([one for one in plan.filters if not _is_clock(one)]))
    for one in (*plan.filters, *plan.against):
        if _is_clock(one):
            said |= {"00", "59", *(f"{int(value):02}" for value in one.values if value.isdigit())}
    if "hour" in plan.dimensions:
        said |= {"00", "59", *(f"{int(v):02}" for key in result.keys for v in key if v.isdigit() and len(v) <= 2)}
    for text in texts:
        said |= set(_DIGITS.findall(text))
        said |= {digits.lstrip("0") for digits in _DIGITS.findall(text)}
    for period in (plan.period, plan.comparison):
        for day in (period.start, period.end) if period is not None else ():
            if day is not None:
                said |= {str(day.day), str(day.year), str((day.month + 2) // 3)}
    return said


def _is_clock(one: Filter) -> bool:
    return one.dimension == "hour"
