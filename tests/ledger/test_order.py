"""Rows in order: what a sort gives, and the very frame where it was in order."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ledger.order import in_order

SMALL = st.integers(-2, 2)
ROWS = st.lists(st.tuples(SMALL, SMALL, st.sampled_from(["a", "b", "ab", ""])), max_size=6)
COLUMNS = st.sampled_from([("x",), ("x", "y"), ("y", "x"), ("x", "y", "z"), ("x", "z")])


@given(rows=ROWS, columns=COLUMNS)
def test_rows_come_in_order_of_the_columns(rows: list[tuple[int, int, str]], columns: tuple[str, ...]) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Int64, "y": pl.Int64, "z": pl.String}, orient="row")
    found = in_order(frame, *columns).select(columns).rows()
    assert found == sorted(frame.select(columns).rows())


@given(rows=ROWS, columns=COLUMNS)
def test_what_is_in_order_is_left_as_it_is(rows: list[tuple[int, int, str]], columns: tuple[str, ...]) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Int64, "y": pl.Int64, "z": pl.String}, orient="row").sort(columns)
    assert in_order(frame, *columns) is frame
