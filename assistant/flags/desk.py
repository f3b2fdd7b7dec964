"""``Desk``: the cases of an opened book as they are now, followed commit by commit, and what a person does to them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from assistant.flags.queue import Queue, Ranked, queue, ranked, read_case
from ledger.book import Book
from ledger.cases.case import Case
from ledger.cases.events import Event, Filed, Recorded
from ledger.cases.worked import Worked
from ledger.errors import NoCase

SHORT = 12
"""As many digits of a case's id are shown, and are enough to name it."""


class Desk:
    """A read model in memory: rebuilt from truth when it is made, and brought up to date at each look. Safe from many
    threads: what a look gives does not change any more."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._lock = threading.Lock()
        self._seq = 0
        self._worked = Worked()
        self._queued: tuple[Worked, date, Queue] | None = None

    def worked(self) -> Worked:
        """Everything as it is now."""
        with self._lock:
            seq = self.book.head().seq
            if seq != self._seq:
                new = self.book.case_events(after=self._seq)
                if new:
                    self._worked = self._worked.with_more(new)
                self._seq = seq
            return self._worked

    def queue(self, today: date) -> Queue:
        """The queue of a day, made once for as long as nothing happens."""
        business, worked, known = self.book.settings.book, self.worked(), self._queued
        if known is not None and known[0] is worked and known[1] == today:
            return known[2]
        made = queue(
            worked,
            currency=self.book.currency,
            a_day=self.book.settings.cases.a_day,
            today=today,
            zone=ZoneInfo(business.time_zone),
        )
        self._queued = worked, today, made
        return made

    def ranked(self) -> list[Ranked]:
        """All cases, the most urgent first, closed ones too."""
        worked = self.worked()
        return ranked(worked.cases.values(), self.book.currency, worked.weights.in_force)

    def case(self, given: str) -> Ranked:
        """One case by its id, or by as much of its beginning as no other has; NoCase where there is none."""
        worked = self.worked()
        return read_case(self.find(given, worked), self.book.currency, worked.weights.in_force)

    def find(self, given: str, worked: Worked | None = None) -> Case:
        """Likewise, without its flags read."""
        cases = (worked or self.worked()).cases
        found = [cases[given]] if given in cases else [one for one in cases.values() if one.id.startswith(given)]
        if len(given) < 4 or len(found) != 1:
            raise NoCase(f"there is no case {given[:64]!r}; its number is in the list of cases")
        return found[0]

    def beside(self, case: Case) -> list[Case]:
        """Other cases about the same person, or where there is none about the same store, the newest first."""
        cause = case.cause
        same = [
            one
            for one in self.worked().cases.values()
            if one.id != case.id
            and (one.cause.person == cause.person if cause.person else one.cause.store == cause.store)
            and (cause.person or cause.store)
        ]
        return sorted(same, key=lambda one: (one.history[-1].at, one.id), reverse=True)

    def record(
        self, subject: str, events: Sequence[Event], *, by: str, at: datetime, seen: int | None = None
    ) -> list[Recorded]:
        """Record what a person does to a case or beside it. CaseError says why it cannot be done."""
        filed = [Filed(subject, by.strip(), event) for event in events]
        return self.book.record_cases(filed, at=at, seen=None if seen is None else {subject: seen})
