"""A feed that can be changed: the frames of ``Known`` as columns of plain values, and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from assistant.flags.known import Known, canonical, clocked, numbered
from assistant.sample.generate import STATE_TAX_MICRO
from ledger.accounts import Chart

Columns = dict[str, list[Any]]
MICRO = 1_000_000


@dataclass
class Feed:
    """Columns of tickets, lines, tenders, taxes, events and superseded versions. ``dropped`` are tickets taken out."""

    known: Known
    tickets: Columns
    lines: Columns
    tenders: Columns
    taxes: Columns
    events: Columns
    superseded: Columns
    dropped: set[int] = field(default_factory=set)
    dropped_events: set[int] = field(default_factory=set)
    rates: list[float] = field(default_factory=list)
    """The rate at which each line was taxed, where lines carry their tax."""

    @classmethod
    def of(cls, known: Known) -> Feed:
        frames = [getattr(known, name).to_dict(as_series=False) for name in FRAMES]
        made = cls(known, *frames)
        made.index()
        made.rates = [
            STATE_TAX_MICRO / MICRO if tax and net else 0.0
            for tax, net in zip(made.lines["tax_minor"], made.lines["net_minor"], strict=True)
        ]
        return made

    def index(self) -> None:
        """Look up the rows of each ticket, and the tickets of each store, day and cashier, anew."""
        self.rows: dict[str, dict[int, list[int]]] = {}
        for name in ("lines", "tenders", "taxes"):
            found: dict[int, list[int]] = {}
            for place, t in enumerate(getattr(self, name)["t"]):
                found.setdefault(t, []).append(place)
            self.rows[name] = found
        self.number = {
            (source, number): t
            for t, (source, number) in enumerate(zip(self.tickets["source"], self.tickets["external_id"], strict=True))
        }

    @property
    def size(self) -> int:
        return len(self.tickets["t"])

    def of_kind(self, kind: str = "sale") -> np.ndarray:
        kinds = np.array(self.tickets["kind"], dtype=object)
        live = np.ones(self.size, bool)
        live[list(self.dropped)] = False
        return np.nonzero((kinds == kind) & live)[0]

    def copy_ticket(self, t: int, external_id: str, **changed: Any) -> int:
        """A ticket once more under another number, with all that belongs to it; its new ``t``."""
        new = self.size
        for column in self.tickets.values():
            column.append(column[t])
        for name, value in {
            "t": new,
            "external_id": external_id,
            "place": None,
            "n": 10_000_000 + new,
            **changed,
        }.items():
            self.tickets[name][new] = value
        for part in ("lines", "tenders", "taxes"):
            columns: Columns = getattr(self, part)
            self.rows[part][new] = []
            for row in self.rows[part].get(t, []):
                self.rows[part][new].append(len(columns["t"]))
                for column in columns.values():
                    column.append(column[row])
                if part == "lines":
                    self.rates.append(self.rates[row])
                columns["t"][-1] = new
        self.number[(self.tickets["source"][new], external_id)] = new
        return new

    def add_tender(self, t: int, amount: int, **given: Any) -> None:
        row = len(self.tenders["t"])
        for name, column in self.tenders.items():
            column.append(
                {"t": t, "number": 90 + len(self.rows["tenders"].get(t, [])), "amount_minor": amount}.get(name)
            )
        for name, value in given.items():
            self.tenders[name][row] = value
        self.rows["tenders"].setdefault(t, []).append(row)

    def drop_tenders(self, t: int) -> None:
        for row in self.rows["tenders"].pop(t, []):
            self.tenders["t"][row] = -1

    def pay(self, t: int, kind: str, **given: Any) -> None:
        """Pay a ticket by one tender: what it comes to."""
        self.drop_tenders(t)
        self.add_tender(t, self.tickets["total_minor"][t], type=kind, **given)

    def settle(self, t: int) -> None:
        """Tax and total of a ticket anew after its lines changed, at the rates that it had; its tender follows."""
        rows = self.rows["lines"].get(t, [])
        live = [row for row in rows if not self.lines["voided"][row]]
        net = sum(self.lines["net_minor"][row] for row in live)
        if any(self.lines["tax_minor"][row] is not None for row in rows):
            tax = self._tax_of_lines(t, rows)
        else:
            tax = 0
            for row in self.rows["taxes"].get(t, []):
                self.taxes["base_minor"][row] = net
                self.taxes["amount_minor"][row] = round(net * (self.taxes["rate_micro"][row] or 0) / MICRO)
                tax += self.taxes["amount_minor"][row]
        self.tickets["total_minor"][t] = net + tax + (self.tickets["tip_minor"][t] or 0)
        rows = self.rows["tenders"].get(t, [])
        if rows:
            first = rows[0]
            kept = {name: self.tenders[name][first] for name in ("type", "brand", "token", "entry_method")}
            self.drop_tenders(t)
            self.add_tender(t, self.tickets["total_minor"][t], **kept)

    def _tax_of_lines(self, t: int, rows: list[int]) -> int:
        """Tax each line at its rate; one tax row for those of a ticket that had several."""
        for row in rows:
            live = not self.lines["voided"][row]
            self.lines["tax_minor"][row] = round(self.lines["net_minor"][row] * self.rates[row]) if live else 0
        base = sum(self.lines["net_minor"][row] for row in rows if self.rates[row] and not self.lines["voided"][row])
        tax = sum(self.lines["tax_minor"][row] for row in rows)
        first, *others = self.rows["taxes"].get(t, []) or [None]
        if first is not None:
            self.taxes["base_minor"][first], self.taxes["amount_minor"][first] = base, tax
            for one in others:
                self.taxes["t"][one] = -1
            self.rows["taxes"][t] = [first]
        return tax

    def back(self) -> Known:
        """The frames again, with what was dropped left out and tickets numbered anew."""
        names = {name: getattr(self, name) for name in FRAMES}
        schemas = {name: getattr(self.known, name).schema for name in FRAMES}
        frames = {name: pl.DataFrame(columns, schema=schemas[name]) for name, columns in names.items()}
        kept = frames["tickets"].filter(~pl.col("t").is_in(list(self.dropped)))
        walls = kept.with_columns(
            (pl.col("closed").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias(
                "closed_at"
            ),
            (pl.col("opened").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias(
                "opened_at"
            ),
            (pl.col("stamp").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias(
                "version_stamp"
            ),
            pl.col("t").alias("old"),
        )
        tickets = numbered(walls.drop("closed", "opened", "stamp", "place", "t"))
        key = tickets.select(pl.col("old").alias("t"), pl.col("t").alias("new"))

        def of(frame: pl.DataFrame) -> pl.DataFrame:
            joined = frame.join(key, on="t", how="inner").with_columns(pl.col("new").alias("t")).drop("new")
            return joined.sort("t", *(["number"] if "number" in joined.columns else []))

        events = frames["events"].with_row_index("place").filter(~pl.col("place").is_in(list(self.dropped_events)))
        return replace(
            self.known,
            tickets=tickets.drop("old"),
            lines=of(frames["lines"]),
            tenders=canonical(of(frames["tenders"]).drop("tender", "net_minor"), Chart.of(self.known.settings)),
            taxes=of(frames["taxes"]),
            events=clocked(events.drop("place", "clock")),
            superseded=of(frames["superseded"]),
        )


FRAMES = ("tickets", "lines", "tenders", "taxes", "events", "superseded")
