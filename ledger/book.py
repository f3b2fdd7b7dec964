"""``Book``: a folder with the truth of one business, and the only writer of its journal.

BOOK/
├── book.toml       what belongs to the business (``ledger.settings``)
├── documents/      what came from outside, content-addressed
├── names.toml      what the names of tills mean, as it was answered (``ledger.names``)
├── sources/        the mapping of each source
├── truth.db        tickets, journal, seals (``ledger.tables``)
├── facts.duckdb    a columnar copy, rebuilt from truth at will (``ledger.figures``)
└── recall/         summaries and their vectors, likewise
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import tomli_w
from sqlalchemy import Connection, select

from ledger import durable, names, prior_periods, reading, writing
from ledger import tables as t
from ledger.accounts import Chart
from ledger.batch import SaleBatch
from ledger.cases import log as case_log
from ledger.cases.events import Filed, Recorded
from ledger.cases.log import Decide
from ledger.cases.people import People
from ledger.commit import Prepared, prepare
from ledger.committed import Committed, chunks
from ledger.conflicts import Acceptance
from ledger.document import DocumentRecord, stored_at
from ledger.errors import BookError, BookUnwritable, NotABook, PeriodError, SettingsError
from ledger.exports import log
from ledger.exports.log import Exported, Made
from ledger.outcomes import Outcome, outcomes
from ledger.periods import PeriodChange, Periods, State
from ledger.proofs.checkpoint import Checkpoint, compare, take
from ledger.proofs.prove import prove
from ledger.proofs.receipt import TicketProof
from ledger.proofs.store_days import StoreDay
from ledger.reading import Decision, Entry, Feed, HeldRow, TicketPlace
from ledger.seals import GENESIS
from ledger.settings import FILE, BookSettings, Business, parse, read
from ledger.truth import FILE as TRUTH_FILE
from ledger.truth import transact, truth_of
from ledger.verify import Verification, verify
from ledger.writing import Commit, Part

_DOCUMENT_ID = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Head:
    """The book's last commit: its number and the hash of its link (hex)."""

    seq: int
    hash: str


