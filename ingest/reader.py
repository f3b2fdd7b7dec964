"""Reading a delivery: from kept documents to batches that are ready to post. Knows no book, so that it can be done
ahead.

``read`` looks at each file. A vendor's document is read by its source; files of rows are staged together and read by
a mapping. For each document (or the bundle of a set) it yields one ``Begin`` and its ``Part``s in order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest import documents
from ingest.files import Delivery
from ingest.mapping import Mapping as FileMapping
from ingest.mapping import load
from ingest.naming import named
from ingest.paper.taken import Read, made_of
from ingest.paper.words import NAME as PAPER
from ingest.settlements import nets_of
from ingest.sources import HEAD_BYTES, Source, recognise, recognise_document
from ingest.staging import Stage, Staged
from ingest.tickets import Reading, gathered
from ingest.tidying import called
from ingest.validate import split
from ledger.accounts import Chart
from ledger.batch import SaleBatch
from ledger.commit import Prepared, prepare
from ledger.document import DocumentRecord
from ledger.errors import MappingError
from ledger.settings import BookSettings

LARGE_BYTES = 32 << 20
SMALL_BYTES = 1 << 18
"""Documents up to this size together are one batch, and are posted as soon as they are read."""
UNNAMED = "till"
"""What tickets are posted under where neither a person nor the look of their file names the source."""


@dataclass(frozen=True)
class Job:
    """What is to be read: documents with plain copies of their bytes, and all that says how.

    ``mapping`` is the mapping file that was given, ``remembered`` the one kept for the source; where there is neither
    the layout is recognised. ``source`` is None where the look of a file is to tell it. ``at`` is the present.
    ``withheld`` are payouts that stay held until their entries come with them.
    """

    kept: tuple[documents.Kept, ...]
    mapping: Path | None
    remembered: Path | None
    settings: BookSettings
    source: str | None
    at: datetime
    tickets_per_batch: int
    withheld: frozenset[str] = frozenset()
    papers: Mapping[str, Read] = field(default_factory=dict)
    """What documents on paper say, by their id: they are read before they are kept."""

    @property
    def _size_bytes(self) -> int:
        return sum(one.record.size_bytes for one in self.kept)

    @property
    def large(self) -> bool:
        """Whether a process of its own for reading, and figures that follow, are worth the second that they take."""
        return self._size_bytes >= LARGE_BYTES

    @property
    def small(self) -> bool:
        """Whether there is nothing that reading ahead could overlap with."""
        return self._size_bytes < min(SMALL_BYTES, LARGE_BYTES)


@dataclass(frozen=True)
class Begin:
    """A document begins: ``record`` is its own, or that of the bundle of ``members``, which is yet to be kept."""

    record: DocumentRecord
    members: tuple[documents.Kept, ...]
    source: str
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Part:
    """A validated batch, ready to post. Every document has at least one, so that every delivery leaves its mark."""

    prepared: Prepared
    last: bool
    notes: tuple[str, ...] = field(default=())


def read(job: Job) -> Iterator[Begin | Part]:
    """Read a delivery. Raises DocumentError and MappingError when nothing of the files can be read."""
    chart = Chart.of(job.settings)
    papers = [one for one in job.kept if one.record.id in job.papers]
    for one in papers:
        yield from _paper(one, job.papers[one.record.id], job, chart)
    others = [one for one in job.kept if one.record.id not in job.papers]
    sources = [
        None if job.mapping is not None else recognise_document(_head(one.plain), one.record.name, job.source)
        for one in others
    ]
    given = list(zip(others, sources, strict=True))
    nets = nets_of({one.plain: source.nets for one, source in given if source is not None and source.nets is not None})
    for one, source in given:
        if source is not None:
            yield from _document(one, source, job, chart, nets)
    of_rows = [one for one, source in given if source is None]
    if of_rows:
        yield from _rows(tuple(of_rows), job, chart)


def _document(
    kept: documents.Kept, source: Source, job: Job, chart: Chart, nets: dict[str, int]
) -> Iterator[Begin | Part]:
    name = job.source or source.name
    document = kept.record
    chart = chart.of_source(job.settings, name)
    reading = Reading(job.settings, chart, name, document.id, document.name, job.tickets_per_batch, nets, job.withheld)
    with kept.plain.open("rb") as plain:
        parts = _parts(gathered(source.read(plain, reading), reading), kept.record, job, chart)
        first = next(parts)  # a document that cannot be read at all begins nothing
        yield Begin(kept.record, (), name)
        yield first
        yield from parts


def _paper(kept: documents.Kept, paper: Read, job: Job, chart: Chart) -> Iterator[Begin | Part]:
    """A document on paper; whatever the source of the others is, such documents are of one source."""
    reading = Reading(job.settings, chart, PAPER, kept.record.id, kept.record.name, job.tickets_per_batch)
    named = job.source not in (None, PAPER)
    note = f"{kept.record.name} is a document on paper, and is taken under the source {PAPER!r}."
    yield Begin(kept.record, (), PAPER, (note,) if named else ())
    yield from _parts(gathered([made_of(paper, reading)], reading), kept.record, job, chart)


def _rows(kept: tuple[documents.Kept, ...], job: Job, chart: Chart) -> Iterator[Begin | Part]:
    given = next((load(path) for path in (job.mapping, job.remembered) if path is not None), None)
    options = given.mapping if given is not None else None
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        stage = Stage(Path(folder))
        try:
            staged = [
                stage.load(
                    one.plain,
                    one.record.name,
                    encoding=options.encoding if options else None,
                    delimiter=options.delimiter if options else None,
                )
                for one in kept
            ]
            notes = tuple(note for one in staged for note in one.notes)
            for mapping, source, group in _groups(job, given, staged):
                members = tuple(kept[place] for place in group) if len(group) > 1 else ()
                record = documents.bundle_of(members, at=job.at)[0] if members else kept[group[0]].record
                yield Begin(record, members, source, notes)
                notes = ()
                of_source = chart.of_source(job.settings, source)
                files = [staged[place] for place in group]
                delivery = Delivery(stage, files, mapping, job.settings, of_source, source, record)
                yield from _parts(delivery.batches(job.tickets_per_batch), record, job, of_source)
        finally:
            stage.close()


def _groups(job: Job, given: FileMapping | None, staged: list[Staged]) -> list[tuple[FileMapping, str, list[int]]]:
    """Which of the staged files are read together, by which mapping and as whose: those of a set together, any other
    by itself and by its own look."""
    groups: list[tuple[FileMapping, str, list[int]]] = []
    left = list(range(len(staged)))
    while left:
        mapping, source = _mapping(job, given, [staged[place] for place in left])
        own = {place: _own(job, staged[place]) for place in left}
        if mapping.mapping.layout == "set" or mapping.lookups:
            taken = [place for place in left if own[place] is None or _has_role(mapping, staged[place])] or left
            groups.append((mapping, source, taken))
        else:
            taken = [place for place in left if own[place] is mapping] or left
            groups += [(mapping, source, [place]) for place in taken]
        left = [place for place in left if place not in taken]
    return groups


def _has_role(mapping: FileMapping, one: Staged) -> bool:
    ours = called(mapping, one.columns)[1].of(one.columns)
    return bool(mapping.role_of(one.name) or mapping.role_of_columns(ours, ()))


def _own(job: Job, one: Staged) -> FileMapping | None:
    """The layout that a file is known to have by itself."""
    return recognise({one.name: one.columns}) if job.mapping is None else None


def _mapping(job: Job, given: FileMapping | None, staged: list[Staged]) -> tuple[FileMapping, str]:
    """The mapping of staged files and the source that they are posted under.

    What a person gave wins. A mapping that is remembered for unnamed files does not win over a vendor's own layout.
    """
    found = recognise({one.name: one.columns for one in staged}) if job.mapping is None else None
    vendor = found.mapping.source if found is not None else None
    if job.source is None and vendor is not None and found is not None:
        return found, vendor
    mapping = given or found
    if mapping is None:
        name = staged[0].name
        raise MappingError(
            f"no mapping is known for source {job.source or UNNAMED!r} and {name} is of no known layout; draft one "
            f"with 'tillproof map {name} --out mapping.toml' and give it with --mapping"
        )
    return mapping, job.source or UNNAMED


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _parts(batches: Iterable[SaleBatch], record: DocumentRecord, job: Job, chart: Chart) -> Iterator[Part]:
    currency = job.settings.book.currency
    waiting: Part | None = None
    for batch in batches:
        checked = split(named(batch, job.settings), job.settings, chart, job.at)
        if waiting is not None:
            yield waiting
        waiting = Part(prepare(checked.batch, chart, currency), last=False, notes=tuple(checked.warnings))
    if waiting is None:
        note = f"{record.name} has no records."
        yield Part(prepare(SaleBatch.empty(), chart, currency), last=True, notes=(note,))
    else:
        yield Part(waiting.prepared, last=True, notes=waiting.notes)
