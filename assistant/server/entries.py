"""Lists of journal entries by store, day, ticket number or account, out of the columnar copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from ledger.figures import Figures, query


@dataclass(frozen=True)
class Wanted:
    """What the entries of a list have in common; what is empty leaves all. ``commits`` are those that made them; with
    ``new_versions`` only tickets that those commits changed, without (False) only what they brought first."""

    store: str = ""
    business_date: date | None = None
    external_id: str = ""
    account: str = ""
    commits: tuple[int, ...] | None = None
    new_versions: bool | None = None


@dataclass(frozen=True)
class Listed:
    """One entry of a list. ``amount_minor`` is what its postings put on the account that was asked for, debit positive;
    in a list without one, what was collected on the ticket (None for a till event). ``original_business_date`` is the
    date that a prior-period entry belongs to, None for every other."""

    seq: int
    n: int
    kind: str
    external_id: str | None
    store: str
    business_date: date
    document: str
    locator: str | None
    superseded: bool
    amount_minor: int | None
    original_business_date: date | None


def listed(figures: Figures, wanted: Wanted, page: int, limit: int) -> tuple[int, list[Listed]]:
    """How many entries are wanted, and one page of them, the newest business date first.

    Without an account the list has tickets and till events, each version once; with one also the reversals that post
    to it, so that its amounts add up to the account's balance.
    """
    found: tuple[int, list[Listed]] = figures.locked(lambda: _listed(figures, wanted, page, limit))
    return found


def _listed(figures: Figures, wanted: Wanted, page: int, limit: int) -> tuple[int, list[Listed]]:
    rows = _on_account(figures, wanted) if wanted.account else _happened(figures)
    if wanted.store:
        rows = rows.filter(rows.store == wanted.store)
    if wanted.business_date is not None:
        rows = rows.filter(rows.business_date == wanted.business_date)
    if wanted.external_id:
        rows = rows.filter(rows.ticket == wanted.external_id)
    if wanted.commits is not None:
        changed = rows.filter(rows.reversed_seq.isin(wanted.commits)).select("ticket")
        rows = rows.filter(rows.seq.isin(wanted.commits))
        if wanted.new_versions is not None:
            is_new = rows.ticket.isin(changed.ticket)
            rows = rows.filter(is_new if wanted.new_versions else ~is_new)
    total = int(figures.value(rows.count()))
    order = [("business_date", True), ("seq", True), ("n", False)]
    start = (page - 1) * limit
    commits = figures.table("commits")
    cut = query.page(rows, order, start, max(0, min(limit, total - start)))
    shown = cut.left_join(commits, "seq").drop("seq_right")
    shown = shown.order_by([shown.business_date.desc(), shown.seq.desc(), shown.n])
    found = figures.rows(shown)
    paid = {} if wanted.account else collected(figures, [(row["seq"], row["n"]) for row in found])
    belongs = figures.book.original_dates([(row["seq"], row["n"]) for row in found])
    return total, [
        Listed(
            seq=row["seq"],
            n=row["n"],
            kind=row["kind"] or "reversal",
            external_id=row["ticket"],
            store=row["store"],
            business_date=row["business_date"],
            document=row["document"],
            locator=row["locator"],
            superseded=row["reversed_seq"] is not None,
            amount_minor=row["amount"] if wanted.account else paid.get((row["seq"], row["n"])),
            original_business_date=belongs.get((row["seq"], row["n"])),
        )
        for row in found
    ]


def _happened(figures: Figures) -> Any:
    """Tickets and till events as one table."""
    names = ["seq", "n", "kind", "ticket", "store", "business_date", "locator", "reversed_seq"]
    tickets = figures.table("tickets").select(names)
    events = figures.table("events")
    return tickets.union(events.mutate(kind=ibis.literal("till event")).select(names))


def _on_account(figures: Figures, wanted: Wanted) -> Any:
    """Entries that post to an account, with what they post to it."""
    postings = figures.table("postings")
    posted = (
        postings.filter(postings.account == wanted.account)
        .group_by(["seq", "n", "store", "business_date"])
        .aggregate(amount=postings.balance.sum())
    )
    happened = _happened(figures).select("seq", "n", "kind", "ticket", "locator", "reversed_seq")
    joined = posted.left_join(happened, ["seq", "n"])
    return joined.drop("seq_right", "n_right")


def collected(figures: Figures, addresses: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """What was collected on each of some tickets, in minor units, by their addresses (seq, n)."""
    if not addresses:
        return {}
    tenders = figures.table("tenders")
    kept = tenders.filter(
        tenders.seq.isin(sorted({seq for seq, _ in addresses})) & tenders.n.isin(sorted({n for _, n in addresses}))
    )
    sums = kept.group_by(["seq", "n"]).aggregate(amount=kept.total_collected.sum())
    return {(row["seq"], row["n"]): int(row["amount"] or 0) for row in figures.rows(sums)}
