"""``Outbox``: sends a book's events to one target, in their order, each until it is taken or given up.

An event is kept as sent after it was taken. Whatever ends the process in between has it sent again, with the same id:
at least once, and the receiver drops what it has. One that is not taken keeps those after it waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assistant.outgoing.events import LAST, Event, events
from assistant.outgoing.position import Kept, Position
from assistant.outgoing.post import NotTaken, post
from ingest.signatures import signed
from ledger.book import Book
from ledger.errors import InputError
from ledger.outcomes import Outcome
from ledger.settings import HookTarget

Clock = Callable[[], datetime]


def _present() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sent:
    """What a round of sending did: how many events were taken, and where the target is now."""

    events: int
    position: Position


class Outbox:
    """What is sent to one target. ``base_url`` begins the addresses of pages; without it they begin with a slash.

    Safe from several threads and processes: a position is held by one at a time.
    """

    def __init__(
        self, book: Book, name: str, target: HookTarget, secret: str, base_url: str, clock: Clock = _present
    ) -> None:
        self.name = name
        self.target = target
        self._book = book
        self._secret = secret
        self._base_url = base_url
        self._clock = clock
        self._kept = Kept(book, name)

    def send(self, stop: threading.Event | None = None) -> Sent:
        """Send what waits and is due, until one is not taken or ``stop`` is set."""
        with self._kept.locked():
            return self._send(self._kept.read(), stop or threading.Event())

    def retry(self, after: int | None = None) -> Sent:
        """Try now, without waiting: the dead letters first, then what waits. With ``after``, send everything that
        came after that commit, again or for the first time, and forget the dead letters.

        InputError where the book has no such commit. NotTaken where a dead letter is not taken this time either.
        """
        with self._kept.locked():
            if after is not None:
                position = self._begun(after)
                self._kept.keep(position)
                return self._send(position, threading.Event())
            position, count = replace(self._kept.read(), due=None), 0
            for letter in position.dead:
                event = self._of(letter.seq, letter.id)
                if event is not None:  # none where the target is not told such events any more
                    self._post(event)
                    count += 1
                position = replace(position, dead=position.dead[1:])
                self._kept.keep(position)
            sent = self._send(position, threading.Event())
            return Sent(count + sent.events, sent.position)

    def _send(self, position: Position, stop: threading.Event) -> Sent:
        count, begun = 0, position
        for step in self._after(position):
            if stop.is_set() or (position.due is not None and self._clock() < position.due):
                break
            if isinstance(step, Outcome):
                position = position.passed(step.seq, step.hash)
                continue
            try:
                self._post(step)
            except NotTaken as error:
                position = position.failed(step, str(error), self._clock())
            else:
                position, count = position.after(step), count + 1
            begun = position
            self._kept.keep(position)
        if position != begun:  # commits went by that the target is not told of
            self._kept.keep(position)
        return Sent(count, position)

    def _after(self, position: Position) -> Iterator[Event | Outcome]:
        """The events after a position, in order; each commit follows on its events. Goes on as the book does."""
        seq = position.seq - 1 if position.rank < LAST else position.seq
        while found := self._book.outcomes(seq):
            for outcome in found:
                yield from (one for one in self._events(outcome) if position.is_before(one))
                yield outcome
            seq = found[-1].seq

    def _events(self, outcome: Outcome) -> Iterator[Event]:
        return events(outcome, self._book.settings.book, self.target.events, self._base_url)

    def _of(self, seq: int, identity: str) -> Event | None:
        outcome = self._book.outcomes(seq - 1)[0]
        return next((one for one in self._events(outcome) if one.id == identity), None)

    def _begun(self, after: int) -> Position:
        if after == 0:
            return Position(0, LAST, "")
        commit = self._book.hash_of(after)
        if commit is None:
            raise InputError(f"the book has no commit {after}; its last one is {self._book.head().seq}")
        return Position(after, LAST, commit)

    def _post(self, event: Event) -> None:
        stamp = int(self._clock().timestamp())
        headers = {
            "webhook-id": event.id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signed(self._secret, event.id, stamp, event.body),
            "user-agent": "Tillproof",
        }
        post(self.target.url, event.body, headers)
