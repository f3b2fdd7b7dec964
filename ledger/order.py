"""The order of a frame's rows."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import polars as pl

FEW = 64
"""In so few rows, looking at them one by one takes less than a comparison of columns takes to begin."""


def in_order(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The rows in order of some columns, none of which has nulls; the frame itself where they are so already.

    Most frames are, as the rows of an export are, and looking costs a fraction of sorting them.
    """
    if frame.height < 2:
        return frame
    return frame if _is_in_order(*(frame[name] for name in columns)) else frame.sort(columns)


def _is_in_order(*columns: pl.Series) -> bool:
    if columns[0].len() <= FEW:
        rows = zip(*(column.to_list() for column in columns), strict=True)
        return all(above <= below for above, below in pairwise(rows))
    if len(columns) == 1:
        return columns[0].is_sorted()
    # No row comes before the one above it: by the last column, or by one before the last and those before that.
    last = columns[-1].head(-1) <= columns[-1].slice(1)
    return reduce(
        lambda rest, column: (column.head(-1) < column.slice(1)) | ((column.head(-1) == column.slice(1)) & rest),
        reversed(columns[:-1]),
        last,
    ).all()
