"""``verify`` finds every change that was made to a book from outside, and says where."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, Table

from ledger.batch import Held
from ledger.book import Book
from ledger.tables import metadata
from ledger.verify import Verification
from tests.builders import AT, event, keep_bytes, line, make_book, post, sale_batch, ticket

STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)

NOT_SEALED = {
    "book_head.moved_to": "where the truth is once a book has moved; a copy differs in it from its original",
    "documents.name": "a label for people; the document is known by its bytes, which are its id",
    "documents.media_type": "likewise",
    "documents.masked": "a count for people; the bytes that were kept are the masked ones",
    "documents.received_at": "when a commit recorded what a document said is in the chain; this is for people",
    "intakes.source": "the source of each ticket and event is sealed with its content",
    "intakes.at": "the time of each commit is in the chain",
    "holds.n": "the order in which a commit held things is sealed, not the number that stands for it",
}
"""Columns in which a change is not found, by design: nothing that a figure is computed from or proven with."""

NOTES = ("alembic_version", "exports")
"""Tables that no figure is computed from or proven with: what was given to other systems is a note of ours."""

TABLES = [one for one in metadata.sorted_tables if one.name not in NOTES]
TABLES_WITH_SEALED_ROWS = [one.name for one in TABLES if one.name != "documents"]  # documents: see below
COLUMNS = [f"{one.name}.{column.name}" for one in TABLES for column in one.columns if column.name != "book_id"]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed book with something in every table and in every kind of entry."""
    folder = tmp_path_factory.mktemp("good") / "book"
    book = make_book(folder)
    fill(book)
    book.close()
    return folder


def fill(book: Book) -> None:
    """Put something into every table, and into every kind of entry."""
    documents = [keep_bytes(book, f"document {number}".encode(), f"{number}.csv") for number in range(3)]
    sold = [
        line(1000, discount=100, discount_kind="comp", tax_minor=72, cost_minor=300),
        line(250, kind="fee"),
        line(80, voided=True),
    ]
    euros = {"foreign_currency": "EUR", "foreign_amount": "18.00", "exchange_rate": "1.1111"}
    held = Held("quarantined", "a-rule", "a reason", documents[0], "row 9", "pos", "H1", "Downtown", "2026-10-05", 5)
    deliveries: list[tuple[list[dict[str, Any]], list[dict[str, Any]], list[Held]]] = [
        (
            [
                ticket("1", lines=sold, tax=72, tip_minor=100, version_stamp=STAMP),
                ticket(
                    "2",
                    store="Airport",
                    tenders=[{"type": "cash", "amount_minor": 2000, "change_minor": 1000, **euros}],
                ),
                ticket("3", kind="void_after_tender"),
            ],
            [event("c", counted_minor=990, expected_minor=1000, version_stamp=STAMP)],
            [held],
        ),
        (
            [ticket("1", lines=[line(1100)], tax=80, version_stamp=STAMP + timedelta(hours=1))],
            [event("c", counted_minor=995, expected_minor=1000, version_stamp=STAMP + timedelta(hours=1))],
            [],
        ),
        ([ticket("2"), ticket("4", kind="return", lines=[line(-1000)])], [], []),
    ]
    for number, (document, (tickets, events, holds)) in enumerate(zip(documents, deliveries, strict=True)):
        batch = replace(sale_batch(*tickets, events=events, document=document), held=tuple(holds))
        at = AT + timedelta(days=number)
        book.post(batch, intake=book.begin_intake(document, "pos", at), at=at, last=True)
    at = AT + timedelta(days=4)
    book.change_period(date.min, date(2026, 10, 5), "locked", by="Ada", reason="October is filed", at=at)
    late = sale_batch(ticket("1", version_stamp=STAMP + timedelta(hours=2)), ticket("5"), document=documents[0])
    book.post(late, intake=book.begin_intake(documents[0], "pos", at), at=at, last=True)


@pytest.fixture
def copied(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good, tmp_path / "book"))


def verified(folder: Path) -> Verification:
    book = Book.open(folder)
    try:
        return book.verify()
    finally:
        book.close()


def change(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "truth.db")) as truth, truth:
        assert truth.execute(statement, values).rowcount > 0, f"nothing to change: {statement}"


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "truth.db")) as truth:
        return truth.execute(query).fetchall()


def other_value(column: Any, value: Any) -> Any:
    """Another value that the column could hold just as well."""
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(column.type, Boolean):
        return 0 if value else 1
    if isinstance(column.type, (BigInteger, Integer)):
        return (value or 0) + 1
    if column.name.endswith("_date"):
        return str(date.fromisoformat(value or "2026-10-05") + timedelta(days=1))
    if column.name in ("id", "document"):
        return hashlib.sha256(value.encode()).hexdigest()
    return (value or "") + "x"


