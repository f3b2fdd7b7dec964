"""What a document on paper becomes: a ticket where it is sure enough, or a record that says what it waits for.

A receipt posts by itself where it was read at least as surely as ``[paper] confidence`` in ``book.toml`` says, its
store is listed, and the book has no tickets of that store and day from elsewhere, among which it may be. A Z-report is
reconciled with the day's tickets and posts nothing; a summary of its day where the book says so and has no tickets.
Invoices are read and kept, and post nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.paper.content import FieldError, content_of
from ingest.paper.fields import Paper
from ingest.paper.sale import ticket_of
from ingest.paper.words import Box
from ingest.records import Unreadable
from ingest.tickets import Aside, Made, Reading
from ledger.settings import BookSettings

TO_CONFIRM = "paper-to-confirm"
BESIDE_TICKETS = "paper-beside-tickets"
Z_REPORT = "paper-z-report"
INVOICE = "paper-invoice"
SETTLED = "paper-settled"
PROBLEMS_TOLD = 3

KIND_WORDS = {
    "z_report": "Z-report",
    "receipt": "Receipt",
    "supplier_invoice": "Supplier's invoice",
    "customer_invoice": "Customer's invoice",
}
CONFIRMED, REJECTED = "confirmed", "rejected"


@dataclass(frozen=True)
class Read:
    """A paper as it was read, with what the book knows: how many tickets of its store and day came from elsewhere, and
    what a person has decided about it already."""

    paper: Paper
    others: int
    decided: str | None


def handle(document_id: str) -> str:
    """The number of a document on paper while it waits: ``handle("3fa9...") == "paper-3fa9c0ffee12"``."""
    return f"paper-{document_id[:12]}"


def locator(page: int, box: Box | None = None) -> str:
    """Where something stands on paper: ``page 1``, or ``page 1 box 672,403,1378,522`` in ten-thousandths of it."""
    return f"page {page}" if box is None else f"page {page} box {','.join(map(str, box))}"


def made_of(read: Read, reading: Reading) -> Made:
    """What a paper comes to that no person has looked at yet."""
    if read.decided is not None:
        return _aside("ignored", SETTLED, f"{reading.name} was decided about before: {read.decided}", read, reading)
    waits = _waits(read.paper, reading.settings)
    if waits:
        told = f"{_what(read.paper, reading.name)} waits to be confirmed by a person: {waits}"
        return _aside("quarantined", TO_CONFIRM, told, read, reading)
    content = content_of(read.paper.values)
    if content.kind in ("supplier_invoice", "customer_invoice"):
        told = f"{_what(read.paper, reading.name)} was read and is kept; invoices post nothing"
        return _aside("ignored", INVOICE, told, read, reading)
    posts = content.kind == "receipt" or reading.settings.paper.z_reports == "post"
    if content.kind == "z_report" and (not posts or read.others):
        told = f"{_what(read.paper, reading.name)} is reconciled with the tickets of its day, and posts nothing itself"
        return _aside("ignored", Z_REPORT, told, read, reading)
    if read.others:
        tickets = "1 ticket" if read.others == 1 else f"{read.others:,} tickets"
        told = f"{_what(read.paper, reading.name)} may be in the book already, which has {tickets} of its store and day"
        return _aside("quarantined", BESIDE_TICKETS, f"{told} from elsewhere; a person must say", read, reading)
    try:
        return ticket_of(content, reading.settings, reading.chart, _places(read.paper), locator(1))
    except Unreadable as error:
        told = f"{_what(read.paper, reading.name)} waits to be confirmed by a person: {error}"
        return _aside("quarantined", TO_CONFIRM, told, read, reading)


def _waits(paper: Paper, settings: BookSettings) -> str:
    """Why a paper waits for a person; nothing where it does not."""
    if paper.problems:
        more = len(paper.problems) - PROBLEMS_TOLD
        told = "; ".join(paper.problems[:PROBLEMS_TOLD])
        return f"{told}; and {more} more" if more > 0 else told
    if paper.confidence >= settings.paper.confidence:
        return ""
    least = min(paper.fields, key=lambda one: (one.confidence, one.name))
    wanted = settings.paper.confidence
    return f"it is {paper.confidence:.0%} sure, {wanted:.0%} is wanted (least sure is its {least.name})"


def _what(paper: Paper, name: str) -> str:
    values = paper.values
    kind = KIND_WORDS.get(paper.kind, "Document")
    number = f" {values['number']}" if "number" in values else ""
    return f"{kind}{number} in {name}"


def _aside(disposition: str, rule: str, told: str, read: Read, reading: Reading) -> Aside:
    values = read.paper.values
    try:
        amount = content_of({"kind": "receipt", "total": values.get("total", "")}).total
    except FieldError:
        amount = None
    return Aside(
        disposition, rule, f"{told} ({locator(1)})", locator(1), handle(reading.document), values.get("store"), amount
    )


def _places(paper: Paper) -> Callable[[str], str]:
    known = {one.name: locator(one.page, one.box) for one in paper.fields}
    return lambda name: known.get(name, locator(1))
