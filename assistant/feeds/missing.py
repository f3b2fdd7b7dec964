"""What has not come: numbers missing from the sequences of tills, and days of stores without a ticket.

The checks are those that raise flags (``assistant.flags.checks``), over the last weeks of each source. The tickets are
followed commit by commit, so that a look costs what came since the last one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from assistant.flags.checks.days import missing_days, same_weekday
from assistant.flags.checks.sequence import Sequence, sequence
from assistant.flags.known import Known, numbered
from assistant.flags.rules import Rule, rules
from ledger.arrived import EVENT_PLACES, TICKET_PLACES, arrived
from ledger.book import Book
from ledger.committed import ADDRESS, LINE_ROWS, TAX_ROWS, TENDER_ROWS
from ledger.reading import HeldRow

DAYS_KEPT = 91
DAYS_TOLD = 35
"""What is missing is told of so many days up to the last of a source; the days before say what is usual."""


@dataclass(frozen=True)
class Gap:
    """Numbers that are missing before a ticket: the first and last of them. ``store``, ``register`` and
    ``business_date`` are those of the ticket that came after them, and ``entry`` is its address."""

    store: str
    register: str | None
    business_date: date
    first: int
    last: int
    entry: tuple[int, int]

    @property
    def numbers(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Away:
    """Days in a row of a store without a ticket, though it usually trades on such weekdays; ``days`` counts those."""

    store: str
    first: date
    last: date
    days: int


@dataclass(frozen=True)
class Missing:
    """What is missing of a source since a day. ``in_sequence`` is whether its tickets carry numbers that run on, so
    that gaps would show; ``days_checked`` whether the book's settings let missing days be looked for."""

    since: date | None
    gaps: tuple[Gap, ...] = ()
    away: tuple[Away, ...] = ()
    in_sequence: bool = False
    days_checked: bool = True

    @property
    def numbers(self) -> int:
        return sum(one.numbers for one in self.gaps)

    @property
    def store_days(self) -> int:
        return sum(one.days for one in self.away)


NOTHING_POSTED = Missing(None)


class Following:
    """The tickets of a book's last weeks, in memory and brought up to date at each look. Safe from many threads."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._lock = threading.Lock()
        self._seq = 0
        self._since = date.min
        self._tickets = pl.DataFrame(schema=TICKET_PLACES)
        self._events = pl.DataFrame(schema=EVENT_PLACES)
        self._made: tuple[tuple[int, date, object], dict[str, Missing]] | None = None

    def missing(self, last: date, held: Iterable[HeldRow], today: date) -> dict[str, Missing]:
        """What is missing of each source that has tickets. ``last`` is the book's last business date; a number of what
        is ``held`` is not missing."""
        with self._lock:
            seq = self._book.head().seq
            key = (seq, today, self._book.settings)
            if self._made is None or self._made[0] != key:
                self._follow(seq, last - timedelta(days=DAYS_KEPT))
                self._made = key, self._look(tuple(held), today)
            return self._made[1]

    def _follow(self, seq: int, since: date) -> None:
        if since < self._since:  # the last day was later once: what was reversed took it away
            self._seq, self._tickets, self._events = 0, self._tickets.clear(), self._events.clear()
        new = arrived(self._book, self._seq, seq, since)
        kept = pl.col("business_date") >= since
        self._tickets = pl.concat([self._tickets.filter(kept), new.tickets]).join(
            new.reversed, on=[*ADDRESS], how="anti"
        )
        self._events = pl.concat([self._events.filter(kept), new.events]).join(new.reversed, on=[*ADDRESS], how="anti")
        self._seq, self._since = seq, since

    def _look(self, held: tuple[HeldRow, ...], today: date) -> dict[str, Missing]:
        rule = rules(self._book.settings).get("store_day_missing")
        return {
            str(source): _missing(self._known(rows, str(source), held), rule, today)
            for (source,), rows in self._tickets.group_by("source", maintain_order=True)
        }

    def _known(self, tickets: pl.DataFrame, source: str, held: tuple[HeldRow, ...]) -> Known:
        return Known(
            self._book.settings,
            numbered(tickets),
            lines=pl.DataFrame(schema=LINE_ROWS),
            tenders=pl.DataFrame(schema=TENDER_ROWS),
            taxes=pl.DataFrame(schema=TAX_ROWS),
            events=self._events.filter(pl.col("source") == source),
            superseded=pl.DataFrame(),
            held=tuple(one for one in held if one.source == source),
        )


def _missing(known: Known, rule: Rule | None, today: date) -> Missing:
    span = known.span
    assert span is not None, "a source is there for its tickets"
    last = span[1]
    since = last - timedelta(days=DAYS_TOLD - 1)
    numbers = sequence(known)
    away: list[tuple[str, date]] = []
    if rule is not None:
        found = missing_days(known, numbers, rule)
        away = [(str(one.store), one.business_date) for one in found if one.business_date is not None]
        away += _not_yet(known, min(last, today - timedelta(days=1)))
    told = sorted((store, day) for store, day in set(away) if day >= since)
    return Missing(
        since,
        tuple(_gaps(known, numbers, since)),
        tuple(_in_a_row(told)),
        in_sequence=numbers.steps.height > 0,
        days_checked=rule is not None,
    )


def _gaps(known: Known, numbers: Sequence, since: date) -> Iterator[Gap]:
    """The gaps, the newest first."""
    places = known.tickets.select("t", "seq", "n")
    found = numbers.gaps.filter(pl.col("business_date") >= since).join(places, on="t").sort("t", descending=True)
    for row in found.iter_rows(named=True):
        yield Gap(
            store=row["store"],
            register=row["register"],
            business_date=row["business_date"],
            first=row["place"] - row["missing"],
            last=row["place"] - 1,
            entry=(row["seq"], row["n"]),
        )


def _not_yet(known: Known, until: date) -> Iterator[tuple[str, date]]:
    """Days after the last ticket of a store on which it usually trades, while others of its source have tickets."""
    by_store = known.tickets.group_by("store", "business_date").agg(
        pl.len().alias("n"), pl.lit(0), pl.lit(0).alias("t")
    )
    for (store,), rows in by_store.group_by("store"):
        by_day = {day: (n, total, t) for day, n, total, t in rows.drop("store").iter_rows()}
        day = max(by_day) + timedelta(days=1)
        while day <= until:
            if same_weekday(by_day, day) is not None and day not in known.settings.flags.closed:
                yield str(store), day
            day += timedelta(days=1)


def _in_a_row(days: list[tuple[str, date]]) -> Iterator[Away]:
    """Days of stores, in order, as stretches of days that follow each other."""
    run: list[tuple[str, date]] = []
    for store, day in days:
        if run and (run[-1][0] != store or (day - run[-1][1]).days > 1):
            yield Away(run[0][0], run[0][1], run[-1][1], len(run))
            run = []
        run.append((store, day))
    if run:
        yield Away(run[0][0], run[0][1], run[-1][1], len(run))
