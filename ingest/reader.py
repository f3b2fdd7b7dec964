"""Reading a delivery: from kept documents to batches that are ready to post. Knows no book, so that it can be done
ahead.

``read`` stages the files, finds their mapping and yields, for each document (or the bundle of a set), one ``Begin``
and its ``Part``s in order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest import documents
from ingest.files import Delivery
from ingest.mapping import load
from ingest.sources import recognise
from ingest.staging import Stage
from ingest.validate import split
from ledger.accounts import Chart
from ledger.batch import SaleBatch
from ledger.commit import Prepared, prepare
from ledger.document import DocumentRecord
from ledger.errors import MappingError
from ledger.settings import BookSettings

LARGE_BYTES = 32 << 20


@dataclass(frozen=True)
class Job:
    """What is to be read: documents with plain copies of their bytes, and all that says how.

    ``mapping`` is a mapping file, or None where the layout is to be recognised; ``at`` is the present.
    """

    kept: tuple[documents.Kept, ...]
    mapping: Path | None
    settings: BookSettings
    source: str
    at: datetime
    tickets_per_batch: int

    @property
    def large(self) -> bool:
        """Whether a process of its own for reading, and figures that follow, are worth the second that they take."""
        return sum(one.record.size_bytes for one in self.kept) >= LARGE_BYTES


@dataclass(frozen=True)
class Begin:
    """A document begins: ``record`` is its own, or that of the bundle of all files, which is yet to be kept."""

    record: DocumentRecord
    bundled: bool
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Part:
    """A validated batch, ready to post. Every document has at least one, so that every delivery leaves its mark."""

    prepared: Prepared
    last: bool
    notes: tuple[str, ...] = field(default=())


def read(job: Job) -> Iterator[Begin | Part]:
    """Read a delivery. Raises DocumentError and MappingError when nothing of the files can be read."""
    given = load(job.mapping) if job.mapping is not None else None
    options = given.mapping if given is not None else None
    chart = Chart.of(job.settings)
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
                for one in job.kept
            ]
            notes = tuple(note for one in staged for note in one.notes)
            mapping = given or recognise({one.name: one.columns for one in staged})
            if mapping is None:
                name = staged[0].name
                raise MappingError(
                    f"no mapping is known for source {job.source!r} and {name} is of no known layout; draft one with "
                    f"'tillproof map {name} --out mapping.toml' and give it with --mapping"
                )
            together = mapping.mapping.layout == "set" or bool(mapping.lookups)
            bundled = together and len(staged) > 1
            groups = [list(range(len(staged)))] if together else [[place] for place in range(len(staged))]
            for group in groups:
                record = documents.bundle_of(job.kept, at=job.at)[0] if bundled else job.kept[group[0]].record
                yield Begin(record, bundled, notes)
                notes = ()
                files = [staged[place] for place in group]
                yield from _parts(Delivery(stage, files, mapping, job.settings, chart, job.source, record), job, chart)
        finally:
            stage.close()


def _parts(delivery: Delivery, job: Job, chart: Chart) -> Iterator[Part]:
    currency = job.settings.book.currency
    waiting: Part | None = None
    for batch in delivery.batches(job.tickets_per_batch):
        checked = split(batch, job.settings, chart, job.at)
        if waiting is not None:
            yield waiting
        waiting = Part(prepare(checked.batch, chart, currency), last=False, notes=tuple(checked.warnings))
    if waiting is None:
        note = f"{delivery.record.name} has no records."
        yield Part(prepare(SaleBatch.empty(), chart, currency), last=True, notes=(note,))
    else:
        yield Part(waiting.prepared, last=True, notes=waiting.notes)
