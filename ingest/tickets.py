"""``Gathering``: tickets, till events and what is held, as a source reads them from its records, become a
``SaleBatch``.

A source makes plain rows (names of columns as in ``ledger.batch``, money in minor units, instants as texts with their
offset); what every source needs is done here: numbers, names of stores and tenders that the book knows by others, and
business dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ingest.clock import place_in_time
from ingest.records import MICRO
from ledger.accounts import Chart
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS, UTC_INSTANT, Held, SaleBatch
from ledger.settings import BookSettings

UNREADABLE = "unreadable-record"
WHOLE = "/"
"""The locator of a record that is its whole document."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a source may know while it reads: the book's settings and chart, its own name there, and the document."""

    settings: BookSettings
    chart: Chart
    source: str
    document: str
    name: str
    tickets_per_batch: int
    nets: Mapping[str, int] = field(default_factory=dict)
    """What the entries of payouts in the same delivery come to, by their payouts."""
    withheld: frozenset[str] = frozenset()
    """Payouts that are held, for entries that came with them did not come to them."""


def plain_line(kind: str, name: str | None, amount: int, place: str) -> Row:
    """A line of which only the amount is told, in minor units: one piece of it, or one taken back."""
    return {
        "kind": kind,
        "name": name,
        "quantity_micro": MICRO if amount >= 0 else -MICRO,
        "gross_minor": amount,
        "discount_minor": 0,
        "net_minor": amount,
        "voided": False,
        "locator": place,
    }


@dataclass(slots=True)
class Ticket:
    """One ticket as rows: its header (with ``locator``), lines, tenders and taxes, each in its order."""

    header: Row
    lines: list[Row] = field(default_factory=list)
    tenders: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    """One till event as a row."""

    row: Row


@dataclass(slots=True)
class Aside:
    """A record that posts nothing by itself: ``ignored`` with a reason that says why, or ``quarantined``."""

    disposition: str
    rule: str
    reason: str
    locator: str
    external_id: str | None = None
    store: str | None = None
    amount_minor: int | None = None


Made = Ticket | Event | Aside


def unreadable(what: str, problem: str, locator: str, external_id: str | None = None) -> Aside:
    """A record that could not be read, held with a sentence that says what and where."""
    where = locator or WHOLE
    return Aside("quarantined", UNREADABLE, f"{what} was not read: {problem} ({where})", where, external_id)


