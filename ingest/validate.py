"""Validation: which tickets of a batch may be posted, and for each that may not, the sentence that says why.

A rule is an expression (``ingest.expressions``) over one row a ticket, or one row a till event: what the till says,
what its parts come to, and what the book knows. The shipped rules are in ``rules.toml``; ``book.toml`` tunes them. A
rule rejects a ticket or an event, never a file.
"""

from __future__ import annotations

import string
import tomllib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from importlib.resources import files
from typing import Any

import polars as pl

from ingest.expressions import MICRO, parse
from ingest.naming import UNKNOWN_COLUMNS, unknown_names
from ledger.accounts import Chart
from ledger.batch import DISCOUNT_KINDS, EVENT_KINDS, LINE_KINDS, TICKET_KINDS, VOID_KINDS, Held, SaleBatch
from ledger.errors import MappingError, SettingsError
from ledger.money import decimals, to_major
from ledger.settings import BookSettings
from ledger.settings import Rule as Tuned

TEXTS = (
    "external_id", "store", "register", "cashier", "business_date", "kind", "currency", "void",
    "unknown_store", "unknown_tender", "unknown_kind", "unknown_line_kind", "unknown_discount_kind", "foreign_tender",
    "book_currency", "what", "original", "change_of", "missing_amount",
    *UNKNOWN_COLUMNS,
)  # fmt: skip
MONEY = (
    "total", "computed", "lines_net", "taxes", "tip", "rounding", "tenders", "till_net", "till_tax",
    "total_difference", "tender_difference", "tax_size", "sales_size",
)  # fmt: skip
NUMBERS = (
    "lines", "lines_without_amount", "lines_that_do_not_add_up", "repeated_lines", "days_ahead", "year",
    "largest_quantity", "tenders_of_cash",
)  # fmt: skip
SEVERITIES = ("quarantine", "ignore", "warn")
FOREIGN_DIGITS = 18
"""An amount in another currency or a rate has at most so many digits before its point, and as many after it."""


@dataclass(frozen=True)
class Rule:
    """A rule in force. ``severity`` is quarantine, ignore or warn; a warning is told and the ticket is posted."""

    id: str
    expression: str
    sentence: str
    severity: str
    parameters: dict[str, int | float | str]
    of: str
    """What it is for: ``tickets``, ``events`` or ``both``."""


@dataclass(frozen=True)
class Validated:
    """A batch parted: what may be posted, with all that is held; and what is worth telling though it was posted."""

    batch: SaleBatch
    warnings: tuple[str, ...]


def rules(settings: BookSettings) -> list[Rule]:
    """The shipped rules as the book tunes them, and the book's own. SettingsError when one cannot be read."""
    shipped = _shipped()
    made = []
    for name in [*shipped, *(name for name in settings.rules if name not in shipped)]:
        ours, tuned = shipped.get(name, {}), settings.rules.get(name)
        if tuned is not None and ours.get("relied_on"):
            _check_relied_on(name, tuned)
        if tuned is not None and not tuned.enabled:
            continue
        expression = (tuned.expression if tuned else None) or ours.get("expression")
        sentence = (tuned.sentence if tuned else None) or ours.get("sentence")
        if not expression or not sentence:
            raise SettingsError(
                f"book.toml: [rules.{name}] is no shipped rule, so it needs an expression and a sentence"
            )
        parameters = ours.get("parameters", {}) | (tuned.parameters if tuned else {})
        severity = (tuned.severity if tuned else None) or "quarantine"
        rule = Rule(name, expression, sentence, severity, parameters, ours.get("of", "tickets"))
        _check(rule)
        made.append(rule)
    return made


def sentences(rule: str, settings: BookSettings) -> list[str]:
    """The sentences by which a rule may have held something: the book's own, and the shipped one."""
    tuned = settings.rules.get(rule)
    given = (tuned.sentence if tuned else None, _shipped().get(rule, {}).get("sentence"))
    return [one for one in given if one]


def split(batch: SaleBatch, settings: BookSettings, chart: Chart, at: datetime) -> Validated:
    """Part a batch by the rules in force; ``at`` is the present, for what lies in the future."""
    in_force = _in_force(settings)
    checked = _checked_events(batch, [one for one in in_force if one[0].of != "tickets"], settings, at)
    batch = checked.batch
    if batch.tickets.height == 0:
        return checked
    view = _view(batch, settings, chart, at)
    hits, warnings = _judged(view, [one for one in in_force if one[0].of != "events"], settings)
    warnings = (*checked.warnings, *warnings)
    if not hits:
        return Validated(batch, warnings)
    held = tuple(_held(rule, row, settings) for _, (rule, row) in sorted(hits.items()))
    kept = batch.keep(batch.tickets.filter(~pl.col("ticket").is_in(list(hits)))["ticket"])
    return Validated(
        SaleBatch(kept.tickets, kept.lines, kept.tenders, kept.taxes, kept.events, (*batch.held, *held)), warnings
    )


