"""``Book``: a folder with the truth of one business, and the only writer of its journal.

BOOK/
├── book.toml       what belongs to the business (``ledger.settings``)
├── documents/      what came from outside, content-addressed
├── sources/        the mapping of each source
├── truth.db        tickets, journal, seals (``ledger.tables``)
├── facts.duckdb    a columnar copy, rebuilt from truth at will (``ledger.figures``)
└── recall/         summaries and their vectors, likewise
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl
import tomli_w
from filelock import FileLock, Timeout
from sqlalchemy import Connection, insert, select, text, update

from ledger import bulk, reading, truth
from ledger import tables as t
from ledger.accounts import Chart
from ledger.batch import EVENTS, TICKETS, Held, SaleBatch
from ledger.commit import Prepared, conflict_holds, journal, prepare
from ledger.document import DocumentRecord
from ledger.errors import BookBusy, BookError, NotABook, PostingError
from ledger.exports import log
from ledger.exports.log import Exported, Made
from ledger.reading import Committed, Entry, Feed, HeldRow, microseconds
from ledger.seals import GENESIS, Link, payload
from ledger.settings import FILE, BookSettings, Business, parse, read
from ledger.verify import Verification, verify
from ledger.versions import resolve

LOCK_TIMEOUT_S = 120.0
_DOCUMENT_ID = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Head:
    """The book's last commit: its number and the hash of its link (hex)."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Commit:
    """What one ``post`` did. ``records == posted + duplicates + versions + quarantined + ignored``."""

    seq: int
    hash: str
    records: int
    posted: int
    duplicates: int
    versions: int
    quarantined: int
    ignored: int
    held: tuple[Held, ...]