class Gathering:
    """Gathers what a source makes of one document into batches."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._aliases = reading.settings.store_names(reading.source)
        self._tender_types: dict[str, str] = {}
        self._clear()

    def _clear(self) -> None:
        self._tickets: list[Row] = []
        self._lines: list[Row] = []
        self._tenders: list[Row] = []
        self._taxes: list[Row] = []
        self._events: list[Row] = []
        self._held: list[Held] = []

    def __len__(self) -> int:
        return len(self._tickets) + len(self._events) + len(self._held)

    def add(self, made: Made) -> None:
        """Add what a record came to."""
        if isinstance(made, Ticket):
            number = len(self._tickets)
            made.header["ticket"] = number
            made.header["locator"] = made.header["locator"] or WHOLE
            self._tickets.append(made.header)
            for rows, gathered in ((made.lines, self._lines), (made.tenders, self._tenders), (made.taxes, self._taxes)):
                for place, row in enumerate(rows, start=1):
                    row["ticket"] = number
                    row.setdefault("number", place)
                    gathered.append(row)
        elif isinstance(made, Event):
            made.row["locator"] = made.row["locator"] or WHOLE
            self._events.append(made.row)
        else:
            self._held.append(self._as_held(made))

    def batch(self) -> SaleBatch:
        """What was gathered since the last batch, as one. A ticket whose time cannot be read is held."""
        tickets, unread = _timed(_frame(self._tickets, TICKETS), ("opened_at", "closed_at", "version_stamp"))
        events, unread_events = _timed(_frame(self._events, EVENTS), ("at", "version_stamp"))
        self._held += [self._of_time(row, "Ticket") for row in unread]
        self._held += [self._of_time(row, "Till event") for row in unread_events]
        whole = SaleBatch(
            self._placed(tickets, TICKETS, ("closed_at", "opened_at")),
            _frame(self._lines, LINES),
            self._named(_frame(self._tenders, TENDERS)),
            _frame(self._taxes, TAXES),
            self._placed(events, EVENTS, ("at",)),
            tuple(self._held),
        )
        self._clear()
        return whole.keep(whole.tickets["ticket"]) if unread else whole

    def _placed(self, frame: pl.DataFrame, schema: pl.Schema, at: Sequence[str]) -> pl.DataFrame:
        if frame.height == 0:
            return pl.DataFrame(schema=schema)
        reading = self._reading
        named = frame.with_columns(
            pl.lit(reading.source).alias("source"),
            pl.lit(reading.document).alias("document"),
            pl.col("currency").fill_null(reading.settings.book.currency),
            pl.col("store").replace(self._aliases) if self._aliases else pl.col("store"),
        )
        return place_in_time(named, reading.settings, at=at).select(list(schema)).cast(schema)

    def _named(self, tenders: pl.DataFrame) -> pl.DataFrame:
        names = tenders["type"].drop_nulls().unique().to_list()
        types = {name: self._reading.chart.tender_type(name) or name for name in names}
        return tenders.with_columns(pl.col("type").replace(types)) if types else tenders

    def _as_held(self, made: Aside) -> Held:
        return Held(
            disposition=made.disposition,
            rule=made.rule,
            reason=made.reason,
            document=self._reading.document,
            locator=made.locator or WHOLE,
            source=self._reading.source,
            external_id=made.external_id,
            store=made.store,
            amount_minor=made.amount_minor,
        )

    def _of_time(self, row: Row, what: str) -> Held:
        problem = f"'{row['time'][:40]}' is not a date and time"
        aside = unreadable(f"{what} {row['external_id']}", problem, row["locator"], row["external_id"])
        return self._as_held(aside)


def gathered(made: Iterable[Made], reading: Reading) -> Iterable[SaleBatch]:
    """Batches of what a source makes of a document, in the document's order."""
    gathering = Gathering(reading)
    for one in made:
        gathering.add(one)
        if len(gathering) >= reading.tickets_per_batch:
            yield gathering.batch()
    if len(gathering):
        yield gathering.batch()


def _frame(rows: list[Row], schema: pl.Schema) -> pl.DataFrame:
    """Rows as a frame; instants stay texts, and columns that no row gives are null."""
    columns = []
    for name, dtype in schema.items():
        kind = pl.String() if dtype == UTC_INSTANT else dtype
        columns.append(pl.Series(name, [row.get(name) for row in rows], kind))
    return pl.DataFrame(columns)


def _timed(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, list[Row]]:
    """The frame with its instants read; and what could not be, as rows with the ``time`` that is none."""
    texts = frame.select("external_id", "locator", *names)
    given = [name for name in names if frame[name].null_count() < frame.height]
    read = frame.with_columns(
        *(one for name in given for one in _instants(name)),
        *(pl.lit(None, UTC_INSTANT).alias(name) for name in names if name not in given),
    )
    if not given:
        return read, []
    unread = [
        pl.when(pl.col(name).is_not_null() & read[name].is_null() & read[f"{name}_wall"].is_null()).then(pl.col(name))
        for name in given
    ]
    wrong = texts.select("external_id", "locator", pl.coalesce(unread).alias("time"))
    bad = wrong["time"].is_not_null()
    if not bad.any():
        return read, []
    return read.filter(~bad), wrong.filter(bad).to_dicts()


def _instants(name: str) -> tuple[pl.Expr, pl.Expr]:
    """A text as an instant where it has an offset, and as a wall clock (``NAME_wall``) where it has none."""
    raw = pl.col(name).str.replace(" ", "T", literal=True)
    zoned = raw.str.replace(r"Z$", "+0000").str.replace(r"([+-]\d{2}):(\d{2})$", "${1}${2}")
    instant = zoned.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", strict=False, time_unit="us", time_zone="UTC")
    wall = raw.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    return instant.cast(UTC_INSTANT).alias(name), wall.alias(f"{name}_wall")
