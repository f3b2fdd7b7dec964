"""``Seen``: a book as it is read back, commit by commit, in rows that a model can be held against."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ledger.book import Book
from tests.ledger.model.expected import Key

Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """All of a book's commits, or those up to one of them, as rows."""

    head: str
    links: list[str]
    entries: list[Row]
    tickets: list[Row]
    postings: list[Row]

    @classmethod
    def of(cls, book: Book, head: str = "", upto: int | None = None) -> Seen:
        seen = cls(head, [], [], [], [])
        for chunk in book.committed(upto=upto):
            seen.links.extend(link.hex() for link in chunk.commits["hash"].to_list())
            seen.entries.extend(chunk.entries.to_dicts())
            seen.tickets.extend(chunk.tickets.select("seq", "n", "external_id", "version_stamp").to_dicts())
            seen.postings.extend(chunk.postings.to_dicts())
        return seen

    def reversed(self) -> set[tuple[int, int]]:
        return {(row["reverses_seq"], row["reverses_n"]) for row in self.entries if row["kind"] == "reversal"}

    def balances(self) -> dict[Key, int]:
        places = {
            (row["seq"], row["n"]): (row["currency"], row["store"], str(row["business_date"])) for row in self.entries
        }
        found: Counter[Key] = Counter()
        for row in self.postings:
            found[(row["account"], *places[(row["seq"], row["n"])])] += row["amount_minor"]
        return {key: amount for key, amount in found.items() if amount}

    def dated(self) -> Counter[tuple[str, str, str, str | None]]:
        """How many entries there are by kind (reversal or not), store, date, and date that they belong to."""
        return Counter(
            (
                "reversal" if row["kind"] == "reversal" else "record",
                row["store"],
                str(row["business_date"]),
                str(row["original_business_date"]) if row["original_business_date"] else None,
            )
            for row in self.entries
        )