class Book:
    """An opened book. Reading is safe from many threads, also while another process posts."""

    def __init__(self, path: Path, settings: BookSettings) -> None:
        self.path = path
        self.settings = settings
        self.chart = Chart.of(settings)
        self.id = settings.book.id
        self._reader = truth.engine(path / truth.FILE, writer=False)
        self._writer = truth.engine(path / truth.FILE, writer=True)
        self._lock = FileLock(path / ".writer.lock", timeout=LOCK_TIMEOUT_S)
        self._turn = threading.RLock()

    @classmethod
    def create(cls, path: Path, business: Business) -> Book:
        """Make a new, empty book in a folder that has none. BookError when there is one already."""
        return cls.create_from(path, {"book": business.model_dump(mode="json", exclude_defaults=True)})

    @classmethod
    def create_from(cls, path: Path, settings: Path | dict[str, object]) -> Book:
        """Make a new, empty book with the settings of a ``book.toml``, given as a file or as its tables."""
        if (path / FILE).exists() or (path / truth.FILE).exists():
            raise BookError(f"{path} has a book already; give another folder")
        if isinstance(settings, Path):
            content = settings.read_text(encoding="utf-8")
            parse(tomllib.loads(content))
        else:
            parse(settings)
            content = tomli_w.dumps(settings)
        for folder in (path, path / "documents", path / "sources"):
            folder.mkdir(parents=True, exist_ok=True)
        truth.migrate(path / truth.FILE)
        (path / FILE).write_text(content, encoding="utf-8")
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Book:
        """Open the book in a folder; NotABook when there is none, or one that a newer version made."""
        settings = read(path)
        if not (path / truth.FILE).exists():
            raise NotABook(
                f"{path} has a {FILE} but no {truth.FILE}: the book itself is gone; restore it from a backup"
            )
        truth.migrate(path / truth.FILE)
        return cls(path, settings)

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    # --- writing ------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the book's writer lock, against threads and processes; BookBusy when it does not come free in time."""
        with self._turn:
            try:
                self._lock.acquire()
            except Timeout:
                raise BookBusy(
                    f"{self.path} is being written by another process for over {LOCK_TIMEOUT_S:.0f} s; try again later"
                ) from None
            try:
                yield
            finally:
                self._lock.release()

    def keep_document(self, document: DocumentRecord) -> bool:
        """Record a document whose bytes are kept already; False when it was recorded before."""
        assert _DOCUMENT_ID.match(document.id), document.id
        with self.writing(), self._writer.begin() as connection:
            if reading.documents(connection, self.id, document.id):
                return False
            connection.execute(
                insert(t.documents).values(
                    book_id=self.id,
                    id=document.id,
                    name=document.name,
                    media_type=document.media_type,
                    size_bytes=document.size_bytes,
                    masked=document.masked,
                    received_at=microseconds(document.received_at),
                )
            )
            return True

    def begin_intake(self, document_id: str, source: str, at: datetime) -> int:
        """Open a delivery of a kept document; its number is what ``post`` wants."""
        with self.writing(), self._writer.begin() as connection:
            last = connection.execute(
                select(t.intakes.c.number)
                .where(t.intakes.c.book_id == self.id)
                .order_by(t.intakes.c.number.desc())
                .limit(1)
            ).scalar()
            number = (last or 0) + 1
            connection.execute(
                insert(t.intakes).values(
                    book_id=self.id, number=number, document=document_id, source=source, at=microseconds(at)
                )
            )
            return number

    def prepare(self, batch: SaleBatch) -> Prepared:
        """What posting a validated batch needs and the book need not be looked at for: its postings and digests.

        Pure, so that it can be done in another thread while an earlier batch is posted. Raises PostingError when an
        entry would not balance or a ticket lacks what validation must have made sure of.
        """
        batch = batch.checked()
        _assert_postable(batch)
        return prepare(batch, self.chart)

    def post(self, batch: SaleBatch | Prepared, *, intake: int, at: datetime, last: bool) -> Commit:
        """Post a validated batch, prepared or not: one transaction, one link of the chain.

        What is known already is counted as duplicate; a changed ticket becomes a version with a reversal, or a conflict
        that is held. ``last`` marks the end of the delivery. Raises PostingError, with nothing written, when an
        entry would not balance or a ticket lacks what validation must have made sure of.
        """
        prepared = self.prepare(batch) if isinstance(batch, SaleBatch) else batch
        with self.writing(), self._writer.begin() as connection:
            return self._post(connection, prepared, intake, at, last)

    def remember_export(self, made: Made, at: datetime) -> int:
        """Remember what was given to another system, so that a later change of it can be said; the export's number."""
        with self.writing(), self._writer.begin() as connection:
            return log.remember(connection, self.id, made, at)

    def _post(self, connection: Connection, prepared: Prepared, intake: int, at: datetime, last: bool) -> Commit:
        batch = prepared.batch
        document = connection.execute(
            select(t.intakes.c.document).where(t.intakes.c.book_id == self.id, t.intakes.c.number == intake)
        ).scalar_one()
        head = self._locked_head(connection)
        seq = head[0] + 1
        tickets = resolve(connection, t.tickets, self.id, batch.tickets, prepared.ticket_digests)
        events = resolve(connection, t.events, self.id, batch.events, prepared.event_digests)
        conflicts = conflict_holds(connection, self.id, batch, tickets, events)
        rows = journal(connection, self.id, seq, prepared, tickets, events, self.settings.book.currency)

        held = (*batch.held, *conflicts)
        quarantined = sum(1 for one in held if one.disposition == "quarantined")
        counts = {
            "records": batch.records,
            "posted": len(tickets.keep) + len(events.keep) - tickets.versions - events.versions,
            "duplicates": tickets.duplicates + events.duplicates,
            "versions": tickets.versions + events.versions,
            "quarantined": quarantined,
            "ignored": len(held) - quarantined,
        }
        assert counts["records"] == sum(counts.values()) - counts["records"], counts
        new_holds = self._new_holds(connection, held)
        link = Link(
            book_id=self.id,
            seq=seq,
            previous=head[1],
            recorded_at=microseconds(at),
            intake=intake,
            document=document,
            **counts,
            entries=rows.entries.height,
            last=last,
            payload=payload(rows.entries["seal"].to_list(), rows.provenances, new_holds),
        )
        for table, frame in rows.tables():
            bulk.insert(connection, table, frame, self.id)
        self._insert_holds(connection, seq, rows.entries.height, new_holds)
        self._add_to_balances(connection, rows.balances)
        connection.execute(
            insert(t.commits).values(
                **{
                    column.name: getattr(link, column.name)
                    for column in t.commits.columns
                    if column.name not in ("hash",)
                },
                hash=link.hash(),
            )
        )
        connection.execute(
            update(t.book_head).where(t.book_head.c.book_id == self.id).values(seq=seq, hash=link.hash())
        )
        return Commit(seq=seq, hash=link.hash().hex(), **counts, held=held)

    def _locked_head(self, connection: Connection) -> tuple[int, bytes]:
        """The head row under the writer's lock; made first where the book has none."""
        query = select(t.book_head.c.seq, t.book_head.c.hash).where(t.book_head.c.book_id == self.id).with_for_update()
        found = connection.execute(query).first()
        if found is None:
            connection.execute(insert(t.book_head).values(book_id=self.id, seq=0, hash=GENESIS))
            return 0, GENESIS
        return found[0], found[1]

    def _new_holds(self, connection: Connection, held: tuple[Held, ...]) -> list[Held]:
        """What is not yet held for the same reason at the same place: taking a document again holds nothing twice."""
        h = t.holds.c
        new, seen = [], set()
        for one in held:
            place = (one.document, one.locator, one.rule, one.reason)
            known = connection.execute(
                select(h.seq)
                .where(
                    h.book_id == self.id,
                    h.document == one.document,
                    h.locator == one.locator,
                    h.rule == one.rule,
                    h.reason == one.reason,
                )
                .limit(1)
            ).first()
            if known is None and place not in seen:
                seen.add(place)
                new.append(one)
        return new

    def _insert_holds(self, connection: Connection, seq: int, after: int, held: list[Held]) -> None:
        rows = [{"book_id": self.id, "seq": seq, "n": after + number, **vars(one)} for number, one in enumerate(held)]
        if rows:
            connection.execute(insert(t.holds), rows)

    def _add_to_balances(self, connection: Connection, balances: pl.DataFrame) -> None:
        rows = [{"book_id": self.id, **row} for row in balances.to_dicts()]
        if rows:
            connection.execute(
                text(
                    "INSERT INTO balances (book_id, account, currency, store, business_date, amount_minor) "
                    "VALUES (:book_id, :account, :currency, :store, :business_date, :amount_minor) "
                    "ON CONFLICT (book_id, account, currency, store, business_date) "
                    "DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor"
                ),
                rows,
            )

    # --- reading ------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reader.connect() as connection:
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

    def committed(self, after: int = 0, upto: int | None = None) -> Iterator[Committed]:
        """What the commits after ``after`` put in, in order, in bounded memory."""
        last = self.head().seq if upto is None else upto
        with self._reading() as connection:
            yield from reading.committed(connection, self.id, after, last)

    def entry(self, seq: int, n: int) -> Entry | None:
        """One entry whole, or None where there is none at that address."""
        with self._reading() as connection:
            return reading.entry(connection, self.id, seq, n)

    def find_ticket(self, external_id: str, source: str | None = None) -> list[tuple[int, int]]:
        """Addresses of all versions of a ticket by its number at the till, in order of posting."""
        with self._reading() as connection:
            return reading.find(connection, self.id, t.tickets, external_id, source)

    def feeds(self) -> list[Feed]:
        """All deliveries, the newest first."""
        with self._reading() as connection:
            return reading.feeds(connection, self.id)

    def held(self, *, released: bool = False) -> list[HeldRow]:
        """What is held, the newest first; with ``released`` also what has been posted since."""
        with self._reading() as connection:
            return [row for row in reading.held(connection, self.id) if released or not row.released]

    def documents(self) -> list[DocumentRecord]:
        """Kept documents, the newest first."""
        with self._reading() as connection:
            return reading.documents(connection, self.id)

    def document(self, document_id: str) -> DocumentRecord | None:
        """One kept document by its id."""
        with self._reading() as connection:
            return next(iter(reading.documents(connection, self.id, document_id)), None)

    def document_path(self, document_id: str) -> Path:
        """Where the compressed bytes of a document are kept."""
        assert _DOCUMENT_ID.match(document_id), document_id
        return self.path / "documents" / document_id[:2] / f"{document_id}.zst"

    def store_day_roots(self) -> dict[tuple[str, str], str]:
        """Merkle root (hex) of each (store, ISO business date), independent of the order of arrival."""
        with self._reading() as connection:
            return reading.store_day_roots(connection, self.id)

    def verify(self) -> Verification:
        """Replay the whole book against its seals; see ``ledger.verify``."""
        with self._reading() as connection:
            return verify(connection, self.id, self.document_path)

    def durability(self) -> str:
        """Which guarantees of the database are in force, in a sentence."""
        return truth.durability(self.path / truth.FILE)

    @cached_property
    def currency(self) -> str:
        return self.settings.book.currency


def _assert_postable(batch: SaleBatch) -> None:
    """What validation must have made sure of; PostingError says what it let through."""
    for frame, required, what in (
        (batch.tickets, ("source", "external_id", "store", "business_date", "kind", "currency", "locator"), "ticket"),
        (batch.events, ("source", "external_id", "store", "business_date", "kind", "locator"), "till event"),
    ):
        for name in required:
            if frame[name].null_count():
                raise PostingError(f"a {what} without {name} reached the book; validation must hold it")
    assert set(TICKETS) == set(batch.tickets.columns)
    assert set(EVENTS) == set(batch.events.columns)
