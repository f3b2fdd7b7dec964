"""A PostgreSQL that is read-only, full, stopped or gone: an error of the book in a sentence, nothing half-written, and
the same again completes it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ledger import bulk
from ledger.book import Book
from ledger.errors import BookBusy, BookUnwritable
from ledger.truth import postgresql as on_postgresql
from tests import truths
from tests.builders import balances, make_book, post, ticket
from tests.disks import fill_up, small_disk
from tests.driver import BREAK, failing
from tests.ledger.test_disk import run
from tests.postgres import Cluster, cluster


@pytest.fixture
def book(postgresql: Cluster, tmp_path: Path) -> Iterator[Book]:
    truths.use(postgresql)
    made = make_book(tmp_path / "book")
    truths.use(None)
    post(made, ticket("1"))
    yield made
    made.close()


def assert_a_sentence(error: BaseException) -> None:
    assert "\n" not in str(error)
    assert str(error).startswith("the book's database at postgresql://")
    assert "do the same again" in str(error)


def administer(book: Book, *statements: str) -> None:
    with psycopg.connect(str(book.settings.truth.url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_a_read_only_database_refuses_in_a_sentence_and_can_be_read(book: Book) -> None:
    book.close()
    head = book.head()
    name = book.truth.reader.url.database
    administer(book, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    book.close()
    try:
        with pytest.raises(BookUnwritable, match=r"is read-only: .*nothing of it was posted") as error:
            post(book, ticket("2"))
        assert_a_sentence(error.value)
        file = book.path / "day.csv"
        file.write_text("No,Store\n1,Downtown\n", encoding="utf-8")
        assert "is read-only" in run("ingest", book.path, file, "--source", "shop")
        assert book.head() == head
        assert book.verify().problems == ()
    finally:
        administer(book, "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET ALL")
    book.close()
    assert post(book, ticket("2")).posted == 1


def test_a_right_that_is_lacking_is_named(book: Book) -> None:
    administer(book, "CREATE ROLE onlooker LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker")
    settings = book.path / "book.toml"
    settings.write_text(settings.read_text("utf-8").replace("postgres@", "onlooker@"), encoding="utf-8")
    looked = Book.open(book.path)
    assert looked.head() == book.head()
    with pytest.raises(BookUnwritable, match="not allow it to this role: permission denied for table") as error:
        post(looked, ticket("2"))
    assert_a_sentence(error.value)
    looked.close()


def test_a_connection_that_breaks_at_any_statement_leaves_nothing_behind(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every statement of a post, one after the other."""
    monkeypatch.setattr(bulk, "ROWS_FEW", 0)  # so that its rows go in by COPY, as many do
    head, broken = book.head(), []
    for number in range(60):
        intake_was_begun = iter([True])
        with failing(book, lambda one=intake_was_begun, at=number: -1 if next(one, False) else at, BREAK) as failed:
            try:
                post(book, ticket("2"))
                break
            except BookUnwritable as error:
                assert "broke off the connection" in str(error)
                assert_a_sentence(error)
                broken += failed
        assert book.head() == head
    assert {statement.split()[0] for statement in broken} == {"SELECT", "INSERT", "UPDATE", "COPY"}
    assert book.head().seq == head.seq + 1
    assert book.verify().problems == ()


def test_a_connection_that_breaks_at_the_commit_leaves_all_or_nothing(book: Book) -> None:
    head = book.head()
    administer(
        book,
        "CREATE SEQUENCE broken",
        f"""CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('broken') = 1 THEN PERFORM 1 FROM ({BREAK}) AS broken; END IF; RETURN NULL; END $$""",
        "CREATE CONSTRAINT TRIGGER broken AFTER INSERT ON commits DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION break_off()",
    )
    with pytest.raises(BookUnwritable, match="whole or not at all") as error:
        post(book, ticket("2"))
    assert_a_sentence(error.value)
    assert book.head() == head
    assert post(book, ticket("2")).posted == 1
    assert book.verify().problems == ()


def test_a_lock_that_another_one_keeps_is_a_busy_book(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_postgresql, "LOCK_TIMEOUT_MS", 100)
    own = Book.open(book.path)
    with book.truth.writer.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM book_head FOR UPDATE")
        with pytest.raises(BookBusy, match="being written by another process"):
            post(own, ticket("2"))
    own.close()


def test_a_server_that_was_started_again_between_two_commits_is_not_noticed(tmp_path: Path) -> None:
    with cluster() as running:
        truths.use(running)
        book = make_book(tmp_path / "book")
        truths.use(None)
        post(book, ticket("1"))
        running.stop("fast")
        with pytest.raises(BookUnwritable, match=r"cannot be reached: .*; start it"):
            post(book, ticket("2"))
        assert "cannot be reached" in run("verify", book.path)
        running.start()
        assert post(book, ticket("2")).posted == 1
        assert book.verify().problems == ()
        book.close()


@pytest.mark.parametrize(("full", "said"), [("tables", "No space left"), ("all", "the book's database")])
def test_a_full_disk_under_the_cluster_stops_posting_and_posting_goes_on_when_there_is_room(
    full: str, said: str, tmp_path: Path
) -> None:
    """With room left for the log the table cannot grow; without, the server itself may stop and recover."""
    place = Path(tempfile.mkdtemp(prefix="pg-disk-"))
    place.chmod(0o755)
    try:
        with small_disk(place / "disk", 96) as disk:
            log = ("--waldir", str(place / "log")) if full == "tables" else ()
            shutil.chown(place, "postgres")
            with cluster("autovacuum=off", disk=disk, initdb=("--wal-segsize=1", *log)) as running:
                book = posting_until_full(running, disk, tmp_path, said)
                book.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def posting_until_full(running: Cluster, disk: Path, folder: Path, said: str) -> Book:
    truths.use(running)
    book = make_book(folder / "book")
    truths.use(None)
    ballast, posted = fill_up(disk, leave=1_500_000), 0
    with pytest.raises(BookUnwritable, match=said) as error:
        for number in range(10_000):
            post(book, *(ticket(f"{number}-{one}") for one in range(200)))
            posted += 200
    assert_a_sentence(error.value)
    ballast.unlink()
    if not running.running():
        running.start()
    until_it_answers(book)
    assert balances(book) == ({"assets:clearing:card": 1000 * posted, "income:sales": -1000 * posted} if posted else {})
    assert book.verify().problems == ()
    assert post(book, ticket("0-0"), ticket("more")).records == 2
    assert book.verify().problems == ()
    return book


def until_it_answers(book: Book) -> None:
    """A server that stopped at a full disk recovers by itself."""
    for _ in range(100):
        try:
            book.head()
            return
        except BookUnwritable:
            time.sleep(0.1)
