"""The gap check: what a vendor says that a day held, against what of it is in the book, named by number.

Where a vendor lists a day's records each is looked for in the book, whatever business date it has there; where it only
counts them, the tickets that were closed in that stretch of time are counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.pull.days import day_of
from ingest.pull.reading import walk
from ingest.pull.vendor import Amount, Day, Feed
from ingest.pull.wire import Patience, Wire
from ledger.book import Book
from ledger.money import to_major

NAMED_MAX = 5


@dataclass(frozen=True)
class Gap:
    """What a day of a feed came to, there and here.

    ``counted`` is the vendor's number of records, ``posted`` how many of them are posted, ``held`` and ``ignored`` are
    numbers of those that are kept and not posted, ``missing`` of those that the book does not know, ``differing`` of
    those posted with another amount (theirs, ours). ``totals`` are the vendor's, by currency, where it says them.
    """

    feed: Feed
    day: date
    counted: int
    posted: int
    held: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    differing: tuple[tuple[str, Amount, Amount], ...] = ()
    totals: tuple[Amount, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all that the vendor counts is posted, with its amounts, or left out for a reason."""
        return not (self.held or self.missing or self.differing) and self.counted == self.posted + len(self.ignored)

    def sentence(self) -> str:
        """What to say to a person, with what to do."""
        title, name = self.feed.vendor.title, self.feed.name
        totals = " and ".join(_shown(one) for one in self.totals)
        said = f"{name}, {self.day}: {title} has {self.counted:,}" + (f" of {totals}" if totals else "")
        if self.agrees and not self.ignored:
            return f"{said}; all are posted"
        parts = [f"{self.posted:,} posted"]
        for what, numbers in (("held", self.held), ("left out", self.ignored), ("missing", self.missing)):
            if numbers:
                parts.append(f"{len(numbers):,} {what} ({_named(numbers)})")
        for number, theirs, ours in self.differing[:NAMED_MAX]:
            parts.append(f"{number} is {_shown(theirs)} there and {_shown(ours)} here")
        if len(self.differing) > NAMED_MAX:
            parts.append(f"and {len(self.differing) - NAMED_MAX:,} more of other amounts")
        told = f"{said}; {', '.join(parts)}"
        if self.agrees:
            return told
        if self.missing or self.differing or self.counted != self.posted + len(self.held) + len(self.ignored):
            return f"{told}; 'tillproof pull BOOK {name} --since {self.day}' asks for them again"
        return f"{told}; 'tillproof held BOOK' says why"


def check(
    book: Book, feed: Feed, on: date, *, patience: Patience | None = None, stop: threading.Event | None = None
) -> Gap:
    """Compare a business date of the book with the vendor's own count. Raises PullError as ``pull`` does."""
    day = day_of(book.settings, on)
    wire = Wire(feed, patience or Patience(), stop or threading.Event())
    try:
        number, amounts = _counted(feed, day, wire)
    finally:
        wire.close()
    return _by_count(book, feed, day, number) if amounts is None else _by_number(book, feed, day, amounts)


def _counted(feed: Feed, day: Day, wire: Wire) -> tuple[int, dict[str, Amount | None] | None]:
    """How many records the vendor has of a day and, where it lists them, what each amounts to."""
    number, lists = 0, False
    amounts: dict[str, Amount | None] = {}
    for listing in feed.vendor.day(feed, day, wire.get):
        for _, _, counted in walk(feed, listing, wire.get, feed.vendor.counted):
            number += counted.number
            if counted.amounts is not None:
                lists = True
                amounts.update(counted.amounts)
    return (len(amounts), amounts) if lists else (number, None)


def _by_count(book: Book, feed: Feed, day: Day, number: int) -> Gap:
    around = book.tickets_between(day.date - timedelta(days=2), day.date + timedelta(days=2))
    posted = sum(
        1
        for one in around
        if one.source == feed.name
        and one.kind in ("sale", "exchange")
        and one.closed_at is not None
        and day.start <= one.closed_at < day.end
    )
    held = tuple(
        one.external_id or one.locator
        for one in book.held()
        if (one.source, one.disposition, one.business_date) == (feed.name, "quarantined", str(day.date))
    )
    return Gap(feed, day.date, number, posted, held=held)


def _by_number(book: Book, feed: Feed, day: Day, amounts: Mapping[str, Amount | None]) -> Gap:
    ours = _posted(book, feed.name, day, amounts)
    kept: dict[str | None, str] = {}
    if len(ours) < len(amounts):
        for one in book.held():
            if one.source == feed.name and (one.external_id not in kept or one.disposition == "quarantined"):
                kept[one.external_id] = one.disposition
    rest = [number for number in amounts if number not in ours]
    differing = [
        (number, theirs, ours[number])
        for number, theirs in amounts.items()
        if theirs is not None and number in ours and theirs != ours[number]
    ]
    totals: Counter[str] = Counter()
    for said in amounts.values():
        if said is not None:
            totals[said[1]] += said[0]
    return Gap(
        feed,
        day.date,
        len(amounts),
        len(ours),
        held=tuple(sorted(one for one in rest if kept.get(one) == "quarantined")),
        ignored=tuple(sorted(one for one in rest if kept.get(one) == "ignored")),
        missing=tuple(sorted(one for one in rest if one not in kept)),
        differing=tuple(sorted(differing)),
        totals=tuple((amount, currency) for currency, amount in sorted(totals.items())),
    )


def _posted(book: Book, source: str, day: Day, wanted: Mapping[str, Amount | None]) -> dict[str, Amount]:
    """Those wanted that are posted, with their totals: looked for near the day first, then anywhere."""
    found: dict[str, Amount] = {}
    for one in book.tickets_between(day.date - timedelta(days=2), day.date + timedelta(days=2)):
        if one.source == source and one.external_id in wanted:
            found[one.external_id] = (one.total_minor or 0, one.currency)
    for number in wanted:
        if number not in found:
            for entry in (book.entry(*address) for address in book.find_ticket(number, source)):
                if entry is not None and entry.ticket is not None and entry.reversed_by is None:
                    found[number] = (int(entry.ticket["total_minor"] or 0), entry.currency)
    return found


def _named(numbers: tuple[str, ...]) -> str:
    more = len(numbers) - NAMED_MAX
    return ", ".join(numbers[:NAMED_MAX]) + (f" and {more:,} more" if more > 0 else "")


def _shown(amount: Amount) -> str:
    return f"{to_major(*amount):,} {amount[1]}"
