"""Cells: a column of texts is read as its cells are, one by one."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import cells

TEXTS = st.one_of(
    st.from_regex(r"[-+(]?[$€]?\d{0,13}[.,]?\d{0,8}[)%-]?", fullmatch=True),
    st.from_regex(r"-?[0-9]{1,12}[.,][0-9]{1,6}", fullmatch=True),
    st.text(" 0123456789.,-+()eE$'\u00a0\u0661", max_size=12),
    st.none(),
)


@given(st.lists(TEXTS, max_size=8), st.sampled_from(".,"), st.booleans())
def test_a_column_is_read_as_its_cells_are(texts: list[str | None], decimal: str, rounded: bool) -> None:
    column = pl.Series("cell", texts, pl.String)
    one_by_one = column.to_frame().select(cells.number("cell", decimal, rounded=rounded)).to_series()
    assert cells.numbers(column, decimal, rounded=rounded).to_list() == one_by_one.to_list()


@pytest.mark.parametrize(("decimal", "sign"), [(".", "."), (",", ",")])
@given(st.decimals(min_value=-999_999_999_999, max_value=999_999_999_999, places=6))
def test_a_number_is_read_exactly(decimal: str, sign: str, value: Decimal) -> None:
    read = cells.numbers(pl.Series([f"{value:f}".replace(".", sign)]), decimal, rounded=False)
    assert read.to_list() == [int(value.scaleb(6))]


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("$1,234.56", ".", "1234.56"), ("1,00,000", ".", "100000"), ("(12,345)", ".", "-12345"),
        ("1'234.50", ".", "1234.5"),
        ("8,00", ".", None), ("1.234,56", ".", None), ("1,23,4.5", ".", None), ("12,34", ".", None),
        ("1.234,56 €", ",", "1234.56"), ("8.00", ",", None), ("1,234.56", ",", None), ("-1.234.567", ",", "-1234567"),
    ],
)  # fmt: skip
def test_a_separator_parts_thousands_or_the_cell_is_no_number(text: str, decimal: str, value: str | None) -> None:
    read = cells.numbers(pl.Series([text]), decimal, rounded=False)
    assert read.to_list() == [None if value is None else int(Decimal(value).scaleb(6))]