@dataclass(frozen=True)
class _InForce:
    """The rules of some settings, each with the expression that marks what it is against."""

    settings: BookSettings
    rules: tuple[tuple[Rule, pl.Expr], ...]


_latest: _InForce | None = None
"""Of the settings that batches were last validated by: to read their rules costs as much as a small batch."""


def _in_force(settings: BookSettings) -> tuple[tuple[Rule, pl.Expr], ...]:
    global _latest
    known = _latest
    if known is None or known.settings is not settings:
        places = decimals(settings.book.currency)
        marks = [
            (rule, parse(rule.expression).compile("yes", partial(_column, rule=rule, places=places), places))
            for rule in rules(settings)
        ]
        known = _latest = _InForce(settings, tuple(marks))
    return known.rules


def _judged(
    view: pl.DataFrame, in_force: list[tuple[Rule, pl.Expr]], settings: BookSettings
) -> tuple[dict[int, tuple[Rule, dict[str, Any]]], tuple[str, ...]]:
    """The rows of a view that must be held, by their number, each with the first rule that holds it; and warnings."""
    hits: dict[int, tuple[Rule, dict[str, Any]]] = {}
    warnings = []
    marked = view.with_columns(mark.fill_null(value=False).alias(f"rule {rule.id}") for rule, mark in in_force)
    for rule, _ in in_force:
        if not marked[f"rule {rule.id}"].any():
            continue
        for row in marked.filter(pl.col(f"rule {rule.id}")).iter_rows(named=True):
            if rule.severity == "warn":
                warnings.append(f"{_filled(rule, row, settings)} ({row['locator']})")
            else:
                hits.setdefault(row["ticket"], (rule, row))
    return hits, tuple(warnings)


