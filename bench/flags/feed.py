"""A feed that can be changed: the frames of ``Known`` as columns of plain values, and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from assistant.flags.known import Known, canonical, clocked, numbered
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

    @classmethod
    def of(cls, known: Known) -> Feed:
        frames = [getattr(known, name).to_dict(as_series=False) for name in FRAMES]
        made = cls(known, *frames)
        made.index()
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
            for t, (source, number) in enumerate(
                zip(self.tickets["source"], self.tickets["external_id"], strict=True)
            )
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
        for name, column in self.tickets.items():
            column.append(column[t])
        for name, value in {"t": new, "external_id": external_id, "place": None, "n": 10_000_000 + new, **changed}.items():
            self.tickets[name][new] = value
        for part in ("lines", "tenders", "taxes"):
            columns: Columns = getattr(self, part)
            self.rows[part][new] = []
            for row in self.rows[part].get(t, []):
                self.rows[part][new].append(len(columns["t"]))
                for column in columns.values():
                    column.append(column[row])
                columns["t"][-1] = new
        self.number[(self.tickets["source"][new], external_id)] = new
        return new

    def add_tender(self, t: int, amount: int, **given: Any) -> None:
        row = len(self.tenders["t"])
        for name, column in self.tenders.items():
            column.append({"t": t, "number": 90 + len(self.rows["tenders"].get(t, [])), "amount_minor": amount}.get(name))
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
        live = [row for row in self.rows["lines"].get(t, []) if not self.lines["voided"][row]]
        net = sum(self.lines["net_minor"][row] for row in live)
        tax = 0
        for row in self.rows["taxes"].get(t, []):
            base = self.taxes["base_minor"][row]
            rate = self.taxes["rate_micro"][row] or 0
            if self.taxes["line"][row] is None:
                self.taxes["base_minor"][row] = net
            elif base is not None:
                line = next((one for one in live if self.lines["number"][one] == self.taxes["line"][row]), None)
                self.taxes["base_minor"][row] = self.lines["net_minor"][line] if line is not None else 0
            self.taxes["amount_minor"][row] = round(self.taxes["base_minor"][row] * rate / MICRO)
            tax += self.taxes["amount_minor"][row]
        for row in self.rows["lines"].get(t, []):
            if self.lines["tax_minor"][row] is not None:
                of_line = [one for one in self.rows["taxes"].get(t, []) if self.taxes["line"][one] == self.lines["number"][row]]
                self.lines["tax_minor"][row] = sum(self.taxes["amount_minor"][one] for one in of_line)
        self.tickets["total_minor"][t] = net + tax + (self.tickets["tip_minor"][t] or 0)
        rows = self.rows["tenders"].get(t, [])
        if rows:
            first = rows[0]
            kept = {name: self.tenders[name][first] for name in ("type", "brand", "token", "entry_method")}
            self.drop_tenders(t)
            self.add_tender(t, self.tickets["total_minor"][t], **kept)

    def back(self) -> Known:
        """The frames again, with what was dropped left out and tickets numbered anew."""
        names = {name: getattr(self, name) for name in FRAMES}
        schemas = {name: getattr(self.known, name).schema for name in FRAMES}
        frames = {name: pl.DataFrame(columns, schema=schemas[name]) for name, columns in names.items()}
        kept = frames["tickets"].filter(~pl.col("t").is_in(list(self.dropped)))
        walls = kept.with_columns(
            (pl.col("closed").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias("closed_at"),
            (pl.col("opened").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias("opened_at"),
            (pl.col("stamp").dt.replace_time_zone("UTC") - pl.duration(minutes=pl.col("utc_offset_minutes"))).alias("version_stamp"),
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
