"""``Figures``: the columnar copy of a book's facts, and its one owner.

The copy is a DuckDB file. It is brought up to the book's head by sequence number, from truth alone, and can be
deleted at any time. Each fact carries the dimensions of its ticket, so that a figure needs no join, and one column
for each measure that it adds to, so that a figure is a plain sum.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import ibis
import polars as pl
from filelock import FileLock, Timeout

from ledger.book import Book
from ledger.committed import Committed, in_line, together
from ledger.figures.facts import ADDRESS, facts_of
from ledger.figures.plan import Period, Plan, Result
from ledger.seals import GENESIS
from ledger.writing import Commit

FILE = "facts.duckdb"
MEMORY_LIMIT = "2GB"
LAYOUT = "5"
"""Of the tables below; a copy of another layout is made anew."""

FACTS = ("tickets", "lines", "tenders", "taxes", "events", "postings")

_SCHEMA = """
CREATE TABLE state (layout VARCHAR, seq BIGINT, hash VARCHAR);
CREATE TABLE commits (seq BIGINT, document VARCHAR);
CREATE TABLE tickets (seq BIGINT, n BIGINT, {ticket}, locator VARCHAR,
    transactions BIGINT, return_count BIGINT, void_count BIGINT, void_value BIGINT, tips BIGINT, reversed_seq BIGINT);
CREATE TABLE lines (seq BIGINT, n BIGINT, number BIGINT, {ticket}, locator VARCHAR, item VARCHAR, category VARCHAR,
live BOOLEAN,
    gross_sales BIGINT, discounts BIGINT, returns BIGINT, units_sold BIGINT, cogs BIGINT, uncosted BIGINT,
    service_charges BIGINT, tax_collected BIGINT, gift_cards_sold BIGINT, gift_cards_returned BIGINT,
    account_payments BIGINT, reversed_seq BIGINT);
CREATE TABLE tenders (seq BIGINT, n BIGINT, number BIGINT, {ticket}, locator VARCHAR,
    total_collected BIGINT, payment_fees BIGINT, tenders_taken BIGINT, tenders_returned BIGINT,
    reversed_seq BIGINT);
CREATE TABLE taxes (seq BIGINT, n BIGINT, number BIGINT, {ticket}, locator VARCHAR, jurisdiction VARCHAR,
    tax_collected BIGINT, tax_charged BIGINT, tax_refunded BIGINT, taxable_base BIGINT, without_base BIGINT,
    reversed_seq BIGINT);
CREATE TABLE events (seq BIGINT, n BIGINT, store VARCHAR, register VARCHAR, cashier VARCHAR, business_date DATE,
    hour BIGINT, ticket VARCHAR, locator VARCHAR, over_short BIGINT, cash_paid_in BIGINT, cash_paid_out BIGINT,
    tips_paid_out BIGINT, reversed_seq BIGINT);
CREATE TABLE postings (seq BIGINT, n BIGINT, number BIGINT, store VARCHAR, business_date DATE, account VARCHAR,
    balance BIGINT);
