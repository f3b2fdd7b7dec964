"""The one way in: documents are kept, read by their source or a mapping, validated and posted, batch by batch.

Reading and checking the next batch overlaps the posting of the present one. Nothing is lost and nothing is silent:
every record is posted, a duplicate, a new version, quarantined or ignored, and the counts add up.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest import documents
from ingest.ahead import ahead
from ingest.mapping import load
from ingest.paper.intake import Papers
from ingest.reader import UNNAMED, Begin, Job
from ledger import durable
from ledger.batch import Held
from ledger.book import Book
from ledger.conflicts import CONFLICT, Acceptance
from ledger.document import DocumentRecord
from ledger.errors import DocumentError
from ledger.writing import Commit

TICKETS_PER_BATCH = 30_000
HELD_KEPT_MAX = 1_000


@dataclass
class IntakeReport:
    """What became of a delivery. ``records == posted + duplicates + versions + quarantined + ignored``.

    ``conflicts`` are those quarantined that were posted before with other content and have no newer time of change.
    ``held`` are the first ``HELD_KEPT_MAX`` records that were held, ``notes`` sentences for a person.
    """

    documents: int = 0
    records: int = 0
    posted: int = 0
    duplicates: int = 0
    versions: int = 0
    quarantined: int = 0
    ignored: int = 0
    conflicts: int = 0
    seconds: float = 0.0
    held: list[Held] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, commit: Commit) -> None:
        self.records += commit.records
        self.posted += commit.posted
        self.duplicates += commit.duplicates
        self.versions += commit.versions
        self.quarantined += commit.quarantined
        self.ignored += commit.ignored
        self.conflicts += sum(1 for one in commit.held if one.rule == CONFLICT)
        self.held += commit.held[: HELD_KEPT_MAX - len(self.held)]

    def join(self, other: IntakeReport) -> None:
        """Count another delivery with this one."""
        for name in ("documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "conflicts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seconds += other.seconds
        self.held += other.held[: HELD_KEPT_MAX - len(self.held)]
        self.notes += other.notes[: HELD_KEPT_MAX - len(self.notes)]


def take(
    book: Book,
    files: Sequence[Path],
    *,
    source: str | None,
    mapping: Path | None,
    at: datetime,
    into_soft_closed: bool = False,
    accepted: Acceptance | None = None,
    on_commit: Callable[[Commit], None] | None = None,
    withheld: frozenset[str] = frozenset(),
    on_kept: Callable[[Path, DocumentRecord], None] | None = None,
) -> IntakeReport:
    """Take files into a book: a vendor's documents and flat files one after the other, all the files of a set together.

    ``source`` is the till that they come from; None where the look of each file is to tell, and is ``till`` where it
    does not. ``mapping`` is kept with the book for the source; without one, the source's kept mapping is used, else the
    layout is recognised. ``at`` is the present. What is late for a soft-closed period is held unless
    ``into_soft_closed``, a conflict unless it is ``accepted``, a payout of those ``withheld`` unless its entries come
    with it. ``on_kept`` is told each file with its document, before anything of it is read, ``on_commit`` each commit.
    Raises DocumentError and MappingError when nothing of the files can be read; what could be read of them is kept as
    documents all the same.
    """
    begin = time.perf_counter()
    report = IntakeReport()
    book.follow_names()
    remembered = None if mapping is not None else _kept_mapping(book, source or UNNAMED)
    for given in (mapping, remembered):
        if given is not None:
            load(given)  # so that a mapping that says something wrong is told before anything is kept
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        copies = Path(folder)
        papers = Papers(book, files)
        kept = tuple(_kept(book, path, copies, at, on_kept, papers) for path in files)
        report.documents = len(kept)
        report.notes += [_masked_note(one) for one in kept if one.masking.count]
        job = Job(kept, mapping, remembered, book.settings, source, at, TICKETS_PER_BATCH, withheld, papers.read())
        with _following(book, job) as follow:
            told = [follow] if on_commit is None else [follow, on_commit]
            _post_all(book, job, report, into_soft_closed, accepted, told)
    if mapping is not None:
        _keep_mapping(book, source or UNNAMED, mapping)
    if report.records and report.duplicates == report.records:
        report.notes.append("Everything in it was in the book already; nothing was posted.")
    report.seconds = time.perf_counter() - begin
    return report


def retake(
    book: Book,
    record: DocumentRecord,
    *,
    source: str,
    at: datetime,
    into_soft_closed: bool = False,
    accepted: Acceptance | None = None,
    withheld: frozenset[str] = frozenset(),
) -> IntakeReport:
    """Take a kept document again, from its stored bytes, by the mapping that the source has now."""
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        paths = []
        for name, member in documents.members(book, record).items():
            path = Path(folder) / Path(name).name
            with documents.reading(book, member) as plain, path.open("wb") as copy:
                shutil.copyfileobj(plain, copy, 1 << 20)
            with path.open("rb") as copied:
                if hashlib.file_digest(copied, "sha256").hexdigest() != member.id:
                    raise documents.damaged(member)  # lest a part of it is taken for a document of its own
            paths.append(path)
        return take(
            book,
            paths,
            source=source,
            mapping=None,
            at=at,
            into_soft_closed=into_soft_closed,
            accepted=accepted,
            withheld=withheld,
        )


def _kept(
    book: Book,
    path: Path,
    copies: Path,
    at: datetime,
    told: Callable[[Path, DocumentRecord], None] | None,
    papers: Papers,
) -> documents.Kept:
    kept = papers.keep(path, copies, at=at) if path in papers else documents.keep(book, path, copies, at=at)
    if told is not None:
        told(path, kept.record)
    return kept


def _post_all(
    book: Book,
    job: Job,
    report: IntakeReport,
    into_soft_closed: bool,
    accepted: Acceptance | None,
    told: Sequence[Callable[[Commit], None]],
) -> None:
    intake = 0
    for one in ahead(job):
        report.notes += one.notes[: HELD_KEPT_MAX - len(report.notes)]
        if isinstance(one, Begin):
            record = documents.keep_bundle(book, one.members, at=job.at) if one.members else one.record
            intake = book.begin_intake(record.id, one.source, job.at)
            continue
        commit = book.post(
            one.prepared,
            intake=intake,
            at=job.at,
            last=one.last,
            into_soft_closed=into_soft_closed,
            accepted=accepted,
        )
        report.add(commit)
        for tell in told:
            tell(commit)


@contextmanager
def _following(book: Book, job: Job) -> Iterator[Callable[[Commit], None]]:
    """Figures follow a large delivery; after a small one they catch up when they are asked, which takes no longer."""
    if not job.large:
        yield lambda _: None
        return
    from ledger.figures.following import following

    with following(book) as follow:
        yield follow


def _kept_mapping(book: Book, source: str) -> Path | None:
    path = _mapping_path(book, source)
    return path if path.exists() else None


def _keep_mapping(book: Book, source: str, mapping: Path) -> None:
    path = _mapping_path(book, source)
    if path.resolve() != mapping.resolve():
        durable.make_folder(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as kept:
            kept.write(mapping.read_bytes())
        durable.rename(Path(kept.name), path)  # whole or not at all, whoever reads it meanwhile


def _mapping_path(book: Book, source: str) -> Path:
    if not source or not all(part.isalnum() or part in "-_." for part in source) or source.startswith("."):
        raise DocumentError(f"{source!r} cannot name a source; use letters, digits, '-', '_' and '.'")
    return book.path / "sources" / f"{source}.toml"


def _masked_note(one: documents.Kept) -> str:
    count, lines = one.masking.count, ", ".join(f"row {line}" for line in one.masking.lines)
    more = ", ..." if count > len(one.masking.lines) else ""
    numbers = "1 card number was" if count == 1 else f"{count} card numbers were"
    return f"{numbers} masked in {one.record.name} before anything was stored ({lines}{more})."