def _view(batch: SaleBatch, settings: BookSettings, chart: Chart, at: datetime) -> pl.DataFrame:
    """One row a ticket with the columns that rules may read: texts, money in minor units, whole numbers."""
    tickets, tenders = batch.tickets, batch.tenders
    live = batch.lines.filter(~pl.col("voided").fill_null(value=False))
    lines = batch.lines.group_by("ticket").agg(
        pl.len().cast(pl.Int64).alias("lines"),
        pl.any_horizontal(pl.col("gross_minor", "net_minor", "discount_minor", "quantity_micro").is_null())
        .sum()
        .cast(pl.Int64)
        .alias("lines_without_amount"),
        (pl.col("gross_minor") - pl.col("discount_minor") != pl.col("net_minor"))
        .sum()
        .cast(pl.Int64)
        .alias("lines_that_do_not_add_up"),
        (pl.len() - pl.col("number").n_unique()).cast(pl.Int64).alias("repeated_lines"),
        (pl.col("quantity_micro").abs().max() // MICRO).alias("largest_quantity"),
        pl.col("kind").filter(~pl.col("kind").is_in(LINE_KINDS)).first().alias("unknown_line_kind"),
        pl.col("discount_kind")
        .filter(~pl.col("discount_kind").is_in(DISCOUNT_KINDS))
        .first()
        .alias("unknown_discount_kind"),
    )
    known = {name for name in tenders["type"].drop_nulls().unique().to_list() if chart.tender_type(name) is not None}
    unknown = pl.col("type").fill_null("(no name)")
    of_cash = pl.col("type").is_in(sorted(name for name in known if chart.tender_type(name) in chart.change_from))
    with_change = pl.col("change_minor").fill_null(0) != 0
    sums = (
        lines,
        live.group_by("ticket").agg(
            pl.col("net_minor").sum().alias("lines_net"), pl.col("net_minor").abs().sum().alias("sales_size")
        ),
        batch.taxes.group_by("ticket").agg(
            pl.col("amount_minor").sum().alias("taxes"), pl.col("amount_minor").abs().sum().alias("tax_size")
        ),
        tenders.group_by("ticket").agg(
            (pl.col("amount_minor") - pl.col("change_minor").fill_null(0)).sum().alias("tenders"),
            unknown.filter(~unknown.is_in(sorted(known))).first().alias("unknown_tender"),
            pl.col("type").filter(with_change & ~of_cash).first().alias("change_of"),
            of_cash.sum().cast(pl.Int64).alias("tenders_of_cash"),
        ),
        _foreign(tenders, settings.book.currency),
        *unknown_names(batch, settings),
    )
    joined = tickets
    for one in sums:
        joined = joined.join(one, on="ticket", how="left", maintain_order="left")
    counts = [name for name in NUMBERS if name not in ("days_ahead", "year")]
    zero = [*counts, "lines_net", "sales_size", "taxes", "tax_size", "tenders"]
    listed = list(settings.stores)
    computed = pl.sum_horizontal("lines_net", "taxes", "tip", "rounding")
    return (
        joined.with_columns(
            pl.col(zero).fill_null(0),
            pl.col("tip_minor").fill_null(0).alias("tip"),
            pl.col("rounding_minor").fill_null(0).alias("rounding"),
            pl.col("total_minor").alias("total"),
            pl.col("net_minor").alias("till_net"),
            pl.col("tax_minor").alias("till_tax"),
        )
        .with_columns(computed.alias("computed"))
        .with_columns(
            (pl.col("total") - pl.col("computed")).alias("total_difference"),
            (pl.col("tenders") - pl.col("computed")).alias("tender_difference"),
            pl.when(pl.col("kind").is_in(VOID_KINDS)).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("void"),
            pl.when(~pl.col("kind").is_in(TICKET_KINDS) | pl.col("kind").is_null())
            .then(pl.col("kind").fill_null("(none)"))
            .alias("unknown_kind"),
            pl.when(pl.lit(settings.holds_new("stores")) & ~pl.col("store").is_in(listed))
            .then(pl.col("store"))
            .alias("unknown_store"),
            pl.col("original_external_id").alias("original"),
            pl.lit("Ticket").alias("what"),
            pl.lit(None, pl.String).alias("missing_amount"),
            *(pl.lit(None, pl.String).alias(name) for name in UNKNOWN_COLUMNS if name not in joined.columns),
            *_of_time_and_place(settings, at),
        )
    )


def _of_time_and_place(settings: BookSettings, at: datetime) -> tuple[pl.Expr, ...]:
    """The columns that tickets and till events have in common."""
    day = pl.col("business_date")
    return (
        pl.lit(settings.book.currency).alias("book_currency"),
        (day - pl.lit(at.date())).dt.total_days().alias("days_ahead"),
        day.dt.year().cast(pl.Int64).alias("year"),
        day.cast(pl.String).alias("business_date"),
    )


def _foreign(tenders: pl.DataFrame, currency: str) -> pl.DataFrame:
    """For each ticket the first tender in another currency that its own rate does not bring to what the till
    booked."""
    told: dict[int, str] = {}
    given = tenders.filter(pl.col("foreign_amount").is_not_null() | pl.col("exchange_rate").is_not_null())
    for row in given.iter_rows(named=True):
        amount, rate = _decimal(row["foreign_amount"]), _decimal(row["exchange_rate"])
        booked = to_major(row["amount_minor"], currency)
        step = Decimal(1).scaleb(-decimals(currency))
        if amount is None or rate is None or row["foreign_currency"] is None:
            told_as = [str(row[name])[:40] for name in ("foreign_amount", "foreign_currency", "exchange_rate")]
            problem = f"{told_as[0]} {told_as[1]} at {told_as[2]} is not an amount and a rate"
        elif abs(amount * rate - booked) > step:
            problem = f"{amount} {row['foreign_currency']} at {rate} is not {booked} {currency}"
        else:
            continue
        told.setdefault(row["ticket"], problem)
    return pl.DataFrame(
        {"ticket": list(told), "foreign_tender": list(told.values())},
        schema={"ticket": pl.Int64, "foreign_tender": pl.String},
    )


def _decimal(text: str | None) -> Decimal | None:
    """A decimal as a source writes it; None for what is none, or is so large or so fine that no money is meant."""
    try:
        value = Decimal(text) if text is not None else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "a finite decimal has one"
    return value if exponent >= -FOREIGN_DIGITS and value.adjusted() < FOREIGN_DIGITS else None


def _column(name: str, how: str, rule: Rule, places: int) -> pl.Expr:
    if name in rule.parameters:
        value = rule.parameters[name]
        return pl.lit(str(value)) if how == "text" else pl.lit(int(Decimal(str(value)).scaleb(6)), pl.Int128)
    if name in MONEY:
        return pl.col(name).cast(pl.String) if how == "text" else pl.col(name).cast(pl.Int128) * 10 ** (6 - places)
    if name in NUMBERS:
        return pl.col(name).cast(pl.String) if how == "text" else pl.col(name).cast(pl.Int128) * MICRO
    if name in TEXTS and how == "text":
        return pl.col(name)
    raise SettingsError(
        f"rule {rule.id}: there is no {'number' if how == 'number' else 'column'} {name!r}; "
        f"there are {', '.join((*TEXTS, *MONEY, *NUMBERS))}"
    )


def _held(rule: Rule, row: dict[str, Any], settings: BookSettings) -> Held:
    return Held(
        disposition="ignored" if rule.severity == "ignore" else "quarantined",
        rule=rule.id,
        reason=f"{_filled(rule, row, settings)} ({row['locator']})",
        document=row["document"],
        locator=row["locator"],
        source=row["source"],
        external_id=row["external_id"],
        store=row["store"],
        business_date=row["business_date"],
        amount_minor=row["total"] if row["total"] is not None else row["computed"],
    )


def _filled(rule: Rule, row: dict[str, Any], settings: BookSettings) -> str:
    shown = {
        name: to_major(row[name], settings.book.currency) if name in MONEY and row[name] is not None else row[name]
        for name in (*TEXTS, *MONEY, *NUMBERS)
    }
    return rule.sentence.format_map(shown | rule.parameters)


def _checked_events(
    batch: SaleBatch, in_force: list[tuple[Rule, pl.Expr]], settings: BookSettings, at: datetime
) -> Validated:
    """Till events that lack what every event must have are held, and those that a rule in force is against."""
    if batch.events.height == 0:
        return Validated(batch, ())
    listed = list(settings.stores)
    required = ("external_id", "store", "business_date", "kind")
    wrong = (
        pl.any_horizontal(pl.col(required).is_null())
        | ~pl.col("kind").is_in(EVENT_KINDS)
        | (pl.lit(settings.holds_new("stores")) & ~pl.col("store").is_in(listed))
    ).fill_null(value=True)
    held = tuple(
        Held(
            disposition="quarantined",
            rule="unknown-event",
            reason=(
                f"Till event {row['external_id'] or '(without number)'} needs a number, a store that the book knows, "
                f"a date and a kind of {', '.join(EVENT_KINDS)}; it has store '{row['store']}', "
                f"date {row['business_date']}, kind '{row['kind']}' ({row['locator']})"
            ),
            document=row["document"],
            locator=row["locator"],
            source=row["source"],
            external_id=row["external_id"],
            store=row["store"],
            business_date=str(row["business_date"]) if row["business_date"] else None,
        )
        for row in batch.events.filter(wrong).iter_rows(named=True)
    )
    events = batch.events.filter(~wrong)
    lacks = {"paid_in": "cash_in", "paid_out": "cash_out", "tips_paid_out": "cash_out"}
    types = {**dict.fromkeys(TEXTS, pl.String), **dict.fromkeys((*MONEY, *NUMBERS), pl.Int64)}
    of_tickets = [pl.lit(None, dtype).alias(name) for name, dtype in types.items() if name not in events.columns]
    view = events.with_row_index("ticket").with_columns(of_tickets)
    view = view.with_columns(
        pl.lit("Till event").alias("what"),
        pl.coalesce(
            pl.when((pl.col("kind") == kind) & pl.col(f"{amount}_minor").is_null()).then(pl.lit(amount))
            for kind, amount in lacks.items()
        ).alias("missing_amount"),
        *_of_time_and_place(settings, at),
    )
    hits, warnings = _judged(view, in_force, settings)
    held += tuple(_held(rule, row, settings) for _, (rule, row) in sorted(hits.items()))
    events = events.filter(~pl.int_range(pl.len()).is_in(list(hits)))
    return Validated(
        SaleBatch(batch.tickets, batch.lines, batch.tenders, batch.taxes, events, (*batch.held, *held)),
        warnings,
    )


def _check_relied_on(name: str, tuned: Tuned) -> None:
    """SettingsError when a book weakens a rule without which a ticket that cannot be posted would reach the ledger."""
    if tuned.enabled and tuned.severity in (None, "quarantine") and tuned.expression is None:
        return
    raise SettingsError(
        f"book.toml: [rules.{name}] cannot be switched off, given another expression or a severity other than "
        f"quarantine: what it holds could not be posted, and would stop the delivery; take out that setting"
    )


def _check(rule: Rule) -> None:
    """A rule's expression and sentence name only what there is."""
    try:
        parse(rule.expression).compile("yes", partial(_column, rule=rule, places=2), 2)
    except MappingError as error:
        raise SettingsError(f"rule {rule.id}: {error}") from None
    names = {name for _, name, _, _ in string.Formatter().parse(rule.sentence) if name}
    unknown = names - {*TEXTS, *MONEY, *NUMBERS, *rule.parameters}
    if unknown:
        raise SettingsError(f"rule {rule.id}: its sentence names {{{min(unknown)}}}, which there is not")


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("ingest").joinpath("rules.toml").read_text("utf-8"))
