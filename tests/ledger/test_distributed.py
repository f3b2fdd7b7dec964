"""Rules that keep the truth portable to engines that shard PostgreSQL by book: held over the schema and over every
statement that a full life of a book sends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Table, event

from ledger import migrations
from ledger.book import Book
from ledger.tables import metadata
from tests import truths
from tests.builders import make_book
from tests.ledger.test_verify import fill
from tests.postgres import Cluster

TABLES = [one for one in metadata.sorted_tables if one.name != "alembic_version"]
TYPES = (BigInteger, Boolean, Integer, LargeBinary, String)
BANNED = {
    "an advisory lock": r"advisory",
    "a savepoint": r"savepoint",
    "a trigger or a function": r"create\s+(or\s+replace\s+)?(trigger|function)",
    "a notification": r"\b(listen|notify)\b",
    "a serial": r"\b(small|big)?serial\b|nextval|generated\s+(always|by)|autoincrement=True",
    "an operator of JSON": r"->|\bjsonb?\b|@>",
    "an extension": r"create\s+extension",
    "a lock of a table": r"lock\s+table",
    "a partial index": r"create\s+(unique\s+)?index[^;]*\bwhere\b",
    "a floating number": r"\b(real|double precision|float)\b",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_leads_with_the_book(table: Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "book_id"
    for index in table.indexes:
        assert next(iter(index.columns)).name == "book_id", index.name
        assert index.dialect_options["postgresql"]["where"] is None, index.name
    assert not table.foreign_keys
    for column in table.columns:
        assert isinstance(column.type, TYPES), column
        assert column.server_default is None, column
        assert column.autoincrement in (False, "auto"), column


def test_the_ban_list_finds_what_it_is_for() -> None:
    wrong = [
        "SELECT pg_advisory_lock(1)", "SAVEPOINT a", "CREATE TRIGGER t", "NOTIFY x", "id BIGSERIAL", "SELECT a->'b'",
        "CREATE EXTENSION x", "LOCK TABLE x", "CREATE INDEX i ON t (a) WHERE b", "amount DOUBLE PRECISION",
    ]  # fmt: skip
    for statement in wrong:
        assert any(re.search(pattern, statement, re.IGNORECASE) for pattern in BANNED.values()), statement


def test_no_statement_of_a_books_life_breaks_the_rules(postgresql: Cluster, tmp_path: Path) -> None:
    truths.use(postgresql)
    book = make_book(tmp_path / "book")
    truths.use(None)
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        sent.append(statement)

    for engine in (book.truth.reader, book.truth.writer):
        event.listen(engine, "before_cursor_execute", note)
    live(book)
    book.close()
    assert len(set(sent)) > 30
    names = "|".join(table.name for table in TABLES)
    for statement in set(sent):
        for what, pattern in BANNED.items():
            assert not re.search(pattern, statement, re.IGNORECASE), f"{what}: {statement}"
        if re.search(rf"\b(FROM|INTO|UPDATE|JOIN)\s+({names})\b", statement):
            assert "book_id" in statement, f"it would go to every shard: {statement}"


def live(book: Book) -> None:
    fill(book)
    list(book.committed())
    assert book.verify().ok
    book.store_day_roots()
    book.feeds()
    book.held(released=True)
    book.documents()
    book.periods()
    book.exports()
    book.checkpoint()
    book.prove("1")
    assert book.entry(1, 0) is not None


def test_no_migration_breaks_them() -> None:
    for path in sorted((Path(migrations.__file__).parent / "versions").glob("*.py")):
        for what, pattern in BANNED.items():
            assert not re.search(pattern, path.read_text("utf-8").replace("->", ""), re.IGNORECASE), (path.name, what)
