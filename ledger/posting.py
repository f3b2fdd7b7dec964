"""Posting rules: accepted tickets and till events to balanced entries.

Pure functions over frames. The till's own tax and totals are posted; nothing is recomputed or plugged here. An entry
that does not sum to zero is a PostingError: validation must have held its ticket.

Amounts are signed: a debit is positive, a credit negative.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from ledger.accounts import SALES_KINDS, Chart
from ledger.batch import VOID_KINDS, SaleBatch
from ledger.errors import PostingError

POSTINGS = pl.Schema({"ticket": pl.Int64(), "number": pl.Int64(), "account": pl.String(), "amount_minor": pl.Int64()})
"""Postings of the entries of a batch; ``number`` counts from 1 within an entry, in the order of the accounts' names."""

# Made once: making a frame of no rows costs as much as one of a few.
_NO_POSTINGS = pl.DataFrame(schema=POSTINGS)
_NO_PART = pl.DataFrame(schema={name: POSTINGS[name] for name in ("ticket", "account", "amount_minor")})


def ticket_postings(batch: SaleBatch, chart: Chart) -> pl.DataFrame:
    """Postings of all tickets of a batch, one per ticket and account, in ``POSTINGS`` shape.

    Voids post nothing: a ticket voided before or after tender took no money in the end and earned nothing; its
    entry and its lines are kept for review. Raises PostingError when an entry does not sum to zero.
    """
    roles = chart.roles
    void = _one_of(batch.tickets["kind"], VOID_KINDS)
    live, lines, tenders, taxes = where(batch.tickets, ~void), batch.lines, batch.tenders, batch.taxes
    if void.any():
        lines, tenders, taxes = (frame.join(live, on="ticket", how="semi") for frame in (lines, tenders, taxes))
    if lines["voided"].any():
        lines = lines.filter(~pl.col("voided").fill_null(value=False))

    of_sales = _one_of(lines["kind"], SALES_KINDS)
    sales, others = where(lines, of_sales), where(lines, ~of_sales)
    returned = sales["quantity_micro"] < 0
    sold = where(sales, ~returned)
    discounted = _having(sold, "discount_minor")
    sales_account = (
        pl.when(pl.col("kind") == "fee")
        .then(pl.lit(chart.line_kinds["fee"]))
        .otherwise(_by_name("category", sold["category"], lambda name: chart.categories.get(name, roles["sales"])))
    )
    tender_account = _by_name("tender", tenders["type"], lambda name: _tender_account(name, chart))
    # What a marketplace remits lessens what it owes the store; it is no tax payable.
    tax_account = (
        pl.when(pl.col("facilitator"))
        .then(pl.lit(roles["facilitator_tax"]))
        .otherwise(_by_name("tax", taxes["jurisdiction"], chart.tax_account))
    )
    with_fee = _having(tenders, "fee_minor")
    with_cost = _having(sales, "cost_minor")
    parts = [
        _part(sold, sales_account, -pl.col("gross_minor")),
        _part(
            discounted,
            pl.when(pl.col("discount_kind") == "comp")
            .then(pl.lit(roles["comps"]))
            .otherwise(pl.lit(roles["discounts"])),
            pl.col("discount_minor"),
        ),
        _part(where(sales, returned), pl.lit(roles["returns"]), -pl.col("net_minor")),
        _part(others, _by_name("line", others["kind"], chart.line_kinds.get), -pl.col("net_minor")),
        _part(taxes, tax_account, -pl.col("amount_minor")),
        _part(_having(live, "tip_minor"), pl.lit(roles["tips"]), -pl.col("tip_minor")),
        _part(_having(live, "rounding_minor"), pl.lit(roles["rounding"]), -pl.col("rounding_minor")),
        _part(
            tenders,
            tender_account,
            pl.col("amount_minor") - pl.col("change_minor").fill_null(0),
        ),
        _part(with_fee, pl.lit(roles["payment_fees"]), pl.col("fee_minor")),
        _part(with_fee, tender_account, -pl.col("fee_minor")),
        _part(with_cost, pl.lit(roles["cost_of_goods"]), pl.col("cost_minor")),
        _part(with_cost, pl.lit(roles["inventory"]), -pl.col("cost_minor")),
    ]
    return _entries(pl.concat(parts), "ticket")


