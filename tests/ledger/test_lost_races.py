"""Lost races on PostgreSQL, wherever they come: the whole piece of work is run again, and nothing but time is lost."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from ledger import bulk, truth
from ledger.book import Book
from ledger.bulk import fetch
from ledger.errors import BookError
from ledger.tables import postings
from ledger.truth import transact
from tests import truths
from tests.builders import keep_bytes, make_book, post, ticket
from tests.driver import LOST_RACES, failing, lose
from tests.ledger.test_laws import Row, adds_up, deliver, deliveries, histories
from tests.ledger.test_verify import fill
from tests.postgres import Cluster

LEVELS = ("read committed", "serializable")
TIMES = 3
NUMBERS = count(1)
HISTORIES = histories(most=3)


@pytest.fixture(autouse=True, scope="module")
def copied_in() -> Iterator[None]:
    """The few rows of these books go in by COPY, as many rows do; the statement for few is one like any other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "ROWS_FEW", 0)
        yield


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The filled book that nobody disturbed."""
    made = make_book(tmp_path_factory.mktemp("calm") / "book")
    fill(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory, postgresql: Cluster) -> dict[str, Path]:
    """Empty books to be copied, one for each level."""
    folder = tmp_path_factory.mktemp("blank")
    made = {level: folder / level for level in LEVELS}
    for level in LEVELS:
        truths.use(postgresql, level)
        make_book(made[level]).close()
    truths.use(None)
    return made


@pytest.fixture(params=LEVELS)
def book(request: pytest.FixtureRequest, blank: dict[str, Path], postgresql: Cluster, tmp_path: Path) -> Iterator[Book]:
    truths.use(postgresql)
    made = Book.open(truths.copied(blank[request.param], tmp_path / "book"))
    truths.use(None)
    yield made
    made.close()


def assert_equal(book: Book, calm: Book) -> None:
    assert book.head() == calm.head()
    assert book.store_day_roots() == calm.store_day_roots()
    assert book.verify().problems == ()


@contextmanager
def failing_in_turn(book: Book) -> Iterator[list[str]]:
    """Let each transaction fail at its first statement, then at its second, and so on, until it has none left."""
    last = [-1]

    def when() -> int:
        last[0] += 1
        return last[0]

    event.listen(book.truth.writer, "commit", lambda _: last.__setitem__(0, -1))
    with failing(book, when) as failed:
        yield failed


# --- raised by the server itself --------------------------------------------------------------------------------------


def refuse(book: Book, table: str, code: str, *, at_commit: bool) -> None:
    """Let the server refuse what is inserted into a table, when it is or at the commit, so many ``TIMES``.

    A sequence counts: what is taken from it is not put back when a transaction is.
    """
    when = (
        f"CONSTRAINT TRIGGER refusal AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        if at_commit
        else f"TRIGGER refusal BEFORE INSERT ON {table} FOR EACH STATEMENT"
    )
    with psycopg.connect(str(book.settings.truth.url), autocommit=True) as connection:
        for statement in (
            "CREATE SEQUENCE refusals",
            f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('refusals') <= {TIMES} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END IF;
                RETURN NULL; END $$""",
            f"CREATE {when} EXECUTE FUNCTION refuse()",
        ):
            connection.execute(statement.encode())


@pytest.mark.parametrize("code", LOST_RACES)
@pytest.mark.parametrize(("table", "at_commit"), [("postings", False), ("postings", True), ("commits", True)])
def test_a_race_lost_in_a_copy_or_at_the_commit_is_run_again(
    book: Book, calm: Book, table: str, at_commit: bool, code: str
) -> None:
    refuse(book, table, code, at_commit=at_commit)
    fill(book)
    assert truths.rows(book, f"SELECT last_value > {TIMES} FROM refusals") == [(True,)]
    assert_equal(book, calm)


# --- raised in place of a statement -----------------------------------------------------------------------------------


