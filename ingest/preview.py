"""``preview``: what the first tickets of files would be by a mapping that is not in use yet, and what would be held."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from ingest.files import Delivery
from ingest.mapping import Mapping
from ingest.staging import Stage
from ingest.validate import split
from ledger.accounts import Chart
from ledger.batch import Held, SaleBatch
from ledger.document import DocumentRecord
from ledger.settings import BookSettings, parse

TICKETS_SHOWN = 10


@dataclass(frozen=True)
class Preview:
    """The first tickets in the order of the file: those that would be posted, and what would be held or left out."""

    batch: SaleBatch
    held: tuple[Held, ...]


def of_no_book(time_zone: str = "UTC") -> BookSettings:
    """Settings for looking at files before there is a book: any store, and whichever currency the tickets name."""
    business = {"id": "preview", "name": "Preview", "currency": "USD", "time_zone": time_zone}
    return parse({"book": business, "rules": {"other-currency": {"enabled": False}}})


def preview(
    paths: Sequence[Path], mapping: Mapping, settings: BookSettings, at: datetime, tickets: int = TICKETS_SHOWN
) -> Preview:
    """The first ``tickets`` of files by a mapping, checked as they would be on ``at``. Raises MappingError and
    DocumentError as taking them does."""
    chart = Chart.of(settings)
    general = mapping.mapping
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        stage = Stage(Path(folder))
        try:
            staged = [
                stage.load(path, path.name, encoding=general.encoding, delimiter=general.delimiter) for path in paths
            ]
            record = DocumentRecord("0" * 64, paths[0].name, "text/csv", 0, 0, at)
            delivery = Delivery(stage, staged, mapping, settings, chart, "preview", record)
            first = next(iter(delivery.batches(tickets)), SaleBatch.empty())
            checked = split(first, settings, chart, at).batch
        finally:
            stage.close()
    kept = checked.keep(checked.tickets.head(tickets)["ticket"])
    return Preview(kept, checked.held[:tickets])


def rows_of(frame: pl.DataFrame, ticket: int) -> list[dict[str, Any]]:
    """The rows of one ticket in a frame of a batch."""
    return frame.filter(pl.col("ticket") == ticket).to_dicts()
