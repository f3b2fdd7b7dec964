"""Names that the book does not know, for whoever answers: what is asked, what can be chosen, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.answers import Asked
from ingest.pipeline import IntakeReport
from ledger.book import Book
from ledger.money import to_major
from ledger.names import Kind

EXAMPLES_MAX = 3


@dataclass(frozen=True)
class Choices:
    """What an answer can be: the book's own names of each kind, each with its account where it has one of its own."""

    store: dict[str, str]
    tender: dict[str, str]
    category: dict[str, str]
    tax: dict[str, str]

    def of(self, kind: Kind) -> dict[str, str]:
        """The names of a kind."""
        found: dict[str, str] = getattr(self, kind)
        return found


def choices(book: Book) -> Choices:
    """What the book knows at present."""
    settings, chart = book.settings, book.chart
    named = {
        kind: {means: "" for own in settings.sources.values() for means in getattr(own, table).values()}
        for kind, table in (("category", "categories"), ("tax", "taxes"))
    }
    return Choices(
        store=dict.fromkeys(sorted(settings.stores), ""),
        tender=dict(sorted(chart.tenders.items())),
        category=dict(sorted((named["category"] | chart.categories).items())),
        tax=dict(sorted((named["tax"] | chart.taxes).items())),
    )


def record(one: Asked, currency: str) -> dict[str, Any]:
    """A name that is asked for as plain values, its amount in major units of the book's ``currency``."""
    days = one.days
    return {
        "kind": one.kind,
        "source": one.source,
        "name": one.name,
        "rate": one.rate,
        "tickets": len(one.held),
        "amount": str(to_major(one.amount_minor, currency)),
        "currency": currency,
        "first": None if days is None else days[0].isoformat(),
        "last": None if days is None else days[1].isoformat(),
    }


def outcome(report: IntakeReport, before: str | None, means: str) -> str:
    """What came of an answer, in a sentence or two; ``before`` is what the name meant until then."""
    posted = report.posted + report.versions
    told = [f"{posted:,} posted."]
    if report.quarantined:
        told.append(f"{report.quarantined:,} of the same documents are still held, each for another reason.")
    if report.conflicts:
        told.append(
            f"{report.conflicts:,} of them were posted before under another name: they stay as they are, and "
            "'tillproof accept' posts one anew as the answer has it."
        )
    if before is not None and before != means:
        told.append(
            f"What was posted while it meant {before!r} stays as it was posted. Where such a ticket comes again it "
            "differs: with a newer time of change it becomes a new version, without one it is held as a conflict."
        )
    return " ".join(told)
