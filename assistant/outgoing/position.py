"""How far a target has come, kept beside the book in ``hooks/NAME.json``: the last event that it took, the attempts at
the next one, and the dead letters, which were given up.

The events themselves are not kept: they are made again from the book's commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from assistant.outgoing.events import KINDS, LAST, Event
from ledger import durable
from ledger.book import Book
from ledger.errors import BookBusy, BookError, BookUnwritable
from ledger.settings import HookEvent

FOLDER = "hooks"
WAITS = tuple(timedelta(seconds=min(10 * 3**attempt, 4 * 3600)) for attempt in range(10))
"""How long is waited after each attempt that failed: 10 s at first, three times as long each time, four hours at most;
15 hours together. When the last wait did not help either, the event is a dead letter."""
LOCK_SECONDS_MAX = 60


@dataclass(frozen=True)
class DeadLetter:
    """An event that was given up: which one, after how many attempts, why the last failed, and when that was."""

    seq: int
    kind: HookEvent
    id: str
    attempts: int
    error: str
    at: datetime


@dataclass(frozen=True)
class Position:
    """Everything up to commit ``seq``, and of that up to the event of kind number ``rank``, was taken or given up.

    ``commit`` is the hash of that commit (empty before the first). ``attempts`` at the next event have failed, the last
    one by ``error``; it is not tried before ``due``.
    """

    seq: int
    rank: int
    commit: str
    attempts: int = 0
    due: datetime | None = None
    error: str = ""
    dead: tuple[DeadLetter, ...] = ()

    def is_before(self, event: Event) -> bool:
        return (self.seq, self.rank) < (event.seq, event.rank)

    def after(self, event: Event) -> Position:
        """The position when an event was taken."""
        return Position(event.seq, event.rank, event.commit, dead=self.dead)

    def passed(self, seq: int, commit: str) -> Position:
        """The position when a commit has no more events to send."""
        return Position(seq, LAST, commit, dead=self.dead)

    def failed(self, event: Event, error: str, at: datetime) -> Position:
        """The position when an attempt failed: the event is tried again later, or given up."""
        attempts = self.attempts + 1
        if attempts <= len(WAITS):
            return replace(self, attempts=attempts, due=at + WAITS[attempts - 1], error=error)
        given_up = DeadLetter(event.seq, event.kind, event.id, attempts, error, at)
        return replace(self.after(event), dead=(*self.dead, given_up))


_POSITION = TypeAdapter(Position)
assert len(KINDS) == LAST + 1


class Kept:
    """The position of one target of a book, in its file."""

    def __init__(self, book: Book, name: str) -> None:
        self._book = book
        self._name = name
        self._path = book.path / FOLDER / f"{name}.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold it for this process alone; BookBusy where another one does not let go of it."""
        try:
            durable.make_folder(self._path.parent)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS_MAX):
                yield
        except Timeout:
            raise BookBusy(f"another process is sending to {self._name}; do the same again later") from None

    def look(self) -> Position:
        """The position as it is just now; see ``read``."""
        with self.locked():
            return self.read()

    def read(self) -> Position:
        """The position. Where there is none yet, the target begins after the book's last commit.

        BookError where the file cannot be read, or is of another history than the book has: of one that was restored,
        say.
        """
        try:
            position = _POSITION.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            head = self._book.head()
            position = Position(head.seq, LAST, head.hash if head.seq else "")
            self.keep(position)
            return position
        except ValidationError:
            raise BookError(f"{self._path} cannot be read; {self._how()}") from None
        if position.seq and self._book.hash_of(position.seq) != position.commit:
            raise BookError(f"{self._path} is of another history than the book has; {self._how()}")
        return position

    def keep(self, position: Position) -> None:
        """Keep a position, durably; BookUnwritable where that fails."""
        try:
            durable.write(self._path, _POSITION.dump_json(position, indent=1).decode())
        except OSError as error:
            raise BookUnwritable(
                f"how far {self._name} has come cannot be kept in {self._path}: {error.strerror}; mend that"
            ) from None

    def _how(self) -> str:
        return f"say with 'tillproof hooks retry {self._book.path} {self._name} --after COMMIT' where to go on"
