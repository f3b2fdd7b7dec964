"""The one way in: documents are kept, read by a mapping, validated and posted, batch by batch.

Reading and checking the next batch overlaps the posting of the present one. Nothing is lost and nothing is silent:
every record is posted, a duplicate, a new version, quarantined or ignored, and the counts add up.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest import documents
from ingest.files import Delivery
from ingest.mapping import Mapping, load
from ingest.sources import recognise
from ingest.staging import Stage
from ingest.validate import split
from ledger.batch import Held, SaleBatch
from ledger.book import Book
from ledger.commit import Prepared
from ledger.document import DocumentRecord
from ledger.errors import DocumentError, MappingError
from ledger.writing import Commit

TICKETS_PER_BATCH = 30_000
WAITING_BATCHES = 1
HELD_KEPT_MAX = 1_000


@dataclass
class IntakeReport:
    """What became of a delivery. ``records == posted + duplicates + versions + quarantined + ignored``.

    ``held`` are the first ``HELD_KEPT_MAX`` records that were held, ``notes`` sentences for a person.
    """

    documents: int = 0
    records: int = 0
    posted: int = 0
    duplicates: int = 0
    versions: int = 0
    quarantined: int = 0
    ignored: int = 0
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
        self.held += commit.held[: HELD_KEPT_MAX - len(self.held)]


def take(
    book: Book,
    files: Sequence[Path],
    *,
    source: str,
    mapping: Path | None,
    at: datetime,
    on_commit: Callable[[Commit], None] | None = None,
) -> IntakeReport:
    """Take files into a book: one flat file after the other, or all the files of a set together.

    ``mapping`` is kept with the book for the source; without one, the source's kept mapping is used, else the layout is
    recognised by its columns. ``at`` is the present. Raises DocumentError and MappingError when nothing of the
    files can be read; what could be read of them is kept as documents all the same.
    """
    begin = time.perf_counter()
    report = IntakeReport()
    given = load(mapping) if mapping is not None else _kept_mapping(book, source)
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        scratch = Path(folder)
        copies = scratch / "plain"
        copies.mkdir()
        kept = [documents.keep(book, path, copies, at=at) for path in files]
        report.documents = len(kept)
        report.notes += [_masked_note(one) for one in kept if one.masking.count]
        stage = Stage(scratch)
        try:
            _take_staged(book, kept, stage, given, source, at, report, on_commit)
        finally:
            stage.close()
    if mapping is not None:
        _keep_mapping(book, source, mapping)
    if report.records and report.duplicates == report.records:
        report.notes.append("Everything in it was in the book already; nothing was posted.")
    report.seconds = time.perf_counter() - begin
    return report


def retake(book: Book, record: DocumentRecord, *, source: str, at: datetime) -> IntakeReport:
    """Take a kept document again, from its stored bytes, by the mapping that the source has now."""
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        paths = []
        for name, member in documents.members(book, record).items():
            path = Path(folder) / Path(name).name
            with documents.reading(book, member) as plain, path.open("wb") as copy:
                shutil.copyfileobj(plain, copy, 1 << 20)
            paths.append(path)
        return take(book, paths, source=source, mapping=None, at=at)


def _take_staged(
    book: Book,
    kept: Sequence[documents.Kept],
    stage: Stage,
    given: Mapping | None,
    source: str,
    at: datetime,
    report: IntakeReport,
    on_commit: Callable[[Commit], None] | None,
) -> None:
    options = given.mapping if given is not None else None
    staged = [
        stage.load(
            one.plain,
            one.record.name,
            encoding=options.encoding if options else None,
            delimiter=options.delimiter if options else None,
        )
        for one in kept
    ]
    report.notes += [note for one in staged for note in one.notes]
    mapping = given or recognise({one.name: one.columns for one in staged})
    if mapping is None:
        raise MappingError(
            f"no mapping is known for source {source!r} and {staged[0].name} is of no known layout; draft one with "
            f"'tillproof map {staged[0].name} --out mapping.toml' and give it with --mapping"
        )
    groups: list[tuple[DocumentRecord, list[int]]]
    if mapping.mapping.layout == "set" or mapping.lookups:
        bundle = documents.keep_bundle(book, kept, at=at) if len(kept) > 1 else kept[0].record
        groups = [(bundle, list(range(len(kept))))]
    else:
        groups = [(one.record, [place]) for place, one in enumerate(kept)]
    for record, places in groups:
        delivery = Delivery(
            stage, [staged[place] for place in places], mapping, book.settings, book.chart, source, record
        )
        intake = book.begin_intake(record.id, source, at)
        for batch, last in _ahead(_validated(delivery, book, at, report)):
            commit = book.post(batch, intake=intake, at=at, last=last)
            report.add(commit)
            if on_commit is not None:
                on_commit(commit)


def _validated(delivery: Delivery, book: Book, at: datetime, report: IntakeReport) -> Iterator[tuple[Prepared, bool]]:
    """Validated batches, ready to post, each with whether it is the last; at least one, so that every delivery leaves
    its mark."""
    waiting: Prepared | None = None
    for batch in delivery.batches(TICKETS_PER_BATCH):
        checked = split(batch, book.settings, book.chart, at)
        report.notes += checked.warnings[: HELD_KEPT_MAX - len(report.notes)]
        if waiting is not None:
            yield waiting, False
        waiting = book.prepare(checked.batch)
    if waiting is None:
        report.notes.append(f"{delivery.record.name} has no records.")
    yield waiting or book.prepare(SaleBatch.empty()), True


def _ahead(batches: Iterator[tuple[Prepared, bool]]) -> Iterator[tuple[Prepared, bool]]:
    """The same batches, made in a thread while the ones before are posted. An error there is raised here."""
    ready: queue.Queue[tuple[Prepared, bool] | BaseException | None] = queue.Queue(WAITING_BATCHES)
    stopped = threading.Event()

    def offer(one: tuple[Prepared, bool] | BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                ready.put(one, timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for one in batches:
                if not offer(one):
                    return
            offer(None)
        except BaseException as error:  # whatever it is, it is raised where the batches are awaited
            offer(error)

    maker = threading.Thread(target=make, name="reading", daemon=True)
    maker.start()
    try:
        while (one := ready.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        stopped.set()
        maker.join()


def _kept_mapping(book: Book, source: str) -> Mapping | None:
    path = _mapping_path(book, source)
    return load(path) if path.exists() else None


def _keep_mapping(book: Book, source: str, mapping: Path) -> None:
    path = _mapping_path(book, source)
    if path.resolve() != mapping.resolve():
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(mapping, path)


def _mapping_path(book: Book, source: str) -> Path:
    if not source or not all(part.isalnum() or part in "-_." for part in source) or source.startswith("."):
        raise DocumentError(f"{source!r} cannot name a source; use letters, digits, '-', '_' and '.'")
    return book.path / "sources" / f"{source}.toml"


def _masked_note(one: documents.Kept) -> str:
    count, lines = one.masking.count, ", ".join(f"row {line}" for line in one.masking.lines)
    more = ", ..." if count > len(one.masking.lines) else ""
    numbers = "1 card number was" if count == 1 else f"{count} card numbers were"
    return f"{numbers} masked in {one.record.name} before anything was stored ({lines}{more})."
