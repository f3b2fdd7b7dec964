"""Queries are compiled once for their shape: what is run is what compiling a plan anew would give."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.figures import Figures, Filter, Period
from ledger.figures import query as expressions
from ledger.figures.engines import Engine
from ledger.figures.plan import Dimension
from ledger.figures.prepared import Prepared
from ledger.figures.scope import Scope, Slice
from tests.builders import line, make_book, post, ticket

texts = st.text(max_size=20) | st.sampled_from(
    ["value 0 of the query", "'value 1 of the query'", "O'Neill", "a\\", "%", "4000000000000000001", "(none)"]
)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
VALUES: dict[Dimension, st.SearchStrategy[str]] = {
    "item": texts,
    "category": texts,
    "store": texts,
    "region": texts,
    "hour": st.integers(0, 23).map(str),
    "weekday": st.sampled_from(["Monday", "Sunday"]),
    "business_date": days.map(date.isoformat),
    "month": days.map(lambda day: f"{day:%Y-%m}"),
    "fiscal_quarter": days.map(lambda day: f"FY{day.year}-Q{day.month // 4 + 1}"),
}


class Written:
    """The engine of a copy, which remembers the text of the last query."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.backend = engine.backend
        self.text = ""

    def rows(self, query: str, schema: Any) -> list[dict[str, Any]]:
        self.text = query
        return self._engine.rows(query, schema)


@st.composite
def scopes(draw: st.DrawFn) -> tuple[Scope, Scope]:
    """Two scopes of one shape."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3))
    counts = [draw(st.integers(1, 3)) for _ in names]
    excluded = [draw(st.booleans()) for _ in names]
    open_start, open_end = draw(st.booleans()), draw(st.booleans())

    def one() -> Scope:
        filters = []
        for name, count, exclude in zip(names, counts, excluded, strict=True):
            values = draw(st.lists(VALUES[name], min_size=count, max_size=count))
            filters.append(Filter(dimension=name, values=tuple(values), exclude=exclude))
        first, last = sorted((draw(days), draw(days)))
        period = Period(start=None if open_start else first, end=None if open_end else last)
        return Scope(tuple(filters), period, draw(st.integers(1, 10**9)))

    return one(), one()


@given(scopes(), st.sampled_from(["lines", "movements", "postings"]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_query_has_the_text_that_compiling_it_anew_gives(
    figures: Figures, pair: tuple[Scope, Scope], fact: str
) -> None:
    if fact != "lines":
        pair = tuple(Scope((), one.period, one.seq) for one in pair)  # type: ignore[assignment]
    measure, by = ("balance" if fact != "lines" else "units_sold"), {"k0": "store"}

    def build(slice: Slice) -> Any:
        rows = expressions.scoped(figures, fact, slice, by.values())
        return expressions.summed(rows, fact, by, [measure], figures.calendar)

    engine = Written(figures.engine)
    prepared = Prepared(engine)  # type: ignore[arg-type]
    for scope in pair:
        slice = expressions.sliced(figures, fact, scope)
        prepared.rows(("sums", fact), slice, build)
        assert engine.text == figures.backend.compile(build(slice))


def test_another_value_of_the_same_shape_is_not_compiled_again(figures: Figures) -> None:
    built: list[Slice] = []

    def counted(build: Callable[[Slice], Any]) -> Callable[[Slice], Any]:
        return lambda slice: built.append(slice) or build(slice)  # type: ignore[func-returns-value]

    prepared = Prepared(figures.engine)
    totals = []
    for month in ("2026-09", "2026-10", "2026-11"):
        scope = Scope((Filter(dimension="month", values=(month,)),), Period(), figures.seq)
        build = counted(
            lambda slice: expressions.summed(
                expressions.scoped(figures, "tickets", slice), "tickets", {}, ["transactions"], figures.calendar
            )
        )
        (row,) = prepared.rows("sums", expressions.sliced(figures, "tickets", scope), build)
        totals.append(row["transactions"] or 0)
    assert len(built) == 1
    assert len(set(totals)) > 1


def test_names_follow_each_commit(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    opened = Figures.open(book)
    dimensions = ("item", "category", "store", "cashier", "tender", "account")
    for number, category in enumerate(["Food / Pies", "Drinks", "Food / Bread"]):
        sold = line(500, name=f"item {number}", category=category)
        post(book, ticket(f"{number}", lines=[sold], cashier=f"cashier {number % 2}", store=f"store {number}"))
        opened.catch_up()
        told = {name: opened.values(name) for name in dimensions}
        assert told["item"] == tuple(f"item {n}" for n in range(number + 1))
    opened.close()
    anew = Figures.open(book)
    anew.catch_up()
    assert told == {name: anew.values(name) for name in dimensions}
    assert told["category"] == ("Drinks", "Food", "Food / Bread", "Food / Pies")
    anew.close()
    book.close()
