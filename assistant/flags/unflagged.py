"""A random sample of what nothing flagged, for review: it estimates what the rules miss.

Chance is drawn from content: a ticket is in the sample where the SHA-256 of its book, source and number is small. So
the same days give the same sample on every machine, and nobody can draw again until he likes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from assistant.flags import facts
from assistant.flags.causes import SAMPLE, ticket_of
from assistant.flags.flag import Flag, FlagCitation, Level, flag_id
from assistant.flags.wilson import Rate, rate
from ledger.book import Book
from ledger.cases.events import CONFIRMED, Filed, FlagAdded, Opened, Recorded, SampleDrawn, subject_of
from ledger.cases.people import DETECTOR
from ledger.cases.worked import Worked
from ledger.errors import CaseError
from ledger.reading import TicketPlace
from ledger.seals import framed

SHARE = 0.05
DRAWN_MAX = 200
"""More than this nobody reviews; fewer days have to do."""


@dataclass(frozen=True)
class Missed:
    """What the samples say: of ``drawn`` tickets ``missed.of`` have been decided; ``missed`` is the rate of those that
    were confirmed, which the rules had missed."""

    drawn: int
    missed: Rate


def draw(book: Book, first: date, last: date, *, by: str, at: datetime, share: float = SHARE) -> list[Recorded]:
    """Open a case for each ticket of a sample of some business dates; what was recorded.

    CaseError where the days were drawn before, have no ticket that nothing flagged, or give more than ``DRAWN_MAX``.
    """
    if last < first:
        raise CaseError(f"a sample cannot end ({last}) before it starts ({first})")
    tickets = book.tickets_between(first, last)
    subject = subject_of(book.id, SAMPLE, first, last)

    def decide(worked: Worked) -> Sequence[Filed]:
        flagged = {
            ticket_of(facts.read(flag.facts))
            for case in worked.cases.values()
            if case.cause.family != SAMPLE
            for flag in case.flags
        }
        unflagged = [one for one in tickets if (one.source, one.external_id) not in flagged]
        drawn = [one for one in unflagged if chosen(book.id, one, share)]
        if not drawn:
            raise CaseError(f"of {len(unflagged)} tickets that nothing flagged none was drawn; take more days")
        if len(drawn) > DRAWN_MAX:
            raise CaseError(f"{len(drawn):,} tickets would be drawn, more than {DRAWN_MAX}; take fewer days")
        events = [Filed(subject, by, SampleDrawn(first, last, len(unflagged), len(drawn)))]
        for one in drawn:
            case = subject_of(book.id, "sample case", one.source, one.external_id)
            if case not in worked.cases:
                about = f"{one.source} {one.external_id}"
                cause = Opened(one.store, one.cashier, SAMPLE, about, one.business_date, one.business_date, None)
                flag = flag_of(one)
                events.append(Filed(case, DETECTOR, cause))
                events.append(Filed(case, DETECTOR, FlagAdded(flag.id, one.cashier, facts.written(flag))))
        return events

    return book.record_cases(decide, at=at)


def chosen(book_id: str, ticket: TicketPlace, share: float) -> bool:
    """Whether a ticket is in the sample of a share of all tickets."""
    parts = map(framed, (book_id, ticket.source, ticket.external_id))
    drawn = hashlib.sha256(b"tillproof/sample/1" + b"".join(parts)).digest()
    return int.from_bytes(drawn[:8], "big") < int(share * 2**64)


def flag_of(ticket: TicketPlace) -> Flag:
    """A drawn ticket as the flag of its case: no rule found it, and it scores nothing."""
    at = f"{ticket.seq}-{ticket.n}"
    return Flag(
        id=flag_id(Level.TICKET, SAMPLE, ticket.source, ticket.external_id),
        level=Level.TICKET,
        kind=SAMPLE,
        family=SAMPLE,
        store=ticket.store,
        business_date=ticket.business_date,
        cashier=ticket.cashier,
        register=ticket.register,
        external_id=ticket.external_id,
        source=ticket.source,
        document=None,
        score=0.0,
        certain=False,
        expected="nothing wrong",
        observed="no rule flagged it",
        reason=f"Ticket {ticket.external_id} was drawn at random among those that nothing flagged.",
        money_minor=abs(ticket.total_minor) if ticket.total_minor is not None else None,
        currency=ticket.currency,
        percentile=None,
        moved=(),
        cites=(FlagCitation("entry", at, f"/entries/{at}"),),
    )


def missed(worked: Worked) -> Missed:
    """What the samples that were drawn say of the rules."""
    cases = [one for one in worked.cases.values() if one.cause.family == SAMPLE]
    decided = [one for one in cases if one.closed and one.outcome != "duplicate"]
    return Missed(len(cases), rate(sum(one.outcome in CONFIRMED for one in decided), len(decided)))
