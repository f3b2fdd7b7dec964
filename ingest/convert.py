"""Conversion: rows of a file, as texts, to the frames of a ``SaleBatch`` by a mapping. Whole columns at a time.

A cell that does not say what its field needs (a word for an amount, a date that is none) holds its ticket with a
sentence; the rest of the batch goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ingest import cells
from ingest.amounts import due, numbered, one_line, spread, taxes_of_lines, turned
from ingest.clock import place_in_time
from ingest.expressions import MICRO, divide_half_even, times
from ingest.mapping import FEES, Mapping, field_names, want_of
from ledger.accounts import Chart
from ledger.batch import EVENTS, LINES, SETTLEMENT_KINDS, TAXES, TENDERS, TICKETS, UTC_INSTANT, Held, SaleBatch
from ledger.money import decimals
from ledger.settings import BookSettings

BRANDS = ("visa", "mastercard", "amex", "american express", "discover", "maestro", "jcb", "diners",
          "credit", "credit card", "debit", "debit card")  # fmt: skip
"""Names of tenders that say more than that a card was used; that is kept as the brand."""
UNREADABLE = "unreadable-cell"
LEFT_OUT = "left-out"
BEYOND = 10**18
"""Millionths that no number of a till reaches."""
AS_NUMBER = "\0number"
"""After a column's name: the same column parsed as a number. No header can have it."""


@dataclass(frozen=True)
class Rows:
    """Rows of one role: texts, with their ``ticket`` in the batch and their ``locator``."""

    frame: pl.DataFrame
    columns: tuple[str, ...]


