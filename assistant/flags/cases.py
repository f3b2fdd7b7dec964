"""From flags to cases: each new flag joins the case of its cause, opens one, or is counted with its suppression.

What a scan found is recorded once: the same flags again change nothing, whatever they score now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from assistant.flags import facts
from assistant.flags.causes import HINTS, case_id, cause_of, ticket_of
from assistant.flags.flag import Flag
from assistant.flags.suppress import breaks_through, suppressing
from ledger.book import Book
from ledger.cases.events import Filed, FlagAdded, FlagGone, FlagSuppressed, Opened, Recorded
from ledger.cases.people import DETECTOR
from ledger.cases.worked import Worked


@dataclass(frozen=True)
class Updated:
    """What became of the flags of a scan: ``flags == added + suppressed + known``; ``gone`` are those in open cases
    that it does not have any more."""

    flags: int
    added: int
    suppressed: int
    known: int
    gone: int
    cases: tuple[str, ...]
    """The cases that were opened, in order."""


def update(book: Book, flags: Iterable[Flag], *, at: datetime, today: date, looked_from: date | None = None) -> Updated:
    """Take what a scan found into the book's cases, as one commit; none where nothing is new.

    ``today`` is the business's date, up to which a suppression holds. ``looked_from`` is the first business date that
    the scan looked at: certain findings of later days that it does not have any more are gone. Without it none is, nor
    is what is a matter of statistics: a score that sank leaves what was seen.
    """
    found = {flag.id: flag for flag in flags}

    def decide(worked: Worked) -> Sequence[Filed]:
        window = book.settings.cases.window_days
        events = filed(worked, found.values(), book_id=book.id, window_days=window, today=today)
        return events if looked_from is None else [*events, *gone(worked, found, looked_from)]

    made = book.record_cases(decide, at=at)
    return _counted(len(found), made)


def filed(worked: Worked, flags: Iterable[Flag], *, book_id: str, window_days: int, today: date) -> list[Filed]:
    """The events that take flags into cases, given all that there is; hints come last, for they join others."""
    known = {flag: subject for flag, subject in worked.flags().items() if not _is_gone(worked, subject, flag)}
    making = _Making(worked, book_id, window_days)
    events: list[Filed] = []
    for flag in sorted(flags, key=lambda one: (one.family in HINTS, one.business_date or date.min, one.kind, one.id)):
        before = worked.suppressions.get(known.get(flag.id, ""))
        if flag.id in known and (before is None or not breaks_through(flag.score, before.terms.score)):
            continue
        suppression = suppressing(flag, worked.suppressions.values(), today)
        if suppression is not None:
            if suppression is not before:
                events.append(Filed(suppression.id, DETECTOR, FlagSuppressed(flag.id, facts.written(flag))))
            continue
        events += making.joined(flag)
    return events


def gone(worked: Worked, found: Collection[str], looked_from: date) -> list[Filed]:
    """The events by which certain flags of open cases are gone: those that a scan from a day on has not ``found``."""
    events = []
    for case in worked.cases.values():
        for one in () if case.closed else case.flags:
            if one.flag in found or one.flag in case.gone:
                continue
            flag = facts.read(one.facts)
            if flag.certain and flag.business_date is not None and flag.business_date >= looked_from:
                events.append(Filed(case.id, DETECTOR, FlagGone(one.flag)))
    return events


class _Making:
    """The cases that flags may join, and those that they open."""

    def __init__(self, worked: Worked, book_id: str, window_days: int) -> None:
        self._worked = worked
        self._book_id = book_id
        self._window_days = window_days
        self._opened: set[str] = set()
        self._of_ticket = {
            ticket: case.id
            for case in worked.cases.values()
            if not case.closed
            for flag in case.flags
            if (ticket := ticket_of(facts.read(flag.facts))) is not None
        }

    def joined(self, flag: Flag) -> list[Filed]:
        """The events by which a flag joins its case, which may be new."""
        ticket = ticket_of(flag)
        hinted = self._of_ticket.get(ticket) if ticket is not None and flag.family in HINTS else None
        case, opening = (hinted, None) if hinted else self._case_of(cause_of(flag, self._window_days))
        if ticket is not None:
            self._of_ticket.setdefault(ticket, case)
        events = [] if opening is None else [Filed(case, DETECTOR, opening)]
        return [*events, Filed(case, DETECTOR, FlagAdded(flag.id, flag.cashier, facts.written(flag)))]

    def _case_of(self, cause: Opened) -> tuple[str, Opened | None]:
        """The open case of a cause; where there is none, the id of a new one and what opens it."""
        follows: str | None = None
        generation = 1
        while True:
            case = case_id(self._book_id, cause, generation)
            if case in self._opened:
                return case, None
            there = self._worked.cases.get(case)
            if there is None:
                self._opened.add(case)
                return case, replace(cause, follows=follows)
            if not there.closed:
                return case, None
            follows, generation = case, generation + 1


def _is_gone(worked: Worked, subject: str, flag: str) -> bool:
    case = worked.cases.get(subject)
    return case is not None and not case.closed and flag in case.gone


def _counted(flags: int, made: Sequence[Recorded]) -> Updated:
    added = sum(isinstance(one.event, FlagAdded) for one in made)
    suppressed = sum(isinstance(one.event, FlagSuppressed) for one in made)
    cases = tuple(one.subject for one in made if isinstance(one.event, Opened))
    left = sum(isinstance(one.event, FlagGone) for one in made)
    return Updated(flags, added, suppressed, flags - added - suppressed, left, cases)
