"""``verify`` finds every change that was made to a book from outside, and says where."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Executable,
    Integer,
    LargeBinary,
    Table,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from ledger.batch import Held
from ledger.book import Book
from ledger.tables import metadata
from ledger.verify import Verification, verify
from tests import truths
from tests.builders import AT, event, keep_bytes, line, make_book, post, sale_batch, ticket
from tests.ledger.frozen import work_cases

ON_BOTH_ENGINES = True

Change = Executable | str
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
    work_cases(book)


@pytest.fixture(scope="module")
def book(good: Path) -> Iterator[Book]:
    opened = Book.open(good)
    yield opened
    opened.close()


@pytest.fixture
def copied(good: Path, tmp_path: Path) -> Path:
    return truths.copied(good, tmp_path / "book")


def verified(folder: Path) -> Verification:
    book = Book.open(folder)
    try:
        return book.verify()
    finally:
        book.close()


def problems(book: Book, *changes: Change) -> tuple[str, ...]:
    """What verify says of a book in which something was changed; afterwards it is as it was."""
    with book.truth.writer.connect() as connection:
        for change in changes:
            found = change if isinstance(change, Executable) else text(change)
            assert connection.execute(found).rowcount > 0, f"nothing to change: {change}"
        said = verify(connection, book.id, book.document_path).problems
        connection.rollback()
    return said


def row_of(book: Book, table: Table, *, last: bool) -> dict[str, Any]:
    """The first row of a table, or its last; of balances, one that says something: zero is as good as none."""
    keys = [column.desc() if last else column for column in table.primary_key.columns]
    query = select(table).order_by(*keys).limit(1)
    if table.name == "balances":
        query = query.where(table.c.amount_minor != 0)
    with book.truth.reader.connect() as connection:
        return dict(connection.execute(query).mappings().one())


def is_row(table: Table, row: dict[str, Any]) -> list[ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key.columns]


def named(table: Table, row: dict[str, Any]) -> str:
    """How a problem may call a record that is gone or was put in: by its entry, its commit or its own key."""
    if table.name == "balances":
        return re.escape(f"{row['account']}, {row['store']}, {row['business_date']}")
    if table.name == "book_head":
        return "commit 1, which the chain does not have"  # without a head, none is of the chain
    if table.name == "intakes":
        return rf"commit {row['number'] + (row['number'] > 3)}\b"  # commit 4 changed a period and has no delivery
    of_entry = rf"|\b{row['seq']}-{row['n']}\b" if "n" in row else ""
    return rf"\bcommit {row['seq']}\b{of_entry}"


def other_value(column: Any, value: Any) -> Any:
    """Another value that the column could hold just as well."""
    if isinstance(column.type, LargeBinary):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, (BigInteger, Integer)):
        return (value or 0) + 1
    if column.name.endswith("_date"):
        return str(date.fromisoformat(value or "2026-10-05") + timedelta(days=1))
    if column.name in ("id", "document"):
        return hashlib.sha256(value.encode()).hexdigest()
    return (value or "") + "x"


def flipped(book: Book, name: str, *, last: bool) -> tuple[str, ...]:
    """What verify says when one value of a column is another, in its first row or its last. A row that has the
    other key already gives way."""
    table = metadata.tables[name.partition(".")[0]]
    column = table.c[name.partition(".")[2]]
    row = row_of(book, table, last=last)
    other = row | {column.name: other_value(column, row[column.name])}
    unique = [list(table.primary_key.columns), *(list(one.columns) for one in table.indexes if one.unique)]
    in_the_way = [
        delete(table).where(*(each == other[each.name] for each in key), or_(*(each != row[each.name] for each in key)))
        for key in unique
        if column.name in {each.name for each in key}
    ]
    with book.truth.writer.connect() as connection:
        for each in in_the_way:
            connection.execute(each)
        change = update(table).where(*is_row(table, row)).values({column.name: other[column.name]})
        assert connection.execute(change).rowcount == 1
        said = verify(connection, book.id, book.document_path).problems
        connection.rollback()
    return said


def test_a_good_book_verifies_and_says_how_much_was_checked(book: Book) -> None:
    outcome = book.verify()
    assert outcome.ok, outcome.problems
    assert (outcome.commits, outcome.entries, outcome.documents) == (8, 12, 4)


def test_an_empty_book_verifies(tmp_path: Path) -> None:
    make_book(tmp_path / "book").close()
    outcome = verified(tmp_path / "book")
    assert outcome.ok, outcome.problems
    assert (outcome.commits, outcome.entries, outcome.documents) == (0, 0, 1)


def test_the_good_book_has_rows_in_every_table(book: Book) -> None:
    assert [one.name for one in TABLES if not truths.rows(book, f"SELECT 1 FROM {one.name} LIMIT 1")] == []


@pytest.mark.parametrize("last", [False, True], ids=["first row", "last row"])
@pytest.mark.parametrize("name", [one for one in COLUMNS if one not in NOT_SEALED])
def test_a_changed_value_is_found(book: Book, name: str, last: bool) -> None:
    assert flipped(book, name, last=last) != ()


@pytest.mark.parametrize("name", NOT_SEALED)
def test_what_is_not_sealed_is_what_is_listed_here(book: Book, name: str) -> None:
    assert flipped(book, name, last=False) == ()


@pytest.mark.parametrize("last", [False, True], ids=["first row", "last row"])
@pytest.mark.parametrize("table", [metadata.tables[name] for name in TABLES_WITH_SEALED_ROWS], ids=str)
def test_a_row_taken_away_is_found_and_named(book: Book, table: Table, last: bool) -> None:
    row = row_of(book, table, last=last)
    said = problems(book, delete(table).where(*is_row(table, row)))
    assert any(re.search(named(table, row), one) for one in said), said


def test_a_document_that_is_not_recorded_any_more_is_found_while_entries_came_from_it(book: Book) -> None:
    assert problems(book, "DELETE FROM documents WHERE name = '1.csv'")


def test_a_delivery_taken_away_is_found_in_a_book_of_one_commit(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1"))
    assert problems(book, "DELETE FROM intakes")
    book.close()


@pytest.mark.parametrize(
    "table", ["tickets", "lines", "tenders", "taxes", "events", "entries", "postings", "holds", "case_events"]
)
@pytest.mark.parametrize(
    "seq", [1, 4, 7, 9], ids=["in a commit", "in a change of a period", "in events of cases", "after the last commit"]
)
def test_a_row_put_in_is_found_and_named(book: Book, table: str, seq: int) -> None:
    """A copy of a row, at an address of its own."""
    of = metadata.tables[table]
    row = row_of(book, of, last=False) | {"seq": seq, "n": 77}
    if "version" in row:
        row["version"] = bytes(range(32))
    if "subject" in row:
        row["number"] = 77
    said = problems(book, insert(of).values(row))
    assert any(re.search(named(of, row), one) for one in said), said


@pytest.mark.parametrize("seq", [1, 2, 7])
def test_a_change_of_a_period_put_in_is_found_and_named(book: Book, seq: int) -> None:
    put_in = "INSERT INTO periods VALUES ('test', {}, '2026-10-06', '2026-10-31', 'locked', 'Ada', 'filed')"
    assert any(one.startswith(f"commit {seq}:") for one in problems(book, put_in.format(seq)))


def test_a_changed_verdict_is_found_and_named(book: Book) -> None:
    change = "UPDATE case_events SET detail = REPLACE(detail, 'loss', 'error') WHERE kind = 'verdict'"
    assert any(one.startswith("commit 7:") for one in problems(book, change))


def test_a_balance_put_in_is_found(book: Book) -> None:
    said = problems(book, "INSERT INTO balances VALUES ('test', 'assets:cash', 'USD', 'Nowhere', '2026-10-05', 1)")
    assert any("assets:cash, Nowhere, 2026-10-05: 1 is kept" in one for one in said)


def test_two_postings_that_were_changed_alike_are_found_though_they_balance(book: Book) -> None:
    places = truths.rows(book, "SELECT n, number FROM postings WHERE seq = 3 ORDER BY n, number")[:2]
    change = "UPDATE postings SET amount_minor = amount_minor + ({}) WHERE seq = 3 AND n = {} AND number = {}"
    said = problems(book, *(change.format(by, *place) for place, by in zip(places, (7, -7), strict=True)))
    assert any("entry 3-0" in one and "not what was sealed" in one for one in said)


def test_an_entry_that_was_changed_together_with_its_seal_is_found(book: Book) -> None:
    entries = metadata.tables["entries"]
    said = problems(book, update(entries).where(entries.c.seq == 1, entries.c.n == 0).values(seal=bytes(32)))
    assert any(one.startswith("commit 1:") for one in said)


def test_the_last_commit_taken_away_is_found_while_the_head_remembers_it(book: Book) -> None:
    said = problems(book, *(f"DELETE FROM {table} WHERE seq = 8" for table in ("commits", "case_events")))
    assert any(one.startswith("commit 8: missing") for one in said)


def test_rows_left_behind_by_a_commit_that_was_taken_away_with_the_head_moved_back_are_found(book: Book) -> None:
    moved = "UPDATE book_head SET seq = 7, hash = (SELECT hash FROM commits WHERE seq = 7)"
    said = problems(book, "DELETE FROM commits WHERE seq = 8", moved)
    assert any("a row of commit 8, which the chain does not have" in one for one in said)


def test_a_commit_in_the_middle_taken_away_is_named(book: Book) -> None:
    assert any(one.startswith("commit 2: missing") for one in problems(book, "DELETE FROM commits WHERE seq = 2"))


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
    found = verified(copied).problems
    assert len(found) == 1
    assert f"document 1.csv ({identity[:12]})" in found[0]
    assert said in found[0]


def test_no_more_problems_are_listed_than_a_person_reads(book: Book) -> None:
    said = problems(
        book,
        "UPDATE balances SET amount_minor = amount_minor + 1",
        "UPDATE lines SET net_minor = net_minor + 1",
        "UPDATE entries SET store = store || 'x'",
    )
    assert 10 < len(said) <= 20
