"""Posting rules: accepted tickets and till events to balanced entries.

Pure functions over frames. The till's own tax and totals are posted; nothing is recomputed or plugged here. An entry
that does not sum to zero is a PostingError: validation must have held its ticket.

Amounts are signed: a debit is positive, a credit negative.
"""

from __future__ import annotations

import polars as pl

from ledger.accounts import SALES_KINDS, Chart
from ledger.batch import VOID_KINDS, SaleBatch
from ledger.errors import PostingError

POSTINGS = pl.Schema({"ticket": pl.Int64(), "number": pl.Int64(), "account": pl.String(), "amount_minor": pl.Int64()})
"""Postings of the entries of a batch; ``number`` counts from 1 within an entry, in the order of the accounts' names."""

_NO_PART = pl.DataFrame(schema={name: POSTINGS[name] for name in ("ticket", "account", "amount_minor")})


def ticket_postings(batch: SaleBatch, chart: Chart) -> pl.DataFrame:
    """Postings of all tickets of a batch, one per ticket and account, in ``POSTINGS`` shape.

    Voids post nothing: a ticket voided before or after tender took no money in the end and earned nothing; its
    entry and its lines are kept for review. Raises PostingError when an entry does not sum to zero.
    """
    roles = chart.roles
    live = batch.tickets.filter(~pl.col("kind").is_in(VOID_KINDS)).select("ticket", "tip_minor", "rounding_minor")
    lines = batch.lines.filter(~pl.col("voided").fill_null(value=False)).join(live, on="ticket", how="semi")
    tenders = batch.tenders.join(live, on="ticket", how="semi")
    taxes = batch.taxes.join(live, on="ticket", how="semi")

    of_sales = pl.col("kind").is_in(SALES_KINDS)
    returned = pl.col("quantity_micro") < 0
    sold = lines.filter(of_sales & ~returned)
    sales_account = (
        pl.when(pl.col("kind") == "fee")
        .then(pl.lit(chart.line_kinds["fee"]))
        .otherwise(pl.col("category").replace_strict(chart.categories, default=roles["sales"], return_dtype=pl.String))
    )
    tender_accounts = _tender_accounts(tenders, chart)
    tender_account = pl.col("type").replace_strict(tender_accounts, return_dtype=pl.String)
    with_fee = tenders.filter(pl.col("fee_minor").is_not_null())
    with_cost = lines.filter(of_sales & pl.col("cost_minor").is_not_null())
    parts = [
        _part(sold, sales_account, -pl.col("gross_minor")),
        _part(
            sold,
            pl.when(pl.col("discount_kind") == "comp")
            .then(pl.lit(roles["comps"]))
            .otherwise(pl.lit(roles["discounts"])),
            pl.col("discount_minor").fill_null(0),
        ),
        _part(lines.filter(of_sales & returned), pl.lit(roles["returns"]), -pl.col("net_minor")),
        _part(
            lines.filter(~of_sales),
            pl.col("kind").replace_strict(chart.line_kinds, return_dtype=pl.String),
            -pl.col("net_minor"),
        ),
        _part(taxes, _tax_account(taxes, chart), -pl.col("amount_minor")),
        _part(live, pl.lit(roles["tips"]), -pl.col("tip_minor").fill_null(0)),
        _part(live, pl.lit(roles["rounding"]), -pl.col("rounding_minor").fill_null(0)),
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
        return pl.DataFrame(schema=POSTINGS)
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
    return frame.select("ticket", account.cast(pl.String).alias("account"), amount.cast(pl.Int64).alias("amount_minor"))


def _tax_account(taxes: pl.DataFrame, chart: Chart) -> pl.Expr:
    names = {name: chart.tax_account(name) for name in taxes["jurisdiction"].unique().to_list() if name is not None}
    payable = (
        pl.col("jurisdiction")
        .replace_strict(names, default=None, return_dtype=pl.String)
        .fill_null(chart.tax_account(None))
    )
    # What a marketplace remits lessens what it owes the store; it is no tax payable.
    return pl.when(pl.col("facilitator")).then(pl.lit(chart.roles["facilitator_tax"])).otherwise(payable)


def _tender_accounts(tenders: pl.DataFrame, chart: Chart) -> dict[str, str]:
    accounts = {}
    for name in tenders["type"].unique().to_list():
        kind = chart.tender_type(name) if name is not None else None
        if kind is None:
            raise PostingError(f"tender {name!r} has no account; its tickets should have been held")
        accounts[name] = chart.tenders[kind]
    return accounts


def _entries(parts: pl.DataFrame, what: str) -> pl.DataFrame:
    postings = (
        parts.group_by("ticket", "account")
        .agg(pl.col("amount_minor").sum())
        .filter(pl.col("amount_minor") != 0)
        .sort("ticket", "account")
        .select(
            "ticket",
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("ticket").alias("number"),
            "account",
            "amount_minor",
        )
    )
    differences = postings.group_by("ticket").agg(pl.col("amount_minor").sum())
    if (differences["amount_minor"] != 0).any():
        ticket, difference = differences.filter(pl.col("amount_minor") != 0).sort("ticket").row(0)
        raise PostingError(f"the entry of {what} {ticket} of the batch does not balance: it is off by {difference}")
    return postings
