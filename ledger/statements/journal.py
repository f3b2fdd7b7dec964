"""The daily sales journal: one summary entry for each store and business date.

A day on which entries were posted that had been late for a locked period says so, with the dates that they belong to.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import groupby

from ledger import prior_periods
from ledger.figures.plan import Filter
from ledger.statements.plan import Control, Row, Section
from ledger.statements.workings import Workings, of_account, of_store

COLUMNS = ("Debit", "Credit")
DATES_SHOWN_MAX = 5


def journal(work: Workings) -> tuple[tuple[Section, ...], tuple[Control, ...], tuple[str, ...]]:
    """A section a store and date, in the order of dates: its accounts, debits first, each with what the day put on it.

    An account on which a day's debits and credits cancel has no row.
    """
    values = work.values(("movement",), ("store", "business_date", "account"), work.period)
    moved = sorted((day, store, account, one["movement"]) for (store, day, account), one in values.items())
    book, period = work.figures.book, work.period
    with book.snapshot() as connection:
        late = prior_periods.store_days(connection, book.id, work.seq, period.start, period.end)
    sections, controls = [], []
    for (day, store), rows in groupby(moved, key=lambda row: row[:2]):
        amounts = [(account, amount) for _, _, account, amount in rows if amount]
        if amounts:
            title = f"{store}, {day}{_late_words(late.get((store, date.fromisoformat(day)), ()))}"
            entry, balanced = _entry(work, store, day, title, amounts)
            sections.append(entry)
            controls += [] if balanced.agrees else [balanced]
    everything = work.cell("movement", sum((one[3] or work.zero() for one in moved), work.zero()), work.period)
    sentence = "The debits of every entry are its credits." if not controls else "All entries together come to zero."
    return tuple(sections), (work.control(sentence, ("debits less credits", 1, everything)), *controls), ()


def _late_words(dates: tuple[date, ...]) -> str:
    """What the title of a day adds: ``" (with prior-period entries, of 2026-09-29, 2026-09-30)"``."""
    if not dates:
        return ""
    more = f" and {len(dates) - DATES_SHOWN_MAX} more days" if len(dates) > DATES_SHOWN_MAX else ""
    return f" (with prior-period entries, of {', '.join(map(str, dates[:DATES_SHOWN_MAX]))}{more})"


def _entry(
    work: Workings, store: str, day: str, title: str, amounts: list[tuple[str, Decimal]]
) -> tuple[Section, Control]:
    of_day = (of_store(store), Filter(dimension="business_date", values=(day,)))
    debits = [(account, amount) for account, amount in amounts if amount > 0]
    credits_ = [(account, -amount) for account, amount in amounts if amount < 0]
    rows = [
        Row(account, (work.cell("movement", amount, work.period, *of_day, of_account(account)), None))
        for account, amount in debits
    ]
    rows += [
        Row(account, (None, work.cell("credit_movement", amount, work.period, *of_day, of_account(account))))
        for account, amount in credits_
    ]
    totals = tuple(
        work.sum_cell(
            metric, (amount for _, amount in side), work.period, *of_day, of_account(*(name for name, _ in side))
        )
        if side
        else None
        for metric, side in (("movement", debits), ("credit_movement", credits_))
    )
    rows.append(Row("Total", totals, total=True))
    parts = [
        (words, sign, cell) for words, sign, cell in zip(COLUMNS, (1, -1), totals, strict=True) if cell is not None
    ]
    return (
        Section(title, "Account", COLUMNS, tuple(rows)),
        work.control(f"{store}, {day}: debits are credits.", *parts),
    )
