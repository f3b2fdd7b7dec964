"""The command line with truth in PostgreSQL: the same as with SQLite, also when the server stops in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.pipeline import take
from ledger.book import Book
from tests import truths
from tests.builders import balances, make_book
from tests.ingest.shop import AT, MAPPING, export, row
from tests.postgres import Cluster, cluster

TILLPROOF = [sys.executable, "-m", "assistant.cli"]


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """A cluster that may be stopped."""
    with cluster() as made:
        yield made


@pytest.fixture
def shop(tmp_path: Path) -> tuple[list[Path], Path]:
    """Two months of a shop, and the mapping of both: with a ticket that is in both, one that is changed later, one that
    comes back, and one that does not add up."""
    october = [row(str(number)) for number in range(40)] + [row("x", Paid="9.00")]
    november = [row(f"n{number}", Closed="2026-11-02 09:00:00", Store="Airport", Tender="cash") for number in range(40)]
    november += [
        row("3"),
        row("5", Changed="2026-11-02 10:00:00", Tender="cash"),
        row("r", Type="REFUND", Qty="-2", Disc="-1.00", Tax="-0.72", Paid="-9.72"),
    ]
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8")
    files = [export(tmp_path / "october.csv", october), export(tmp_path / "november.csv", november)]
    return files, tmp_path / "shop.toml"


def new_book(path: Path, running: Cluster | None) -> Book:
    truths.use(running)
    book = make_book(path)
    truths.use(None)
    return book


def ingest(book: Book, files: list[Path], mapping: Path) -> dict[str, Any]:
    command = ["ingest", str(book.path), *map(str, files), "--source", "shop", "--mapping", str(mapping), "--json"]
    done = subprocess.run([*TILLPROOF, *command], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    del report["seconds"]
    return report


def test_the_same_files_give_the_same_book_by_command_on_either(
    running: Cluster, shop: tuple[list[Path], Path], tmp_path: Path
) -> None:
    books = [new_book(tmp_path / "sqlite", None), new_book(tmp_path / "postgresql", running)]
    for expected in (
        {"records": 84, "posted": 81, "duplicates": 1, "versions": 1, "quarantined": 1},
        {"records": 84, "posted": 0, "duplicates": 83, "versions": 0, "quarantined": 1},
    ):
        reports = [ingest(book, *shop) for book in books]
        assert reports[0] == reports[1]
        assert {name: reports[0][name] for name in expected} == expected
        assert books[0].store_day_roots() == books[1].store_day_roots()
        assert balances(books[0]) == balances(books[1])
    for book in books:
        assert book.verify().problems == ()
        book.close()


def test_the_same_files_at_the_same_time_give_the_same_chain_on_either(
    running: Cluster, shop: tuple[list[Path], Path], tmp_path: Path
) -> None:
    books = [new_book(tmp_path / "sqlite", None), new_book(tmp_path / "postgresql", running)]
    files, mapping = shop
    for book in books:
        take(book, files[:1], source="shop", mapping=mapping, at=AT)
        take(book, files[1:], source="shop", mapping=None, at=AT)
    assert books[0].head() == books[1].head()
    assert books[0].head().seq >= 2
    assert books[0].store_day_roots() == books[1].store_day_roots()
    for book in books:
        book.close()


def test_a_server_that_is_started_again_in_the_middle_of_an_ingest_is_said_and_the_same_command_completes_it(
    running: Cluster, shop: tuple[list[Path], Path], tmp_path: Path
) -> None:
    calm, book = new_book(tmp_path / "calm", None), new_book(tmp_path / "book", running)
    ingest(calm, *shop)
    sleep_at_the_second_commit(book)
    files, mapping = shop
    command = ["ingest", str(book.path), *map(str, files), "--source", "shop", "--mapping", str(mapping)]
    process = subprocess.Popen([*TILLPROOF, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_it_sleeps(book)
    running.stop("fast")
    said, error = process.communicate(timeout=60)
    assert process.returncode == 1, (said, error)
    assert error.startswith("tillproof: the book's database at postgresql://")
    assert "do the same again" in error
    assert len(error.splitlines()) == 1, error
    running.start()
    assert book.head().seq == 1
    assert book.verify().problems == ()
    again = ingest(book, *shop)
    assert (again["posted"], again["duplicates"]) == (41, 41)
    assert balances(book) == balances(calm)
    assert book.store_day_roots() == calm.store_day_roots()
    assert book.verify().problems == ()
    book.close()
    calm.close()


def sleep_at_the_second_commit(book: Book) -> None:
    with psycopg.connect(str(book.settings.truth.url), autocommit=True) as connection:
        for statement in (
            "CREATE SEQUENCE commits_begun",
            """CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('commits_begun') = 2 THEN PERFORM pg_sleep(100); END IF; RETURN NULL; END $$""",
            "CREATE TRIGGER sleeping BEFORE INSERT ON postings FOR EACH STATEMENT EXECUTE FUNCTION sleep()",
        ):
            connection.execute(statement)


def until_it_sleeps(book: Book) -> None:
    with psycopg.connect(str(book.settings.truth.url), autocommit=True) as connection:
        for _ in range(600):
            asleep = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").fetchone()
            if asleep == (1,):
                return
            time.sleep(0.1)
    raise AssertionError("the second commit never began")
