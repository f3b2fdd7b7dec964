"""From slices to Ibis expressions over one fact table: which rows, split by what, summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ledger.figures.calendar import IN_TIME, BookCalendar
from ledger.figures.facts import ADDRESS
from ledger.figures.metrics import TIMES
from ledger.figures.scope import Kept, Scope, Slice

if TYPE_CHECKING:
    from ledger.figures.copy import Figures

SPANS = frozenset({*IN_TIME} - {"business_date"})
"""Dimensions whose values are several days in a row."""


def sliced(figures: Figures, fact: str, scope: Scope) -> Slice:
    """A scope as a fact takes it: of a balance everything before the period counts, too. PlanError where a filter has a
    value that its dimension cannot have."""
    slice = Slice.of(scope, figures.calendar)
    return slice.up_to_end if fact == "postings" else slice


def scoped(figures: Figures, fact: str, slice: Slice, dimensions: Iterable[str] = ()) -> Any:
    """The rows of a fact that a slice covers, with the region and owner of their store where a dimension wants them.

    A fact is a table of the copy, or for movements the postings with a column a measure.
    """
    rows = figures.table("postings" if fact == "movements" else fact)
    if fact == "movements":
        amount = rows.balance
        rows = rows.mutate(movement=amount, debits=amount.clip(lower=0), credits=-amount.clip(upper=0))
    rows = _within(live(rows, fact, slice.seq), slice)
    if {"region", "owner"} & {*dimensions, *slice.dimensions}:
        rows = rows.left_join(figures.table("stores"), "store").drop("store_right")
    for one in slice.kept:
        kept = _kept(rows, one, figures.calendar).fill_null(False)
        rows = rows.filter(~kept if one.exclude else kept)
    return rows


def live(fact: Any, table: str, seq: int) -> Any:
    """The rows of a fact table as known at a commit: posted by then, and not reversed by then.

    Postings stay whole: a reversal has postings of its own, which cancel those that it reverses.
    """
    known = fact.filter(fact.seq <= seq)
    if table in ("postings", "movements"):
        return known
    return known.filter(known.reversed_seq.isnull() | (known.reversed_seq > seq))


def _within(fact: Any, slice: Slice) -> Any:
    if slice.start is not None:
        fact = fact.filter(fact.business_date >= slice.start)
    return fact if slice.end is None else fact.filter(fact.business_date <= slice.end)


def _kept(fact: Any, one: Kept, calendar: BookCalendar) -> Any:
    """Whether a row is one that a filter names. A filter on a category names what lies below it, too."""
    if one.dimension in IN_TIME:
        column, among = fact.business_date, fact.business_date.isin([])
        for first, last in zip(one.values[::2], one.values[1::2], strict=True):
            among = among | column.between(first, last)
    elif one.dimension == "category":
        column, among = fact.category, fact.category.isin(one.values)
        for beginning in one.below:
            among = among | column.startswith(beginning)
    else:
        column = grouping(fact, one.dimension, calendar)
        among = column.isin(one.values)
    return among | column.isnull() if one.nameless else among


def grouping(fact: Any, name: str, calendar: BookCalendar) -> Any:
    """What rows are grouped and filtered by for a dimension; see ``ledger.figures.calendar`` for those of time."""
    if name == "category":
        return fact.category.split(" / ")[0]
    if name == "subcategory":
        return fact.category
    return calendar.grouping(fact.business_date, name) if name in TIMES else fact[name]


def summed(rows: Any, fact: str, by: Mapping[str, str], measures: Iterable[str], calendar: BookCalendar) -> Any:
    """The sums of some measures over rows, by dimensions (each under the name of its column) or over all of them.

    To say which month or fiscal week a day is in costs an engine more than to sum does, so that rows are summed by day
    first, and then days: whatever is summed or counted is of one day.
    """
    totals = {name: _total(rows, fact, name) for name in measures}
    spans = {column: name for column, name in by.items() if name in SPANS}
    keys = [_column(rows, name, calendar).name(column) for column, name in by.items() if column not in spans]
    if not spans:
        return rows.group_by(keys).aggregate(**totals) if keys else rows.aggregate(**totals)
    daily = rows.group_by([*keys, rows.business_date.name("day")]).aggregate(**totals)
    grouped = {column: calendar.grouping(daily.day, name).name(column) for column, name in spans.items()}
    return daily.group_by([grouped.get(column, column) for column in by]).aggregate(
        **{name: daily[name].sum() for name in totals}
    )


def _column(fact: Any, name: str, calendar: BookCalendar) -> Any:
    return fact[name] if name in ADDRESS else grouping(fact, name, calendar)


def _total(rows: Any, fact: str, measure: str) -> Any:
    """The sum of a measure over rows; tickets counted over lines count each once."""
    if fact == "lines" and measure in ("transactions", "return_count"):
        kinds = ["return"] if measure == "return_count" else ["sale", "exchange"]
        address = rows.seq.cast("string") + "-" + rows.n.cast("string")
        return address.nunique(where=rows.kind.isin(kinds) & rows.live)
    return rows[measure].sum()


def page(rows: Any, keys: Iterable[tuple[str, bool]], start: int, count: int) -> Any:
    """Of rows in the order of some keys (a column, and whether it descends), which must make it a total one, those
    from place ``start`` on, ``count`` of them, which must be there.

    It is written without OFFSET: engines that spread rows over machines keep no order between a sort and what counts
    off its rows.
    """
    order = list(keys)
    upto = rows.order_by([_ordered(rows, *key) for key in order]).limit(start + count)
    if not start:
        return upto
    last = upto.order_by([_ordered(upto, name, not descending) for name, descending in order]).limit(count)
    return last.order_by([_ordered(last, *key) for key in order])


def _ordered(rows: Any, name: str, descending: bool) -> Any:
    """Nulls are greatest, so that either order is the other one turned round."""
    return rows[name].desc(nulls_first=True) if descending else rows[name].asc()