class Book:
    """An opened book. Reading is safe from many threads, also while another process posts."""

    def __init__(self, path: Path, settings: BookSettings) -> None:
        self.path = path
        self.settings = settings
        self.chart = Chart.of(settings)
        self.id = settings.book.id
        self.truth = truth_of(path, self.id, settings.truth)
        self._turn = threading.RLock()
        self._names: tuple[int, int] | None = None

    @classmethod
    def create(cls, path: Path, business: Business) -> Book:
        """Make a new, empty book in a folder that has none. BookError when there is one already."""
        return cls.create_from(path, {"book": business.model_dump(mode="json", exclude_defaults=True)})

    @classmethod
    def create_from(cls, path: Path, settings: Path | Mapping[str, object]) -> Book:
        """Make a new, empty book with the settings of a ``book.toml``, given as a file or as its tables."""
        if (path / FILE).exists() or (path / TRUTH_FILE).exists():
            raise BookError(f"{path} has a book already; give another folder")
        if isinstance(settings, Path):
            content = settings.read_text(encoding="utf-8")
            wanted = parse(tomllib.loads(content))
        else:
            wanted = parse(dict(settings))
            content = tomli_w.dumps(settings)
        for folder in (path, path / "documents", path / "sources"):
            durable.make_folder(folder)
        made = cls(path, wanted)
        if made.truth.exists():
            made.close()
            raise BookError(
                f"the database at {wanted.truth.url} has a book {made.id!r} already; give it another [book] id"
            )
        made.truth.migrate()
        transact(made.truth.writer, lambda connection: writing.locked_head(connection, made.id))
        durable.write(path / FILE, content)
        return made

    @classmethod
    def open(cls, path: Path) -> Book:
        """Open the book in a folder; NotABook when there is none, or one that a newer version made."""
        book = cls(path, read(path))
        if not book.truth.exists():
            where = book.settings.truth.url or TRUTH_FILE
            raise NotABook(f"{path} has a {FILE} but no {where}: the book itself is gone; restore it from a backup")
        book.truth.migrate()
        return book

    def close(self) -> None:
        self.truth.close()

    # --- writing ------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the book's writer lock, against threads and processes; BookBusy when it does not come free in time."""
        with self._turn, self.truth.turn():
            yield

    def keep_document(self, document: DocumentRecord) -> bool:
        """Record a document whose bytes are kept already; False when it was recorded before."""
        assert _DOCUMENT_ID.match(document.id), document.id

        with self.writing():
            return transact(self.truth.writer, lambda connection: writing.keep_document(connection, self.id, document))

    def begin_intake(self, document_id: str, source: str, at: datetime) -> int:
        """Open a delivery of a kept document; its number is what ``post`` wants."""

        with self.writing():
            return transact(
                self.truth.writer,
                lambda connection: writing.begin_intake(connection, self.id, document_id, source, at),
            )

    def prepare(self, batch: SaleBatch) -> Prepared:
        """What posting a validated batch needs and the book need not be looked at for: its postings and digests.

        Raises PostingError when an entry would not balance or a ticket lacks what validation must have made sure of.
        """
        return prepare(batch, self.chart, self.currency)

    def post(
        self,
        batch: SaleBatch | Prepared,
        *,
        intake: int,
        at: datetime,
        last: bool,
        into_soft_closed: bool = False,
        accepted: Acceptance | None = None,
    ) -> Commit:
        """Post a validated batch, prepared or not: one transaction, one link of the chain.

        What is known already is counted as duplicate; a changed ticket becomes a version with a reversal, or a
        conflict that is held, unless it is ``accepted``. What is late for a locked period is posted on the first open
        date after it, what is late for a soft-closed one is held unless ``into_soft_closed``. ``last`` marks the end
        of the delivery.
        Raises PostingError, with nothing written, when an entry would not balance or a ticket lacks what
        validation must have made sure of.
        """
        prepared = self.prepare(batch) if isinstance(batch, SaleBatch) else batch
        part = Part(intake, at, last, into_soft_closed, accepted)
        with self.writing():
            return transact(
                self.truth.writer,
                lambda connection: writing.post(connection, self.id, self.currency, prepared, part),
            )

    def remember_export(self, made: Made, at: datetime) -> int:
        """Remember what was given to another system, so that a later change of it can be said; the export's number."""

        def remember(connection: Connection) -> int:
            writing.locked_head(connection, self.id)  # numbers are given out under it, and not where the book has moved
            return log.remember(connection, self.id, made, at)

        with self.writing():
            return transact(self.truth.writer, remember)

    def change_period(
        self, start: date, end: date, state: State, *, by: str, reason: str, at: datetime
    ) -> PeriodChange:
        """Open, soft-close or lock the business dates from ``start`` to ``end``: one commit of the chain.

        PeriodError when the dates are in no order or no date is left to post on, nobody is named, nothing would change,
        or a closed period is opened, or a locked one soft-closed, without a reason.
        """
        if end < start:
            raise PeriodError(f"a period cannot end ({end}) before it starts ({start})")
        if end == date.max:
            raise PeriodError(f"a period cannot end on {end}: nothing could be posted after it; give an earlier day")
        if not by.strip():
            raise PeriodError("a period is changed in somebody's name; say whose")

        with self.writing():
            return transact(
                self.truth.writer,
                lambda connection: writing.change_period(connection, self.id, start, end, state, by, reason, at),
            )

    def record_cases(
        self, wanted: Sequence[Filed] | Decide, *, at: datetime, seen: Mapping[str, int] | None = None
    ) -> list[Recorded]:
        """Record events of cases as one commit of the chain; what was recorded.

        ``wanted`` are the events, or what decides them from all that there is at that moment. ``seen`` has the number
        of the last event that was seen of a subject. CaseError, with nothing recorded, where one may not come or not in
        that name; CaseMoved where a subject is not as it was seen.
        """
        people = People(self.settings.cases.reviewers)
        with self.writing():
            return transact(
                self.truth.writer,
                lambda connection: case_log.record(connection, self.id, wanted, at=at, people=people, seen=seen or {}),
            )

    def answer_name(self, answer: names.Answer) -> None:
        """Keep what a name of a till means and take it up. Raises SettingsError where it does not fit, and
        BookUnwritable; nothing is kept then."""
        with self.writing():
            answers = (*names.read(self.path), answer)
            made = parse(names.added(tomllib.loads((self.path / FILE).read_text("utf-8")), answers))
            Chart.of(made)
            in_force = getattr(made.source(answer.source), names.TABLE_OF[answer.kind])[answer.name]
            if in_force != answer.means:
                raise SettingsError(
                    f"{FILE} says that the {answer.kind} {answer.name!r} of {answer.source} is {in_force!r}, and wins: "
                    "change it there, then 'tillproof release'"
                )
            try:
                names.write(self.path, answers)
            except OSError as error:
                raise BookUnwritable(
                    f"{self.path / names.FILE} cannot be written: {error.strerror}; nothing was answered"
                ) from None
            self.follow_names()

    def follow_names(self) -> None:
        """Take up the names that were answered since the last look, by whatever process."""
        stamp = names.stamp(self.path)
        if stamp != self._names:
            fresh = read(self.path)
            named = {one: getattr(fresh, one) for one in ("stores", "sources", "accounts")}
            self.settings = self.settings.model_copy(update=named)
            self.chart = Chart.of(self.settings)
            self._names = stamp

    # --- reading ------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.truth.reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection to read with, for the modules of this floor; what they read as of a commit never changes."""
        with self._reading() as connection:
            yield connection

    def exports(self) -> list[Exported]:
        """Remembered exports, the newest first, each with the store-days that have changed since."""
        with self._reading() as connection:
            return log.exports(connection, self.id, self.head().seq)

    def head(self) -> Head:
        """The last commit; number 0 for an empty book."""
        with self._reading() as connection:
            found = connection.execute(
                select(t.book_head.c.seq, t.book_head.c.hash).where(t.book_head.c.book_id == self.id)
            ).first()
        return Head(found[0], found[1].hex()) if found else Head(0, GENESIS.hex())

    def last_delivery(self) -> Head:
        """The last commit that put tickets or till events in, or held some; number 0 where there is none."""
        with self._reading() as connection:
            found = reading.last_delivery(connection, self.id)
        return Head(found[0], found[1].hex()) if found else Head(0, GENESIS.hex())

    def head_at(self, at: datetime) -> Head:
        """The last commit that was recorded by an instant; number 0 where none was. ``at`` needs a time zone."""
        with self._reading() as connection:
            found = reading.head_at(connection, self.id, at)
        return Head(found[0], found[1].hex()) if found else Head(0, GENESIS.hex())

    def recorded_at(self, seq: int) -> datetime | None:
        """When a commit was recorded; None where there is none of that number."""
        with self._reading() as connection:
            return reading.recorded_at(connection, self.id, seq)

    def hash_of(self, seq: int) -> str | None:
        """Hash (hex) of a commit's link; None where there is none of that number."""
        with self._reading() as connection:
            found = reading.hash_of(connection, self.id, seq)
        return None if found is None else found.hex()

    def committed(self, after: int = 0, upto: int | None = None) -> Iterator[Committed]:
        """What the commits after ``after`` put in, in order, in bounded memory."""
        last = self.head().seq if upto is None else upto
        with self._reading() as connection:
            yield from chunks(connection, self.id, after, last)

    def entry(self, seq: int, n: int) -> Entry | None:
        """One entry whole, or None where there is none at that address."""
        with self._reading() as connection:
            return reading.entry(connection, self.id, seq, n)

    def original_dates(self, addresses: Sequence[tuple[int, int]]) -> dict[tuple[int, int], date]:
        """The dates that the prior-period entries among some belong to, by their addresses (seq, n)."""
        with self._reading() as connection:
            return prior_periods.original_dates(connection, self.id, addresses)

    def find_ticket(self, external_id: str, source: str | None = None) -> list[tuple[int, int]]:
        """Addresses of all versions of a ticket by its number at the till, in order of posting."""
        with self._reading() as connection:
            return reading.find(connection, self.id, t.tickets, external_id, source)

    def tickets_between(
        self, first: date, last: date, *, store: str | None = None, commits: Collection[int] | None = None
    ) -> list[TicketPlace]:
        """The tickets in force of some business dates, both included, by source and number; those of a store, or
        that some commits put in."""
        with self._reading() as connection:
            return reading.tickets_between(connection, self.id, first, last, store=store, commits=commits)

    def feeds(self) -> list[Feed]:
        """All deliveries, the newest first."""
        with self._reading() as connection:
            return reading.feeds(connection, self.id)

    def commits_of(self, intake: int) -> tuple[int, ...]:
        """Numbers of the commits of one delivery, in order."""
        with self._reading() as connection:
            return reading.commits_of(connection, self.id, intake)

    def held(self, *, released: bool = False) -> list[HeldRow]:
        """What is held, the newest first; with ``released`` also what has been posted since."""
        with self._reading() as connection:
            return [row for row in reading.held(connection, self.id) if released or not row.released]

    def decisions(self, source: str) -> list[Decision]:
        """What persons decided about what was held of a source, in order."""
        with self._reading() as connection:
            return reading.decisions(connection, self.id, source)

    def documents(self, *, media_type: str | None = None) -> list[DocumentRecord]:
        """Kept documents, the newest first; with ``media_type`` only those of that kind."""
        with self._reading() as connection:
            return reading.documents(connection, self.id, media_type=media_type)

    def document(self, document_id: str) -> DocumentRecord | None:
        """One kept document by its id."""
        with self._reading() as connection:
            return next(iter(reading.documents(connection, self.id, document_id)), None)

    def document_path(self, document_id: str) -> Path:
        """Where the compressed bytes of a document are kept."""
        assert _DOCUMENT_ID.match(document_id), document_id
        return stored_at(self.path, document_id)

    def store_day_roots(self) -> dict[tuple[str, str], str]:
        """Merkle root (hex) of each (store, ISO business date), independent of the order of arrival."""
        return {(one.store, one.business_date): one.root.hex() for one in self.state()[1]}

    def state(self) -> tuple[Checkpoint, list[StoreDay]]:
        """What the book is at its last commit, not yet signed, and the store-days under its root."""
        with self._reading() as connection:
            return take(connection, self.id)

    def verify(self, since: int = 0) -> Verification:
        """Replay the book, or its commits after ``since``, against its seals; see ``ledger.verify``."""
        with self._reading() as connection:
            return verify(connection, self.id, self.document_path, since)

    def commit_before(self, at: datetime) -> int:
        """Number of the last commit that was recorded before an instant; 0 where there is none."""
        with self._reading() as connection:
            return reading.commit_before(connection, self.id, at)

    def checkpoint(self) -> Checkpoint:
        """What the book is at its last commit, not yet signed; see ``ledger.proofs.checkpoint``."""
        return self.state()[0]

    def compare(self, checkpoint: Checkpoint) -> list[str]:
        """How the book differs from what a checkpoint says of it, a sentence each."""
        with self._reading() as connection:
            return compare(connection, self.id, checkpoint)

    def prove(
        self,
        external_id: str,
        source: str | None = None,
        *,
        at: Checkpoint | None = None,
        known: tuple[Checkpoint, list[StoreDay]] | None = None,
    ) -> TicketProof:
        """The proof of a ticket by its number at the till, as of a checkpoint or now; see ``ledger.proofs.prove``."""
        with self._reading() as connection:
            return prove(connection, self.id, external_id, source, at=at, known=known)

    def periods(self) -> Periods:
        """The periods' states and how they came about."""
        with self._reading() as connection:
            return reading.periods(connection, self.id)

    def case_events(self, after: int = 0, subject: str | None = None) -> list[Recorded]:
        """What happened to cases in the commits after ``after``, in order; with ``subject`` only to that."""
        with self._reading() as connection:
            subjects = None if subject is None else [subject]
            return case_log.events(connection, self.id, after=after, subjects=subjects)

    def outcomes(self, after: int) -> list[Outcome]:
        """What the next commits after ``after`` did, in short and in order; some at a time. See ``ledger.outcomes``."""
        with self._reading() as connection:
            return outcomes(connection, self.id, after)

    def durability(self) -> str:
        """Which guarantees of the database are in force, in a sentence."""
        return self.truth.durability()

    @cached_property
    def currency(self) -> str:
        return self.settings.book.currency