class Converter:
    """Turns rows of one source's files into batches."""

    def __init__(self, mapping: Mapping, settings: BookSettings, chart: Chart, source: str, document: str) -> None:
        self.mapping = mapping
        self.settings = settings
        self.chart = chart
        self.source = source
        self.document = document
        self.decimals = decimals(settings.book.currency)
        self._problems: list[pl.DataFrame] = []

    def batch(
        self,
        tickets: Rows,
        lines: Rows | None,
        tenders: Rows | None,
        taxes: Rows | None,
        events: Rows | None,
        held: Sequence[Held] = (),
    ) -> SaleBatch:
        """A batch from its rows; a flat file gives the same rows as tickets, lines, tenders and taxes."""
        self._problems = []
        headers = self._tickets(tickets)
        kind = headers.select("ticket", "kind")
        line_frame = self._lines(tickets, lines, headers)
        tax_frame = self._taxes(taxes, line_frame)
        if self.mapping.mapping.returned_amounts == "positive":
            line_frame, tax_frame = turned(line_frame, kind), turned(tax_frame, kind)
            headers = turned(headers, kind)
        tender_frame = self._tenders(tenders, headers, line_frame, tax_frame)
        batch = SaleBatch(
            headers.select(list(TICKETS)).cast(TICKETS),
            line_frame.select(list(LINES)).cast(LINES),
            tender_frame.select(list(TENDERS)).cast(TENDERS),
            tax_frame.select(list(TAXES)).cast(TAXES),
            self._events(events),
            tuple(held),
        )
        return self._without_problems(self._without_left_out(batch, tickets))

    def _without_left_out(self, batch: SaleBatch, rows: Rows) -> SaleBatch:
        for given in self.mapping.leave_out:
            frame = self._with_numbers(rows.frame, {"when": given.when})
            meets = self.mapping.expressions[given.when].compile("yes", self._cell, self.decimals)
            chosen = pl.col("ticket").is_in(frame.filter(meets)["ticket"].implode())
            left_out = tuple(
                self._held(
                    row,
                    given.disposition,
                    LEFT_OUT,
                    f"Ticket {row['external_id']} is left out: {given.reason} ({row['locator']})",
                )
                for row in batch.tickets.filter(chosen).iter_rows(named=True)
            )
            if left_out:
                batch = batch.keep(batch.tickets.filter(~chosen)["ticket"])
                batch = replace(batch, held=(*batch.held, *left_out))
        return batch

    def _without_problems(self, batch: SaleBatch) -> SaleBatch:
        if not self._problems:
            return batch
        found = pl.concat(self._problems).unique("ticket", keep="first", maintain_order=True)
        bad = batch.tickets.join(found, on="ticket", how="inner", maintain_order="left")
        holds = tuple(
            self._held(row, "quarantined", UNREADABLE, f"Ticket {row['external_id']}: {row['problem']}")
            for row in bad.iter_rows(named=True)
        )
        kept = batch.keep(batch.tickets.filter(~pl.col("ticket").is_in(bad["ticket"].implode()))["ticket"])
        return SaleBatch(kept.tickets, kept.lines, kept.tenders, kept.taxes, kept.events, (*batch.held, *holds))

    def _held(self, row: dict[str, Any], disposition: str, rule: str, reason: str) -> Held:
        return Held(
            disposition=disposition,
            rule=rule,
            reason=reason,
            document=self.document,
            locator=row["locator"],
            source=self.source,
            external_id=row["external_id"],
            store=row["store"],
            business_date=str(row["business_date"]) if row["business_date"] else None,
            amount_minor=row["total_minor"],
        )

    # --- roles --------------------------------------------------------------------------------------------------

    def _tickets(self, rows: Rows) -> pl.DataFrame:
        frame = self._evaluate(rows, self.mapping.ticket, TICKETS)
        frame = frame.with_columns(
            pl.lit(self.source).alias("source"),
            pl.lit(self.document).alias("document"),
            pl.col("currency").fill_null(self.settings.book.currency),
            pl.col("store").replace(self._store_aliases()),
        )
        if "kind" not in self.mapping.ticket:
            frame = frame.with_columns(
                pl.when(pl.col("total_minor") < 0).then(pl.lit("return")).otherwise(pl.lit("sale")).alias("kind")
            )
        return place_in_time(frame, self.settings)

    def _lines(self, tickets: Rows, rows: Rows | None, headers: pl.DataFrame) -> pl.DataFrame:
        if rows is None or not self.mapping.line:
            return one_line(headers.filter(~pl.col("kind").is_in(SETTLEMENT_KINDS).fill_null(value=False)))
        kinds = headers.select("ticket", pl.col("kind").alias("ticket_kind"))
        of_rows, of_tickets = [], []
        for given in self.mapping.line:
            fields = {name: text for name, text in given.items() if name != "per"}
            if given.get("per") != "ticket":
                of_rows.append(self._amounts(self._evaluate(rows, fields, LINES, kinds)))
                continue
            frame = self._evaluate(_first_of_ticket(tickets), fields, LINES, kinds)
            amount = pl.coalesce("net_minor", "gross_minor")
            of_tickets.append(self._amounts(frame.filter(amount.is_not_null() & (amount != 0))))  # no amount, no line
        frame = numbered(pl.concat(of_rows)) if of_rows else pl.DataFrame(schema=LINES)
        if self.mapping.mapping.ticket_discount == "spread":
            frame = spread(frame, headers)
        return numbered(pl.concat([frame, *of_tickets], how="vertical_relaxed")) if of_tickets else frame

    def _amounts(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Lines with what follows from what is given: of gross, discount and net, two give the third."""
        returned = pl.col("ticket_kind") == "return"
        frame = frame.with_columns(
            pl.col("kind").fill_null("item"),
            pl.col("voided").fill_null(value=False),
            pl.col("quantity_micro").fill_null(pl.when(returned & self._is_signed()).then(-MICRO).otherwise(MICRO)),
        )
        quantity = pl.col("quantity_micro").cast(pl.Int128)
        by_price = [
            divide_half_even(times(quantity, pl.col(price).cast(pl.Int128) * MICRO), pl.lit(MICRO, pl.Int128)).cast(
                pl.Int64, strict=False
            )
            for price in ("list_price_minor", "unit_price_minor")
        ]
        discount = pl.col("discount_minor")
        frame = frame.with_columns(
            pl.coalesce(pl.col("gross_minor"), pl.col("net_minor") + discount.fill_null(0), *by_price).alias(
                "gross_minor"
            )
        )
        frame = frame.with_columns(
            pl.coalesce(discount, pl.col("gross_minor") - pl.col("net_minor"), pl.lit(0)).alias("discount_minor")
        )
        return frame.with_columns(
            pl.coalesce(pl.col("net_minor"), pl.col("gross_minor") - pl.col("discount_minor")).alias("net_minor")
        ).select(list(LINES))

    def _is_signed(self) -> pl.Expr:
        return pl.lit(self.mapping.mapping.returned_amounts == "negative")

    def _taxes(self, rows: Rows | None, lines: pl.DataFrame) -> pl.DataFrame:
        if rows is None or not self.mapping.tax:
            return taxes_of_lines(lines)
        frames = []
        for given in self.mapping.tax:
            frame = self._evaluate(
                _first_of_ticket(rows) if given.get("per", self._per()) == "ticket" else rows,
                {name: text for name, text in given.items() if name != "per"},
                TAXES,
            )
            frames.append(frame.filter(pl.col("amount_minor").is_not_null() & (pl.col("amount_minor") != 0)))
        whole = pl.concat(frames).with_columns(pl.col("included").fill_null(value=False))
        per_line = whole.filter(pl.col("line").is_not_null())
        summed = (
            whole.filter(pl.col("line").is_null())
            .group_by("ticket", "jurisdiction", "rate_micro", "included", "facilitator", maintain_order=True)
            .agg(
                pl.when(pl.col("base_minor").count() > 0).then(pl.col("base_minor").sum()),  # not given is not zero
                pl.col("amount_minor").sum(),
                *(pl.col(name).first() for name in ("line", "number", "locator")),
            )
            .select(whole.columns)
        )
        return numbered(pl.concat([per_line, summed]).drop("number"))

    def _tenders(
        self, rows: Rows | None, headers: pl.DataFrame, lines: pl.DataFrame, taxes: pl.DataFrame
    ) -> pl.DataFrame:
        frames = []
        kind = headers.select("ticket", "kind")
        for given in self.mapping.tender if rows is not None else ():
            assert rows is not None
            frame = self._evaluate(
                _first_of_ticket(rows) if given.get("per", self._per()) == "ticket" else rows,
                {name: text for name, text in given.items() if name != "per"},
                TENDERS,
            )
            if "amount" in given:
                if self.mapping.mapping.returned_amounts == "positive":
                    frame = turned(frame, kind)
                present = pl.col("amount_minor").is_not_null() & (
                    pl.col("type").is_not_null() | (pl.col("amount_minor") != 0)
                )
                frame = frame.filter(present)
            else:
                frame = (
                    frame.drop("amount_minor")
                    .join(due(headers, lines, taxes), on="ticket", how="left", maintain_order="left")
                    .join(kind.filter(~pl.col("kind").str.starts_with("void")), on="ticket", how="semi")
                )
            frames.append(frame.select(list(TENDERS)))
        if not frames:
            return pl.DataFrame(schema=TENDERS)
        whole = pl.concat(frames)
        lower = pl.col("type").str.to_lowercase().str.strip_chars()
        names = {name: self.chart.tender_type(name) or name for name in whole["type"].drop_nulls().unique().to_list()}
        whole = whole.with_columns(
            pl.coalesce(pl.col("brand"), pl.when(lower.is_in(BRANDS)).then(pl.col("type"))).alias("brand"),
            pl.col("type").replace(names),
        )
        return numbered(whole.drop("number"))

    def _per(self) -> str:
        return "ticket" if self.mapping.mapping.layout == "flat" else "row"

    def _events(self, rows: Rows | None) -> pl.DataFrame:
        if rows is None or not self.mapping.event:
            return pl.DataFrame(schema=EVENTS)
        frame = self._evaluate(rows, self.mapping.event, EVENTS).with_columns(
            pl.lit(self.source).alias("source"),
            pl.lit(self.document).alias("document"),
            pl.col("currency").fill_null(self.settings.book.currency),
            pl.col("store").replace(self._store_aliases()),
        )
        return place_in_time(frame, self.settings, at=("at",)).select(list(EVENTS)).cast(EVENTS)

    def _store_aliases(self) -> dict[str, str]:
        return self.settings.store_names(self.source)

    # --- fields -------------------------------------------------------------------------------------------------

    def _evaluate(
        self, rows: Rows, given: dict[str, str], schema: pl.Schema, more: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """The fields of a role; what the mapping does not give is null. Cells that cannot be read become problems."""
        names = field_names(schema)
        frame = self._with_numbers(rows.frame, given)
        if "when" in given:
            frame = frame.filter(self.mapping.expressions[given["when"]].compile("yes", self._cell, self.decimals))
        made: dict[str, pl.Expr] = {}
        checks: list[tuple[pl.Expr, pl.Expr]] = []
        for field, text in given.items():
            if field == "when":
                continue
            column = names[field]
            expressions, found = self._field(field, text, column, schema[column])
            made |= expressions
            checks += found
        missing = {
            name: pl.lit(None, dtype)
            for name, dtype in schema.items()
            if name not in made and name not in ("ticket", "locator")
        }
        wanted = frame.select("ticket", "locator", *(expr.alias(name) for name, expr in (made | missing).items()))
        self._check(frame, checks)
        if more is not None:
            wanted = wanted.join(more, on="ticket", how="left", maintain_order="left")
        return wanted

    def _field(
        self, field: str, text: str, column: str, dtype: pl.DataType
    ) -> tuple[dict[str, pl.Expr], list[tuple[pl.Expr, pl.Expr]]]:
        """Expressions of a field, and its checks: pairs of (what is wrong, the sentence)."""
        expression = self.mapping.expressions[text]
        general = self.mapping.mapping
        if dtype == pl.String:
            value = expression.compile("text", self._cell, self.decimals)
            translated = self.mapping.values.get(field)
            if translated:
                table = {key.lower(): result for key, result in translated.items()}
                value = value.str.to_lowercase().replace_strict(table, default=value)
            return {column: pl.when(value != "").then(value)}, []
        if dtype == pl.Boolean:
            return {column: expression.compile("yes", self._cell, self.decimals)}, []
        if dtype == pl.Date:
            raw = expression.compile("text", self._cell, self.decimals)
            value = cells.date(raw, general.dates)
            return {column: value}, [(raw.is_not_null() & value.is_null(), _sentence(raw, f"is not a date ({field})"))]
        if dtype == UTC_INSTANT:
            raw = expression.compile("text", self._cell, self.decimals)
            wall, utc = cells.instant(raw, general.instants)
            wrong = raw.is_not_null() & wall.is_null() & utc.is_null()
            return {column: utc, f"{column}_wall": wall}, [(wrong, _sentence(raw, f"is not a date and time ({field})"))]
        value = expression.compile("number", self._cell, self.decimals)
        checks = [
            (
                self._cell(name, "text").is_not_null() & self._cell(name, "number").is_null(),
                _sentence(self._cell(name, "text"), f"in column {name} is not a number"),
            )
            for name, how in expression.reads("number")
            if how == "number"
        ]
        # A product of two numbers can be beyond what is kept.
        checks.append(((value >= BEYOND) | (value <= -BEYOND), _sentence(value.cast(pl.String), f"is no {field}")))
        if column.endswith("_micro"):
            return {column: value.cast(pl.Int64, strict=False)}, checks
        unit = 10 ** (6 - self.decimals) if column.endswith("_minor") else MICRO
        if general.rounding == "exact" or not column.endswith("_minor"):
            kind = f"has more decimals than {self.settings.book.currency} has" if unit != MICRO else "is not whole"
            checks.append((value % unit != 0, pl.format("{}", pl.lit(f"the {field} from {text} {kind}"))))
            return {column: (value // unit).cast(pl.Int64, strict=False)}, checks
        return {column: divide_half_even(value, pl.lit(unit, pl.Int128)).cast(pl.Int64, strict=False)}, checks

    def _cell(self, name: str, how: str) -> pl.Expr:
        if name == FEES:
            return pl.lit(self.settings.fees_of(self.source, self.mapping.mapping.fees))
        return pl.col(f"{name}{AS_NUMBER}") if how == "number" else cells.text(name)

    def _with_numbers(self, frame: pl.DataFrame, given: dict[str, str]) -> pl.DataFrame:
        """The rows with each column that is read as a number parsed once, beside its text."""
        general = self.mapping.mapping
        names = {
            column
            for field, text in given.items()
            for column, how in self.mapping.expressions[text].reads(want_of(field))
            if how == "number"
        }
        rounded = general.rounding != "exact"
        return frame.with_columns(
            cells.numbers(frame[name], general.decimal, rounded=rounded).alias(f"{name}{AS_NUMBER}")
            for name in sorted(names)
        )

    def _check(self, frame: pl.DataFrame, checks: list[tuple[pl.Expr, pl.Expr]]) -> None:
        if not checks:
            return
        wrong = frame.select(check.fill_null(value=False).any().alias(str(n)) for n, (check, _) in enumerate(checks))
        for n, (check, sentence) in enumerate(checks):
            if wrong[str(n)][0]:
                self._problems.append(
                    frame.filter(check).select(
                        "ticket", pl.format("{} ({})", sentence, pl.col("locator")).alias("problem")
                    )
                )


def _sentence(value: pl.Expr, what: str) -> pl.Expr:
    return pl.format("'{}' {}", value.str.head(40), pl.lit(what))


def _first_of_ticket(rows: Rows) -> Rows:
    return Rows(rows.frame.unique("ticket", keep="first", maintain_order=True), rows.columns)
