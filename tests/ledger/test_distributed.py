"""Rules that keep the truth portable to engines that shard PostgreSQL by book: held over the schema and over every
statement that a full life of a book sends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Table

from ledger import bulk, migrations, moving
from ledger.book import Book
from ledger.exports.store_days import Selection
from ledger.exports.write import export
from ledger.figures import Figures, Period
from ledger.statements import STATEMENTS, StatementPlan, run_statement
from ledger.tables import metadata
from tests import truths
from tests.builders import AT, DAY, make_book
from tests.driver import watched
from tests.ledger.test_verify import fill
from tests.postgres import Cluster
from tests.shards import BANNED, TABLES, breaks

TYPES = (BigInteger, Boolean, Integer, LargeBinary, String)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
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


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_lock(1)",
        "SAVEPOINT a",
        "CREATE TRIGGER t",
        "NOTIFY x",
        "id BIGSERIAL",
        "SELECT a->'b'",
        "CREATE EXTENSION x",
        "LOCK TABLE x",
        "CREATE INDEX i ON t (a) WHERE b",
        "amount DOUBLE PRECISION",
        # of no book, or of one that is only mentioned
        "SELECT book_id, seq FROM tickets",
        "SELECT seq FROM tickets WHERE external_id = 'book_id'",
        "SELECT seq FROM tickets WHERE book_id = 'x' OR seq = 1",
        "SELECT seq FROM tickets WHERE book_id <> 'x'",
        "SELECT seq FROM tickets WHERE book_id = source",
        "SELECT seq FROM tickets WHERE book_id = book_id",
        "SELECT t.seq FROM tickets AS t JOIN entries AS e ON e.seq = t.seq WHERE t.book_id = %(a)s",
        "SELECT t.seq FROM tickets AS t JOIN entries AS e ON e.book_id = t.book_id",
        "SELECT t.seq FROM tickets AS t, entries WHERE t.book_id = 'x'",
        "SELECT seq FROM (SELECT seq FROM tickets) AS t WHERE book_id = 'x'",
        "SELECT seq FROM tickets AS t WHERE book_id = 'x' AND EXISTS (SELECT 1 FROM reversals AS r WHERE seq = t.seq)",
        "SELECT seq FROM tickets WHERE book_id = 'x' AND seq IN (SELECT seq FROM tickets)",
        "UPDATE book_head SET book_id = 'x'",
        "DELETE FROM balances WHERE amount_minor = 0",
        "INSERT INTO commits (seq, book_id) VALUES (1, 'x')",
        "INSERT INTO commits VALUES ('x', 1)",
        "INSERT INTO commits (book_id, seq) SELECT book_id, seq FROM commits",
        "INSERT INTO balances (book_id, account) VALUES ('x', 'y') ON CONFLICT (account) DO NOTHING",
        "COPY tickets (seq, book_id) FROM STDIN (FORMAT csv)",
        "COPY tickets FROM STDIN (FORMAT csv)",
        "COPY (SELECT seq FROM tickets) TO STDOUT (FORMAT csv)",
        "COPY tickets TO STDOUT",
        "TRUNCATE tickets",
        "VACUUM tickets",
    ],
)
def test_what_breaks_a_rule_is_found(statement: str) -> None:
    assert breaks(statement), statement


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT seq FROM tickets WHERE book_id = 'x' AND (seq = 1 OR seq = 2)",
        "SELECT t.seq FROM tickets AS t LEFT JOIN reversals AS r ON r.book_id = t.book_id WHERE t.book_id = %(a)s::INT",
        "SELECT seq FROM tickets AS t WHERE book_id = 'x' AND EXISTS (SELECT 1 FROM reversals AS r "
        "WHERE r.book_id = t.book_id)",
        "INSERT INTO balances (book_id, account) VALUES ('x', 'y') ON CONFLICT (book_id, account) DO NOTHING",
        "COPY tickets (book_id, seq) FROM STDIN (FORMAT csv)",
        "COPY (SELECT seq FROM tickets WHERE tickets.book_id = 'x') TO STDOUT (FORMAT csv)",
        "SELECT relname FROM pg_catalog.pg_class",
    ],
)
def test_what_breaks_none_is_let_through(statement: str) -> None:
    assert not breaks(statement)


def test_no_statement_of_a_books_life_breaks_the_rules(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ROWS_FEW", 1)  # so that rows go in both ways, by a statement and by COPY
    sent: set[str] = set()
    with watched(lambda _, statement: sent.add(statement)):
        truths.use(postgresql)
        book = make_book(tmp_path / "book")
        there, back = (truths.tables()["truth"]["url"] for _ in range(2))
        truths.use(None)
        live(book, tmp_path)
        moving.copy(book, tmp_path / "copy", there)
        copied = Book.open(tmp_path / "copy")
        moving.move(copied, back)
        for one in (book, copied):
            one.close()
    broken = {statement: found for statement in sent if (found := breaks(statement))}
    assert not broken
    of_tables = [statement for statement in sent if any(re.search(rf"\b{name}\b", statement) for name in TABLES)]
    for kind, least in {"SELECT": 20, "INSERT": 5, "UPDATE": 1, r"COPY \w+ \(book_id": 7, r"COPY \(SELECT": 10}.items():
        assert len([one for one in of_tables if re.match(kind, one)]) >= least, kind


def live(book: Book, folder: Path) -> None:
    """Whatever can be asked of a book, once."""
    fill(book)
    list(book.committed())
    book.store_day_roots()
    book.feeds()
    book.held(released=True)
    book.documents()
    book.document(book.documents()[0].id)
    book.periods()
    assert book.find_ticket("1", "pos")
    book.head_at(AT)
    book.commit_before(AT)
    book.recorded_at(1)
    book.hash_of(1)
    book.prove("1")
    assert book.compare(book.checkpoint()) == []
    assert book.entry(1, 0) is not None
    for number, detail in enumerate(("daily", "ticket")):
        made = export(book, "hledger", Selection(detail=detail, as_of=book.head().seq), folder / f"{number}.journal")
        book.remember_export(made, AT)
    export(book, "parquet", Selection(detail="ticket", as_of=book.head().seq), folder / "parquet")
    book.change_period(DAY, DAY, "open", by="Ada", reason="a late ticket", at=AT)
    assert book.exports()
    figures = Figures.open(book)
    figures.catch_up()
    for kind in STATEMENTS:
        run_statement(figures, StatementPlan(kind=kind, period=Period(start=DAY, end=DAY)))
    figures.close()
    assert book.verify().ok


def test_no_migration_breaks_them() -> None:
    for path in sorted((Path(migrations.__file__).parent / "versions").glob("*.py")):
        for what, pattern in BANNED.items():
            assert not re.search(pattern, path.read_text("utf-8").replace("->", ""), re.IGNORECASE), (path.name, what)