def event_postings(batch: SaleBatch, chart: Chart) -> pl.DataFrame:
    """Postings of the till events of a batch, in ``POSTINGS`` shape; ``ticket`` is the event's row number in its frame.

    A count (or close) with counted and expected cash posts the difference to over/short. Money paid in or out moves
    between the drawer and the safe, tips that are paid out go to those to whom they are owed, and what any event says
    was deposited leaves the drawer for the bank.
    """
    if batch.events.height == 0:
        return _NO_POSTINGS
    roles = chart.roles
    events = batch.events.with_row_index("ticket").with_columns(pl.col("ticket").cast(pl.Int64))
    counted = events.filter(
        pl.col("kind").is_in(["count", "close"])
        & pl.col("counted_minor").is_not_null()
        & pl.col("expected_minor").is_not_null()
    )
    difference = pl.col("counted_minor") - pl.col("expected_minor")
    tips = events.filter(pl.col("kind") == "tips_paid_out")
    moved = events.filter(pl.col("kind").is_in(["paid_in", "paid_out"]))
    deposited = events.filter(pl.col("deposited_minor").is_not_null())
    into_drawer = pl.col("cash_in_minor").fill_null(0) - pl.col("cash_out_minor").fill_null(0)
    parts = [
        _part(counted, pl.lit(roles["drawer"]), difference),
        _part(counted, pl.lit(roles["over_short"]), -difference),
        _part(moved, pl.lit(roles["drawer"]), into_drawer),
        _part(moved, pl.lit(roles["safe"]), -into_drawer),
        _part(tips, pl.lit(roles["drawer"]), into_drawer),
        _part(tips, pl.lit(roles["tips"]), -into_drawer),
        _part(deposited, pl.lit(roles["deposits_in_transit"]), pl.col("deposited_minor")),
        _part(deposited, pl.lit(roles["drawer"]), -pl.col("deposited_minor")),
    ]
    return _entries(pl.concat(parts), "event")


def _part(frame: pl.DataFrame, account: pl.Expr, amount: pl.Expr) -> pl.DataFrame:
    if frame.height == 0:
        return _NO_PART  # most parts of a single ticket
    return frame.select("ticket", account.alias("account"), amount.alias("amount_minor"))


def _tender_account(name: str | None, chart: Chart) -> str | None:
    kind = None if name is None else chart.tender_type(name)
    return None if kind is None else chart.tenders[kind]


def _one_of(column: pl.Series, names: Sequence[str]) -> pl.Series:
    return reduce(or_, (column == name for name in names))


def where(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """The rows where a mask holds; most masks hold everywhere or nowhere, and then nothing is copied."""
    if not mask.any():
        return frame.clear()
    return frame if mask.all(ignore_nulls=False) else frame.filter(mask)


def _having(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """The rows with a value in a column."""
    missing = frame[column].null_count()
    if missing == frame.height:
        return frame.clear()
    return frame.filter(pl.col(column).is_not_null()) if missing else frame


def _by_name(what: str, column: pl.Series, account_of: Callable[[Any], str | None]) -> pl.Expr:
    """The account of each name in a column. PostingError where one has none."""
    accounts = {name: account_of(name) for name in column.unique().to_list()}
    for name, account in accounts.items():
        if account is None:
            raise PostingError(f"{what} {name!r} has no account; its tickets should have been held")
    if len(set(accounts.values())) == 1:
        return pl.lit(next(iter(accounts.values())))  # most often, in a small batch
    return pl.col(column.name).replace_strict(accounts, return_dtype=pl.String)


def _entries(parts: pl.DataFrame, what: str) -> pl.DataFrame:
    sums = parts.group_by("ticket", "account").agg(pl.col("amount_minor").sum())
    sums = where(sums, sums["amount_minor"] != 0).sort("ticket", "account")
    first = pl.col("ticket").search_sorted(pl.col("ticket"))  # the row in which the ticket begins, as they are sorted
    postings = sums.select(
        "ticket", (pl.int_range(1, pl.len() + 1, dtype=pl.Int64) - first).alias("number"), "account", "amount_minor"
    )
    # Every entry sums to zero where the running sum is zero at the end of each.
    tickets = postings["ticket"]
    ends = (tickets.slice(1) != tickets.head(-1)).append(pl.Series([True]))
    if postings.height and (postings["amount_minor"].cum_sum().filter(ends) != 0).any():
        differences = postings.group_by("ticket").agg(pl.col("amount_minor").sum())
        ticket, difference = differences.filter(pl.col("amount_minor") != 0).sort("ticket").row(0)
        raise PostingError(f"the entry of {what} {ticket} of the batch does not balance: it is off by {difference}")
    return postings