def test_a_race_lost_at_each_statement_in_turn_changes_nothing(
    book: Book, calm: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(truth, "WAIT_LONGEST_S", 0)
    monkeypatch.setattr(truth, "ATTEMPTS_MAX", 1000)
    with failing_in_turn(book) as failed:
        fill(book)
    assert {statement.split()[0] for statement in failed} == {"SELECT", "INSERT", "UPDATE", "COPY"}
    assert {statement.split()[1] for statement in failed if statement.startswith("COPY")} > {"postings", "entries"}
    assert_equal(book, calm)


def test_a_race_lost_while_rows_are_copied_out_is_run_again(book: Book) -> None:
    post(book, ticket("1"))
    query = select(postings.c.account, postings.c.amount_minor).where(postings.c.book_id == book.id)
    schema = pl.Schema({"account": pl.String(), "amount_minor": pl.Int64()})
    with failing_in_turn(book) as failed:
        found = transact(book.truth.writer, lambda connection: fetch(connection, query, schema))
    assert [statement.split()[0] for statement in failed] == ["COPY"]
    assert found["amount_minor"].sum() == 0
    assert found.height == 2


@pytest.mark.parametrize("level", LEVELS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), chance=st.sampled_from([0.1, 0.2, 0.3]), seed=st.integers(0, 2**16))
def test_any_history_in_any_order_comes_to_the_same_book_under_lost_races(
    level: str, shared: dict[str, dict[str, str]], data: st.DataObject, chance: float, seed: int
) -> None:
    """Each statement of each transaction is lost with some chance."""
    tickets, events = data.draw(HISTORIES)
    records = [*(("ticket", one) for one in tickets), *(("event", one) for one in events)]
    batches = data.draw(deliveries(records))
    draws = random.Random(seed)

    def when() -> int:
        return next((number for number in range(40) if draws.random() < chance / 4), -1)

    with opened(shared["calm"]) as calm, opened(shared[level], calm.id) as book:
        expected = [taken(calm, batch, number) for number, batch in enumerate(batches)]
        with failing(book, when):
            assert [taken(book, batch, number) for number, batch in enumerate(batches)] == expected
        assert_equal(book, calm)


@pytest.fixture(scope="module")
def shared(postgresql: Cluster) -> dict[str, dict[str, str]]:
    """Databases for many books each: making a book in one is far faster than making a database."""
    made = {}
    for name, level in (("calm", LEVELS[0]), *zip(LEVELS, LEVELS, strict=True)):
        truths.use(postgresql, level)
        made[name] = truths.tables()["truth"]
    truths.use(None)
    return made


@contextmanager
def opened(truth: dict[str, str], id: str | None = None) -> Iterator[Book]:
    """A new book in a shared database."""
    with tempfile.TemporaryDirectory(prefix="book-") as folder:
        named = {"id": id or f"book-{next(NUMBERS)}", "name": "Test", "currency": "USD"}
        book = Book.create_from(Path(folder) / "book", {"book": named, "truth": truth})
        keep_bytes(book, b"")
        try:
            yield book
        finally:
            book.close()


def taken(book: Book, batch: list[tuple[str, Row]], hours: int) -> tuple[int, str]:
    tickets, events = ([one for what, one in batch if what == wanted] for wanted in ("ticket", "event"))
    commit = deliver(book, tickets, events, hours=hours)
    assert adds_up(commit)
    return commit.seq, commit.hash


# --- no race at all ---------------------------------------------------------------------------------------------------


def test_a_key_that_stays_taken_is_no_busy_book(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the head row was put back, by hand or from another day's backup, and the commits were not."""
    monkeypatch.setattr(truth, "ATTEMPTS_MAX", 3)
    post(book, ticket("1"))
    head = book.head()
    with psycopg.connect(str(book.settings.truth.url)) as connection:
        connection.execute("UPDATE book_head SET seq = 0")
    with pytest.raises(
        BookError, match=r"has a row already where the next one belongs \(.*Key .*tillproof verify"
    ) as error:
        post(book, ticket("2"))
    assert type(error.value) is BookError
    assert "\n" not in str(error.value)
    with psycopg.connect(str(book.settings.truth.url)) as connection:
        connection.execute("UPDATE book_head SET seq = %s", (head.seq,))
    assert book.head() == head
    assert post(book, ticket("2")).posted == 1
    assert book.verify().problems == ()


def test_a_race_that_only_is_lost_ends(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "ATTEMPTS_MAX", 3)
    for code in LOST_RACES:
        with failing(book, lambda: 0, lose(code)) as failed, pytest.raises(BookError):
            post(book, ticket("1"))
        assert len(failed) == 3
