"""What an export comes to: counted while its parts go by, for openings, control totals and the memory of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ledger.exports.journal import Part


@dataclass
class Totals:
    """Counts and sums of the parts seen so far; ``debits`` and ``credits`` per (account, currency), minor units,
    both positive. ``before`` is each account's balance before the first day, where a format asks for it."""

    entries: int = 0
    lines: int = 0
    first: date | None = None
    last: date | None = None
    debits: dict[tuple[str, str], int] = field(default_factory=dict)
    credits: dict[tuple[str, str], int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)

    def add(self, part: Part) -> None:
        """Count a part."""
        self.entries += part.entries.height
        self.lines += part.postings.height
        if part.entries.height:
            days = part.entries["business_date"]
            self.first = self.first or days[0]
            self.last = days[-1]
        amount = pl.col("amount_minor")
        sums = part.postings.group_by("account", "currency").agg(
            amount.filter(amount > 0).sum().alias("debit"), -amount.filter(amount < 0).sum().alias("credit")
        )
        for account, currency, debit, credit in sums.iter_rows():
            key = (account, currency)
            self.debits[key] = self.debits.get(key, 0) + debit
            self.credits[key] = self.credits.get(key, 0) + credit

    @property
    def accounts(self) -> list[str]:
        """Every account that was posted to or has a balance before, in order."""
        return sorted(
            {account for account, _ in self.debits} | {name for name, amount in self.before.items() if amount}
        )

    @property
    def currencies(self) -> list[str]:
        """Every currency that was posted in, in order."""
        return sorted({currency for _, currency in self.debits})
