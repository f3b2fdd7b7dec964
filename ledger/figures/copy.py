"""``Figures``: the columnar copy of a book's facts, on whichever engine it sits.

The copy is brought up to the book's head by sequence number, from truth alone, and can be deleted at any time. Each
fact carries the dimensions of its ticket, so that a figure needs no join, and one column for each measure that it adds
to, so that a figure is a plain sum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ledger.batch import SETTLEMENT_KINDS
from ledger.book import Book
from ledger.committed import Committed, in_line, together
from ledger.errors import BookError
from ledger.figures import query
from ledger.figures.calendar import BookCalendar
from ledger.figures.engines import Engine, State, Step, open_engine
from ledger.figures.facts import ADDRESS, facts_of
from ledger.figures.plan import Period, Plan, Result
from ledger.figures.prepared import Prepared
from ledger.figures.scope import Slice
from ledger.seals import GENESIS
from ledger.writing import Commit

KEPT_SPANS_MAX = 100
"""Commits of which the first and last business date are kept."""


class Figures:
    """The copy of a book's facts, caught up and asked. Safe to use from several threads."""

    def __init__(self, book: Book, engine: Engine) -> None:
        self.book = book
        self.engine = engine
        self.note = engine.note
        self._turn = threading.RLock()
        self.calendar = BookCalendar.of_book(book.settings)
        self._values: dict[str, _Values] = {}
        self._spans: dict[int, Period | None] = {}
        self._tables: dict[str, Any] = {}
        self._queries = Prepared(engine)
        self._known: State | None = None
        if engine.state() is None:
            engine.make_anew()
        self._set_stores()

    @classmethod
    def open(cls, book: Book, *, filling: bool = False) -> Figures:
        """Open the copy of a book, ``filling`` it where it will not be asked anything; ``note`` says where another
        process has it and this one made its own."""
        return cls(book, open_engine(book.path, book.id, book.settings.figures, filling=filling))

    def close(self) -> None:
        with self._turn:
            self.engine.close()

    @property
    def backend(self) -> Any:
        """The Ibis backend that has the copy's tables."""
        return self.engine.backend

    def table(self, name: str) -> Any:
        """A table of the copy, for Ibis; the same one at each call, for to ask an engine what it is takes long."""
        with self._turn:
            if name not in self._tables:
                self._tables[name] = self.backend.table(name)
            return self._tables[name]

    @property
    def seq(self) -> int:
        """The book's commit that the copy has reached."""
        return self._state().seq

    @property
    def head(self) -> str:
        """Hash of that commit's link."""
        return self._state().hash

    def catch_up(self) -> int:
        """Apply the commits that truth has and the copy has not; their number. A copy of another history is made
        anew."""
        with self._turn:
            before = self.engine.state()
            if before is None or not self._of_this_book(before):
                self.engine.make_anew()
                self._values.clear()
                self._spans.clear()
                before = self._state()
            while not all(self.engine.apply(step_of(chunk)) for chunk in self.book.committed(after=self.seq)):
                pass  # another process that shares the copy was quicker: go on from where it has come to
            self._set_stores()
            return self.seq - before.seq

    def follow(self, commits: Sequence[Commit]) -> None:
        """Apply commits that were made here just now: as they were written where they come next, else by catching
        up."""
        with self._turn:
            parts = [one.written.committed() for one in commits]
            known = [one for one in parts if one is not None]
            straight = len(known) == len(parts) and in_line(known, self.seq, self.head or GENESIS.hex())
            if not straight or not self.engine.apply(step_of(together(known))):
                self.catch_up()

    def run(self, plan: Plan) -> Result:
        """Compute a plan; see ``ledger.figures.run``."""
        from ledger.figures.run import run

        return run(self, plan)

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The rows of an Ibis table over the copy, as plain values."""
        with self._turn:
            return self.engine.rows(self.backend.compile(expression), expression.schema())

    def prepared(self, what: Hashable, slice: Slice, build: Callable[[Slice], Any]) -> list[dict[str, Any]]:
        """The rows of a query over a slice, which is compiled once for its shape; see ``ledger.figures.prepared``."""
        with self._turn:
            return self._queries.rows((self.calendar, what), slice, build)

    def value(self, expression: Any) -> Any:
        """The value of an Ibis scalar over the copy."""
        (row,) = self.rows(expression.as_table())
        (value,) = row.values()
        return value

    def values(self, dimension: str) -> tuple[str, ...]:
        """Every distinct value of a dimension, sorted; for the category each step of its path, too."""
        with self._turn:
            known, seq = self._values.get(dimension), self.seq
            if known is None or known.seq != seq:
                known = self._values[dimension] = self._up_to(seq, dimension, known)
            return known.shown

    def span(self, as_of: int | None = None) -> Period | None:
        """First and last business date of a till's ticket that is live; with ``as_of``, that was so at that commit."""
        with self._turn:
            seq = self.seq if as_of is None else as_of
            if seq not in self._spans:
                if len(self._spans) > KEPT_SPANS_MAX:
                    self._spans.clear()
                self._spans[seq] = self._span(seq)
            return self._spans[seq]

    def _span(self, seq: int) -> Period | None:
        slice = Slice((), None, None, seq)

        def ends(one: Slice) -> Any:
            return _ends(_sold(query.live(self.table("tickets"), "tickets", one.seq)))

        (row,) = self.prepared("span", slice, ends)
        return Period(start=row["first"], end=row["last"], label="the whole book") if row["first"] else None

    def locked(self, work: Callable[[], Any]) -> Any:
        """Run some work on the copy while no other thread does, all of it on one moment of the copy."""
        with self._turn, self.engine.moment():
            return work()

    def _state(self) -> State:
        """Where the copy stands; BookError where that is no commit of the book, as its figures would be none then."""
        with self._turn:
            found = self.engine.state()
            if found is None or not self._of_this_book(found):
                raise BookError(
                    f"the figures' copy of book {self.book.id} has been made anew for another copy of the book or "
                    "another version of Tillproof; open the book again, and let each have a [figures] url of its own"
                )
            return found

    def _set_stores(self) -> None:
        """Region and owner of each store, which ``book.toml`` may change at any time."""
        self.engine.set_stores([(name, store.region, store.owner) for name, store in self.book.settings.stores.items()])

    def _of_this_book(self, state: State) -> bool:
        """Whether the book has the commit that the copy has reached; of a copy that is shared, asked at each change."""
        if state.seq == 0 or state == self._known:
            return True
        self._known = state if self.book.hash_of(state.seq) == state.hash else None
        return self._known is not None

    def _up_to(self, seq: int, dimension: str, known: _Values | None) -> _Values:
        """The values of a dimension at a commit: those that are known of an earlier one, and what came since."""
        where = {
            "item": "lines", "category": "lines", "jurisdiction": "taxes", "account": "postings",
            "region": "stores", "owner": "stores", "tender": "tenders", "card_brand": "tenders",
        }.get(dimension, "tickets")  # fmt: skip
        table = self.table(where)
        if where == "tenders":
            table = _sold(table)  # nobody pays by what payouts go to
        if where == "stores":
            rows, before = self.rows(_distinct(table, dimension)), frozenset[str]()
        else:
            since = Slice((), None, None, known.seq if known is not None else 0)
            rows = self.prepared(
                ("values", dimension), since, lambda one: _distinct(table.filter(table.seq > one.seq), dimension)
            )
            before = known.given if known is not None else frozenset()
        given = before | {str(row[dimension]) for row in rows}
        shown = given
        if dimension == "category":
            paths = [one.split(" / ") for one in given]
            shown = frozenset(" / ".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1))
        return _Values(seq, given, tuple(sorted(shown)))


@dataclass(frozen=True)
class _Values:
    """The values of a dimension at a commit, as they are given and as they are shown."""

    seq: int
    given: frozenset[str]
    shown: tuple[str, ...]


def _distinct(table: Any, dimension: str) -> Any:
    return table.filter(table[dimension].notnull()).select(dimension).distinct()


def _sold(rows: Any) -> Any:
    """Rows of tickets of tills, without those of what processors did with the money afterwards."""
    return rows.filter(rows.kind.notin(SETTLEMENT_KINDS))


def _ends(rows: Any) -> Any:
    return rows.aggregate(first=rows.business_date.min(), last=rows.business_date.max())


def step_of(chunk: Committed) -> Step:
    """Commits as a step of the copy. What is taken back in a later period stays live where it is."""
    reverses = chunk.entries.filter(pl.col("reverses_seq").is_not_null()).join(
        chunk.taken_back.addresses, on=ADDRESS, how="anti"
    )
    return Step(
        after=chunk.first - 1,
        last=chunk.last,
        hash=chunk.hash,
        facts=facts_of(chunk),
        reversals=reverses.select("seq", "reverses_seq", "reverses_n"),
    )