""".format(
    ticket="store VARCHAR, channel VARCHAR, register VARCHAR, cashier VARCHAR, customer VARCHAR, business_date DATE, "
    "hour BIGINT, tender VARCHAR, card_brand VARCHAR, ticket VARCHAR, kind VARCHAR, is_void BOOLEAN"
)


class Figures:
    """The copy of a book's facts, caught up and asked. Safe to use from several threads."""

    def __init__(self, book: Book, path: str, lock: FileLock | None) -> None:
        self.book = book
        self.note = (
            ""
            if lock is not None
            else "Another process has this book open, so its figures were computed anew, which takes longer."
        )
        self._lock = lock
        self._turn = threading.RLock()
        self._cache: dict[tuple[str, int], tuple[str, ...]] = {}
        self.backend = ibis.duckdb.connect(path, memory_limit=MEMORY_LIMIT)
        self.db: duckdb.DuckDBPyConnection = self.backend.con
        self.db.execute("SET enable_progress_bar=false")  # it would be written to stdout
        self._prepare()

    @classmethod
    def open(cls, book: Book) -> Figures:
        """Open the copy of a book and own it; where another process does, an own copy in memory, said in ``note``."""
        return cls.own(book) or cls(book, ":memory:", None)

    @classmethod
    def own(cls, book: Book) -> Figures | None:
        """Open the copy of a book and own it; None where another process does."""
        lock = FileLock(book.path / ".figures.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return None
        path = book.path / FILE
        try:
            return cls(book, str(path), lock)
        except duckdb.Error:
            path.unlink(missing_ok=True)  # unreadable, and nothing is lost by it
            return cls(book, str(path), lock)

    def close(self) -> None:
        with self._turn:
            self.backend.disconnect()
            if self._lock is not None:
                self._lock.release()

    @property
    def seq(self) -> int:
        """The book's commit that the copy has reached."""
        return int(self._one("SELECT seq FROM state")[0])

    @property
    def head(self) -> str:
        """Hash of that commit's link."""
        return str(self._one("SELECT hash FROM state")[0])

    def catch_up(self) -> int:
        """Apply the commits that truth has and the copy has not; their number. A copy of another history is made
        anew."""
        with self._turn:
            before = self.seq
            if before and not self._same_history(before):
                self._make_anew()
                before = 0
            for chunk in self.book.committed(after=before):
                self._apply(chunk)
            self._refresh_stores()
            return self.seq - before

    def follow(self, commits: Sequence[Commit]) -> None:
        """Apply commits that were made here just now: as they were written where they come next, else by catching
        up."""
        with self._turn:
            parts = [one.written.committed() for one in commits]
            known = [one for one in parts if one is not None]
            if len(known) == len(parts) and in_line(known, self.seq, self.head or GENESIS.hex()):
                self._apply(together(known))
            else:
                self.catch_up()

    def run(self, plan: Plan) -> Result:
        """Compute a plan; see ``ledger.figures.run``."""
        from ledger.figures.run import run

        return run(self, plan)

    def values(self, dimension: str) -> tuple[str, ...]:
        """Every distinct value of a dimension, sorted; for the category each step of its path, too."""
        with self._turn:
            key = (dimension, self.seq)
            if key not in self._cache:
                if len(self._cache) > 100:
                    self._cache.clear()
                self._cache[key] = self._distinct(dimension)
            return self._cache[key]

    def span(self) -> Period | None:
        """First and last business date of a ticket that is live."""
        first, last = self._one("SELECT min(business_date), max(business_date) FROM tickets WHERE reversed_seq IS NULL")
        return Period(start=first, end=last, label="the whole book") if first else None

    def locked(self, work: Callable[[], Any]) -> Any:
        """Run some work on the copy while no other thread does."""
        with self._turn:
            return work()

    # --- making ----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        tables = {row[0] for row in self.db.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        if "state" in tables and self.db.execute("SELECT layout FROM state").fetchall() == [(LAYOUT,)]:
            self._refresh_stores()
            return
        self._make_anew()

    def _make_anew(self) -> None:
        for table in ("state", "commits", "stores", *FACTS):
            self.db.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                self.db.execute(statement)
        self.db.execute("INSERT INTO state VALUES (?, 0, '')", [LAYOUT])
        self._refresh_stores()

    def _refresh_stores(self) -> None:
        """Region and owner of each store, which ``book.toml`` may change at any time."""
        rows = [(name, store.region, store.owner) for name, store in self.book.settings.stores.items()]
        self.db.execute("CREATE OR REPLACE TABLE stores (store VARCHAR, region VARCHAR, owner VARCHAR)")
        if rows:
            self.db.executemany("INSERT INTO stores VALUES (?, ?, ?)", rows)

    def _same_history(self, seq: int) -> bool:
        head = self.book.head()
        if head.seq < seq:
            return False
        if head.seq == seq:
            return head.hash == self.head
        return next(self.book.committed(after=seq - 1, upto=seq)).hash == self.head

    def _apply(self, chunk: Committed) -> None:
        facts = facts_of(chunk)
        self.db.execute("BEGIN TRANSACTION")
        try:
            for table, frame in facts.items():
                if frame.height:
                    self.db.register("incoming", frame.to_arrow())
                    columns = ", ".join(frame.columns)
                    self.db.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608
                    self.db.unregister("incoming")
            self._mark_reversed(chunk)
            self.db.execute("UPDATE state SET seq = ?, hash = ?", [chunk.last, chunk.hash])
            self.db.execute("COMMIT")
        except BaseException:
            self.db.execute("ROLLBACK")
            raise

    def _mark_reversed(self, chunk: Committed) -> None:
        reverses = chunk.entries.filter(pl.col("reverses_seq").is_not_null()).join(
            chunk.taken_back.addresses, on=ADDRESS, how="anti"
        )
        reversed_ = reverses.select("seq", "reverses_seq", "reverses_n")
        if not reversed_.height:
            return
        self.db.register("incoming", reversed_.to_arrow())
        for table in FACTS:
            if table != "postings":
                self.db.execute(
                    f"UPDATE {table} SET reversed_seq = incoming.seq FROM incoming "  # noqa: S608
                    f"WHERE {table}.seq = incoming.reverses_seq AND {table}.n = incoming.reverses_n"
                )
        self.db.unregister("incoming")

    def _distinct(self, dimension: str) -> tuple[str, ...]:
        where = {
            "item": "lines", "category": "lines", "jurisdiction": "taxes", "account": "postings",
            "region": "stores", "owner": "stores", "tender": "tenders", "card_brand": "tenders",
        }.get(dimension, "tickets")  # fmt: skip
        found = [
            str(row[0])
            for row in self.db.sql(f"SELECT DISTINCT {dimension} FROM {where} WHERE {dimension} IS NOT NULL").fetchall()  # noqa: S608
        ]
        if dimension == "category":
            paths = [one.split(" / ") for one in found]
            found = [" / ".join(path[:depth]) for path in paths for depth in range(1, len(path) + 1)]
        return tuple(sorted(set(found)))

    def _one(self, query: str) -> tuple[Any, ...]:
        with self._turn:
            return tuple(self.db.execute(query).fetchall()[0])
