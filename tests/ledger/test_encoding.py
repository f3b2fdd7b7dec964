"""Canonical content: what may never change without books forgetting what they know."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger import encoding
from ledger.book import Book
from ledger.truth import SQLite, revisions
from tests.builders import event, line, make_book, post, sale_batch, ticket

FIRST_LAYOUT = ticket(
    "T-1",
    lines=[line(1000, discount=100, tax_minor=72, cost_minor=300), line(250, kind="fee")],
    tax=72,
    tip_minor=100,
    tenders=[{"type": "card", "brand": "Visa", "amount_minor": 1422, "change_minor": 100, "fee_minor": 30}],
)
DIGESTS = (
    "b8d2c17af39be1741265fc2fcdcbb8a514303ed1272dbffff1fedaa7921ae7f4",
    "1777231019e9a837dd65565c4aded018f33537914121ad24504849edb2787f43",
)
"""Of the ticket above and of a plain count: as they were before any column was added."""


def digest(**changed: Any) -> str:
    batch = sale_batch({**FIRST_LAYOUT, **changed})
    [content] = encoding.contents(batch.tickets, batch.lines, batch.tenders, batch.taxes, ("ticket",))
    return encoding.digest(content).hex()


def test_content_of_the_first_layout_has_the_digest_that_it_always_had() -> None:
    batch = sale_batch(events=[event("c", counted_minor=990, expected_minor=1000)])
    assert (digest(), encoding.digest(encoding.event_contents(batch.events)[0]).hex()) == DIGESTS


@pytest.mark.parametrize(
    ("frame", "more"),
    [
        ("lines", {"discount_kind": "comp"}),
        ("tenders", {"foreign_currency": "EUR"}),
        ("tenders", {"foreign_amount": "10.00"}),
        ("tenders", {"exchange_rate": "1.1"}),
        ("taxes", {"facilitator": True}),
        ("taxes", {"facilitator": False}),
    ],
)
def test_a_column_that_came_later_is_part_of_the_content_where_it_is_used(frame: str, more: dict[str, Any]) -> None:
    rows = [{**one, **more} if place == 0 else one for place, one in enumerate(FIRST_LAYOUT[frame])]
    assert digest(**{frame: rows}) != digest()


def test_a_book_of_the_first_revision_is_migrated_and_knows_its_tickets_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = make_book(tmp_path / "now")
    post(now, FIRST_LAYOUT, events=[event("c", counted_minor=990, expected_minor=1000)])
    now.close()
    old = Path(shutil.copytree(tmp_path / "now", tmp_path / "old"))
    (old / "truth.db").unlink()
    monkeypatch.setattr(revisions, "REVISION", "0001")
    first = SQLite(old)
    first.migrate()
    first.close()
    monkeypatch.undo()
    with closing(sqlite3.connect(old / "truth.db")) as database, database:
        database.execute("ATTACH ? AS now", [str(tmp_path / "now" / "truth.db")])
        tables = [row[0] for row in database.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version":
                columns = ", ".join(row[1] for row in database.execute(f"PRAGMA main.table_info({table})"))
                database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")

    book = Book.open(old)
    assert book.verify().ok, book.verify().problems
    again = post(book, FIRST_LAYOUT, events=[event("c", counted_minor=990, expected_minor=1000)])
    assert (again.duplicates, again.posted, again.versions) == (2, 0, 0)
    book.close()


def test_when_a_ticket_was_received_is_provenance_and_no_content() -> None:
    told = {"delivery": "B-17", "received_at": FIRST_LAYOUT["closed_at"]}
    assert digest(**told) == digest()
    plain, more = (
        encoding.provenances(batch.tickets, batch.lines, batch.tenders, ("ticket",))
        for batch in (sale_batch(FIRST_LAYOUT), sale_batch({**FIRST_LAYOUT, **told}))
    )
    assert plain != more
