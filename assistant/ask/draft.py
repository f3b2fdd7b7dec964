"""A plan in the making: the items of a question, what was read from them so far, and what they are read with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.ask.items import Items
from assistant.ask.measures import Measures
from assistant.ask.names import Names
from assistant.ask.periods import Calendar
from assistant.ask.selection import Selection
from assistant.ask.times import times
from assistant.ask.weights import Weights, weights
from ledger.accounts import Chart
from ledger.figures import Plan
from ledger.figures.plan import Dimension


@dataclass(frozen=True)
class Context:
    """What a question is read with: the book's names, its chart of accounts, the calendar, and how much speaks for a
    way to explain it."""

    names: Names
    chart: Chart
    calendar: Calendar
    weights: Weights = field(default_factory=weights)


@dataclass
class Draft:
    """What the parts of a plan are read from. ``limit`` is a number of rows that stood by itself, ``series`` what is to
    be told from row to row in time, ``step`` the rows' dimension of time where a word names it, ``end`` whether the
    first or the last row in time is asked for."""

    items: Items
    context: Context
    measured: Measures
    chosen: Selection
    limit: int | None = None
    series: Literal["running", "steps", "trend"] | None = None
    step: Dimension | None = None
    end: Literal["first", "last"] | None = None

    def plan(self, metric: str) -> Plan:
        """The plan of a metric with all else that was read, for a choice where the question is asked back."""
        found = times(self.items, self.context.calendar, groups=True, share=False, steps=False)
        period, comparison = found.pairs[0]
        return Plan(
            metrics=(metric,),
            dimensions=tuple(self.chosen.splits),
            filters=self.chosen.filters()[0],
            period=period,
            comparison=comparison,
        )