def key_of(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def meaning(table: Table) -> str:
    """Which rows say something: a balance of zero is as good as none."""
    return "WHERE amount_minor != 0" if table.name == "balances" else ""


def flip(folder: Path, name: str, *, last: bool) -> None:
    """Change one value of a column, in its first row or its last."""
    table = metadata.tables[name.partition(".")[0]]
    column = table.c[name.partition(".")[2]]
    keys = key_of(table)
    order = ", ".join(f"{key} DESC" if last else key for key in keys)
    query = f"SELECT {', '.join(keys)}, {column.name} FROM {table.name} {meaning(table)} ORDER BY {order} LIMIT 1"
    found = rows(folder, query)[0]
    where = " AND ".join(f"{key} = ?" for key in keys)
    change(
        folder,
        f"UPDATE OR REPLACE {table.name} SET {column.name} = ? WHERE {where}",
        other_value(column, found[-1]),
        *found[:-1],
    )


def test_a_good_book_verifies_and_says_how_much_was_checked(copied: Path) -> None:
    outcome = verified(copied)
    assert outcome.ok, outcome.problems
    assert (outcome.commits, outcome.entries, outcome.documents) == (5, 12, 4)


def test_an_empty_book_verifies(tmp_path: Path) -> None:
    make_book(tmp_path / "book").close()
    outcome = verified(tmp_path / "book")
    assert outcome.ok, outcome.problems
    assert (outcome.commits, outcome.entries, outcome.documents) == (0, 0, 1)


def test_the_good_book_has_rows_in_every_table(good: Path) -> None:
    assert [one.name for one in TABLES if not rows(good, f"SELECT 1 FROM {one.name} LIMIT 1")] == []


@pytest.mark.parametrize("last", [False, True], ids=["first row", "last row"])
@pytest.mark.parametrize("name", [one for one in COLUMNS if one not in NOT_SEALED])
def test_a_changed_value_is_found(copied: Path, name: str, last: bool) -> None:
    flip(copied, name, last=last)
    assert not verified(copied).ok


@pytest.mark.parametrize("name", NOT_SEALED)
def test_what_is_not_sealed_is_what_is_listed_here(copied: Path, name: str) -> None:
    flip(copied, name, last=False)
    assert verified(copied).ok


@pytest.mark.parametrize("last", [False, True], ids=["first row", "last row"])
@pytest.mark.parametrize("table", [metadata.tables[name] for name in TABLES_WITH_SEALED_ROWS], ids=str)
def test_a_row_taken_away_is_found(copied: Path, table: Table, last: bool) -> None:
    keys = key_of(table)
    order = ", ".join(f"{key} DESC" if last else key for key in keys)
    change(
        copied,
        f"DELETE FROM {table.name} WHERE ({', '.join(keys)}) IN "
        f"(SELECT {', '.join(keys)} FROM {table.name} {meaning(table)} ORDER BY {order} LIMIT 1)",
    )
    assert not verified(copied).ok


def test_a_document_that_is_not_recorded_any_more_is_found_while_entries_came_from_it(copied: Path) -> None:
    change(copied, "DELETE FROM documents WHERE name = '1.csv'")
    assert not verified(copied).ok


def test_a_delivery_taken_away_is_found_in_a_book_of_one_commit(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1"))
    book.close()
    change(tmp_path / "book", "DELETE FROM intakes")
    assert not verified(tmp_path / "book").ok


@pytest.mark.parametrize("table", ["tickets", "lines", "tenders", "taxes", "events", "entries", "postings", "holds"])
@pytest.mark.parametrize("seq", [2, 4, 6], ids=["in a commit", "in a change of a period", "after the last commit"])
def test_a_row_put_in_is_found(copied: Path, table: str, seq: int) -> None:
    """A copy of a row, at an address of its own."""
    columns = [column.name for column in metadata.tables[table].columns]
    given = {"seq": str(seq), "n": "77", "version": "randomblob(32)"}
    change(
        copied,
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(given.get(name, name) for name in columns)} FROM {table} LIMIT 1",
    )
    assert not verified(copied).ok


def test_a_balance_put_in_is_found(copied: Path) -> None:
    change(copied, "INSERT INTO balances VALUES ('test', 'assets:cash', 'USD', 'Nowhere', '2026-10-05', 1)")
    assert any("assets:cash, Nowhere, 2026-10-05: 1 is kept" in one for one in verified(copied).problems)


def test_two_postings_that_were_changed_alike_are_found_though_they_balance(copied: Path) -> None:
    places = rows(copied, "SELECT seq, n, number FROM postings WHERE seq = 3 ORDER BY n, number")[:2]
    for (seq, n, number), by in zip(places, (7, -7), strict=True):
        change(
            copied,
            "UPDATE postings SET amount_minor = amount_minor + ? WHERE seq = ? AND n = ? AND number = ?",
            by,
            seq,
            n,
            number,
        )
    assert any("entry 3-0" in one and "not what was sealed" in one for one in verified(copied).problems)


def test_an_entry_that_was_changed_together_with_its_seal_is_found(copied: Path) -> None:
    change(copied, "UPDATE entries SET seal = randomblob(32) WHERE seq = 1 AND n = 0")
    problems = verified(copied).problems
    assert any(one.startswith("commit 1:") for one in problems)


def test_the_last_commit_taken_away_is_found_while_the_head_remembers_it(copied: Path) -> None:
    for table in ("commits", "entries", "tickets", "lines", "tenders", "taxes", "events", "postings", "reversals"):
        with closing(sqlite3.connect(copied / "truth.db")) as truth, truth:
            truth.execute(f"DELETE FROM {table} WHERE seq = 5")
    assert any(one.startswith("commit 5: missing") for one in verified(copied).problems)


def test_rows_left_behind_by_a_commit_that_was_taken_away_with_the_head_moved_back_are_found(copied: Path) -> None:
    before = rows(copied, "SELECT hash FROM commits WHERE seq = 4")[0][0]
    change(copied, "DELETE FROM commits WHERE seq = 5")
    change(copied, "UPDATE book_head SET seq = 4, hash = ?", before)
    assert any("a row of commit 5, which the chain does not have" in one for one in verified(copied).problems)


def test_a_commit_in_the_middle_taken_away_is_named(copied: Path) -> None:
    change(copied, "DELETE FROM commits WHERE seq = 2")
    assert any(one.startswith("commit 2: missing") for one in verified(copied).problems)


def documents_of(folder: Path) -> Iterator[Path]:
    return (folder / "documents").rglob("*.zst")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "replaced": (lambda path: path.write_bytes(zstandard.compress(b"other")), "its bytes are not those that were kept"),
    "longer": (
        lambda path: path.write_bytes(zstandard.compress(zstandard.decompress(path.read_bytes()) + b"!")),
        "its bytes are not those that were kept",
    ),
    "damaged": (lambda path: path.write_bytes(b"\x00" * 20), "cannot be read"),
    "cut short": (lambda path: path.write_bytes(path.read_bytes()[:-3]), "document"),
    "emptied": (lambda path: path.write_bytes(b""), "document"),
    "missing": (lambda path: path.unlink(), "its file is missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_document_that_is_not_as_it_was_kept_is_named(copied: Path, damage: str) -> None:
    identity = hashlib.sha256(b"document 1").hexdigest()
    path = next(one for one in documents_of(copied) if one.stem == identity)
    spoil, said = DAMAGES[damage]
    spoil(path)
    problems = verified(copied).problems
    assert len(problems) == 1
    assert f"document 1.csv ({identity[:12]})" in problems[0]
    assert said in problems[0]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("tickets", "business_date", "the fifth"),
        ("tickets", "total_minor", "a lot"),
        ("tickets", "closed_at", "noon"),
        ("entries", "business_date", "2026-13-45"),
        ("postings", "amount_minor", 12.5),
        ("lines", "net_minor", 9.99),
    ],
)
def test_a_value_that_no_book_would_write_is_reported_and_does_not_stop_the_replay(
    copied: Path, table: str, column: str, value: object
) -> None:
    change(copied, f"UPDATE {table} SET {column} = ? WHERE seq = 1 AND n = 0", value)
    assert not verified(copied).ok


def test_a_part_of_a_minor_unit_is_found(copied: Path) -> None:
    change(copied, "UPDATE postings SET amount_minor = amount_minor + 0.25 WHERE seq = 1 AND n = 0 AND number = 1")
    assert not verified(copied).ok


def test_no_more_problems_are_listed_than_a_person_reads(copied: Path) -> None:
    change(copied, "UPDATE balances SET amount_minor = amount_minor + 1")
    change(copied, "UPDATE lines SET net_minor = net_minor + 1")
    change(copied, "UPDATE entries SET store = store || 'x'")
    assert 10 < len(verified(copied).problems) <= 20
