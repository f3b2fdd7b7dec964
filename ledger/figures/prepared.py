"""Queries that are compiled once for their shape, and run with the values of each plan.

To build an expression and to compile it takes Ibis some ten milliseconds, to run it an engine a few. Plans of one shape
(a metric by a split, over another month, of another store) differ in values alone. So a query is compiled with
*stand-ins*, one for each value, and its text is cut where these are; a plan's own values are written there by the
engine's own compiler. That is the text that compiling it anew would give, so that results cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from ledger.figures.engines import Engine
from ledger.figures.scope import Slice, V, Value

SHAPES_MAX = 2_000
"""Queries that are kept; the one that was made first goes first."""

_FIRST_DAY = date(9000, 1, 1)
_FIRST_NUMBER = 4_000_000_000_000_000_000
"""Stand-ins are days, numbers and texts that no book has, so that they are found again in the text of a query."""


@dataclass(frozen=True)
class Query:
    """The text of a query in pieces: what is always the same, and between it the places of values."""

    pieces: tuple[str, ...]
    places: tuple[int, ...]
    schema: Any

    def text(self, values: Sequence[str]) -> str:
        """The query with values that are written as an engine writes them."""
        between = (values[place] for place in self.places)
        return self.pieces[0] + "".join(
            f"{value}{piece}" for value, piece in zip(between, self.pieces[1:], strict=True)
        )


class Prepared:
    """The queries of one copy by their shape. It is used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queries: dict[tuple[Hashable, Slice], Query] = {}
        self._literal = lru_cache(maxsize=4096)(self._written)

    def rows(self, what: Hashable, slice: Slice, build: Callable[[Slice], Any]) -> list[dict[str, Any]]:
        """The rows of a query over a slice. ``what`` names all else that ``build`` makes its Ibis table of."""
        values: list[Value] = []
        numbers = count()

        def stood_for(value: V, /) -> V:
            values.append(value)
            stand_in: V = _stand_in(value, next(numbers))
            return stand_in

        shape = slice.mapped(stood_for)
        query = self._queries.get((what, shape))
        if query is None:
            query = self._queries[what, shape] = self._compiled(build(shape), shape)
            if len(self._queries) > SHAPES_MAX:
                del self._queries[next(iter(self._queries))]
        return self._engine.rows(query.text([self._literal(value) for value in values]), query.schema)

    def _compiled(self, expression: Any, shape: Slice) -> Query:
        stand_ins: list[Value] = []

        def found(value: V, /) -> V:
            stand_ins.append(value)
            return value

        shape.mapped(found)
        written = [self._literal(value) for value in stand_ins]
        text = self._engine.backend.compile(expression)
        parts = re.split(f"({'|'.join(re.escape(one) for one in written)})", text)
        places = tuple(written.index(one) for one in parts[1::2])
        assert set(places) == set(range(len(written))), f"a value of the query is not in its text: {text}"
        return Query(tuple(parts[::2]), places, expression.schema())

    def _written(self, value: Value) -> str:
        """A value as the engine's compiler writes it."""
        import ibis

        compiler = self._engine.backend.compiler
        literal = ibis.literal(value).op()
        written: str = compiler.visit_Literal(literal, value=literal.value, dtype=literal.dtype).sql(compiler.dialect)
        return written


def _stand_in(value: Value, number: int) -> Any:
    if isinstance(value, date):
        return _FIRST_DAY + timedelta(days=number)
    return _FIRST_NUMBER + number if isinstance(value, int) else f"value {number} of the query"
