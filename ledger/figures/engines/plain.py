"""What engines answer, as plain values: whole numbers are ``int`` and dates are ``date``, whatever the engine made of
them on the way (PostgreSQL sums whole numbers as ``numeric``; it and Spark cut dates to moments)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any


def plain_rows(schema: Any, rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows of an Ibis schema as dicts. A moment that stands for a date must be midnight of it in its own zone."""
    columns = [(name, _of(dtype)) for name, dtype in schema.items()]
    return [
        {name: None if value is None else plain(value) for (name, plain), value in zip(columns, row, strict=True)}
        for row in rows
    ]


def _of(dtype: Any) -> Callable[[Any], Any]:
    if dtype.is_integer():
        return _whole
    return _date if dtype.is_date() else lambda value: value


def _whole(value: Any) -> int:
    whole = int(value)
    assert whole == value, f"{value!r} is no whole number"
    return whole


def _date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value
