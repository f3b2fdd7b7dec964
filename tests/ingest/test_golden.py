"""Mappings against golden files: an export, its mapping, and the canonical batch that they give, to the last column.

``UPDATE_GOLDEN=1 pytest tests/ingest/test_golden.py`` writes the batches anew; look at the
difference before you commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.files import Delivery
from ingest.mapping import load
from ingest.staging import Stage
from ledger.accounts import Chart
from ledger.batch import SaleBatch
from ledger.document import DocumentRecord
from ledger.settings import parse

GOLDEN = Path(__file__).parents[1] / "golden"
FRAMES = ("tickets", "lines", "tenders", "taxes", "events")


EXPORTS = {
    "flat": ("kasse.csv",),
    "set": ("orders.csv", "items.csv", "payments.csv", "taxes.csv", "drawer.csv", "products.csv"),
}


@pytest.mark.parametrize(("name", "files"), EXPORTS.items(), ids=EXPORTS)
def test_a_mapping_gives_the_batch_that_it_gave(name: str, files: Sequence[str], tmp_path: Path) -> None:
    found = told(read(GOLDEN / name, files, tmp_path))
    expected = GOLDEN / name / "batch.json"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def read(folder: Path, files: Sequence[str], scratch: Path) -> list[SaleBatch]:
    settings = parse({"book": {"id": "golden", "name": "Golden", "currency": "EUR", "time_zone": "Europe/Berlin"}})
    mapping = load(folder / "mapping.toml")
    stage = Stage(scratch)
    try:
        staged = [stage.load(folder / file, file) for file in files]
        record = DocumentRecord("0" * 64, "golden", "text/csv", 0, 0, datetime(2026, 11, 1, tzinfo=UTC))
        delivery = Delivery(stage, staged, mapping, settings, Chart.of(settings), "golden", record)
        return [batch.checked() for batch in delivery.batches(100)]
    finally:
        stage.close()


def told(batches: list[SaleBatch]) -> dict[str, Any]:
    """Batches as rows of what is given; a column without a value is left out."""
    rows: dict[str, Any] = {
        name: [
            {
                key: str(value) if not isinstance(value, int | bool) else value
                for key, value in row.items()
                if value is not None
            }
            for row in pl.concat([getattr(batch, name) for batch in batches]).to_dicts()
        ]
        for name in FRAMES
    }
    return rows | {"held": [[one.locator, one.reason] for batch in batches for one in batch.held]}
