"""Copies and moves while others write, and ones that are killed: no ticket that was acknowledged is lost, no two
databases can be written to, and what was cut short goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ledger import moving
from ledger.backup import backup
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.errors import BookMoved
from ledger.exports.log import Made
from ledger.exports.store_days import Selection
from ledger.moving import copy, move
from ledger.proofs.store_days import store_days
from tests.builders import AT, balances, keep_bytes, make_book, post, ticket
from tests.ledger.test_verify import fill
from tests.postgres import Cluster

ON_EVERY_ENGINE = True
ROOT = Path(__file__).parents[2]

WRITER = """
import sys; from pathlib import Path; from ledger.book import Book; from ledger.errors import BookMoved
from tests.builders import keep_bytes, post, ticket
book = Book.open(Path(sys.argv[1]))
try:
    for number in range(100_000):
        keep_bytes(book, f"meanwhile {number}".encode(), f"{number}.csv")
        assert post(book, ticket(f"meanwhile-{number}")).posted == 1
        print(f"meanwhile-{number}", flush=True)
except BookMoved as error:
    print("moved:", error, flush=True)
"""
"""Keeps documents and posts without end; says each ticket once it was acknowledged, and that the book has moved."""

KILLED = """
import os, signal, sys; from pathlib import Path; from ledger import moving; from ledger.book import Book
what, folder, target, url, step = sys.argv[1:6]
whole = getattr(moving, step)
def dies(*given):
    if step == "_bring":  # whose own transaction is done
        whole(*given)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(moving, step, dies)
book = Book.open(Path(folder))
moving.copy(book, Path(target), url or None) if what == "copy" else moving.move(book, url or None)
"""
"""Copies or moves a book, and is killed in a step of it: with the new rows committed, before the fence is lifted, or
before ``book.toml`` is written."""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    fill(made)
    yield made
    made.close()


@pytest.fixture
def url(postgresql: Cluster) -> str:
    return postgresql.url(postgresql.database())


@pytest.fixture
def writer(book: Book) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the book open and has posted to it already."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(book.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "meanwhile-0\n"
    yield process
    process.kill()
    process.communicate()


def tickets(book: Book) -> set[str]:
    return {name for chunk in book.committed() for name in chunk.tickets["external_id"].to_list()}


def assert_as_it_was(copied: Book, original: Book) -> None:
    """That a copy is whole, and what its original was after the copy's last commit."""
    seq, hash_ = copied.head().seq, copied.head().hash
    assert copied.verify().problems == ()
    assert original.hash_of(seq) == hash_
    with original.snapshot() as connection:
        roots = {(one.store, one.business_date): one.root.hex() for one in store_days(connection, original.id, seq)}
    assert copied.store_day_roots() == roots


def state(book: Book) -> tuple[object, ...]:
    """What must be the same wherever the book is: chain, roots, balances as they are stored and as they add up."""
    outcome = book.verify()
    assert outcome.ok, outcome.problems
    with book.snapshot() as connection:
        stored = connection.exec_driver_sql(
            f"SELECT account, currency, store, business_date, amount_minor FROM balances WHERE book_id = '{book.id}' "
            "ORDER BY account, currency, store, business_date"
        ).fetchall()
    links = [(seq, book.hash_of(seq)) for seq in range(1, book.head().seq + 1)]
    return links, book.store_day_roots(), [tuple(row) for row in stored], balances(book), outcome


def test_a_copy_while_another_process_writes_is_the_book_at_one_moment(
    book: Book, writer: subprocess.Popen[str], url: str, tmp_path: Path
) -> None:
    for number, into in enumerate((None, url)):
        copy(book, tmp_path / f"copy {number}", into)
        copied = Book.open(tmp_path / f"copy {number}")
        assert "meanwhile-0" in tickets(copied)
        assert_as_it_was(copied, book)
        assert post(copied, ticket("its own")).posted == 1
        copied.close()
    assert writer.poll() is None  # it was refused nothing


def test_what_is_kept_between_two_steps_of_a_copy_is_all_in_it_or_not_at_all(
    book: Book, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Book.open(book.path)

    def then_write(step: str) -> None:
        whole: Callable[..., object] = getattr(moving, step)

        def written(*given: object) -> object:
            done = whole(*given)
            keep_bytes(live, step.encode(), f"{step}.csv")
            post(live, ticket(f"after {step}"))
            return done

        monkeypatch.setattr(moving, step, written)

    for step in ("_copy_documents", "_claim", "_bring"):
        then_write(step)
    for number, into in enumerate((None, url)):
        copy(book, tmp_path / f"copy {number}", into)
        copied = Book.open(tmp_path / f"copy {number}")
        assert_as_it_was(copied, book)
        assert copied.head().seq < book.head().seq
        copied.close()
    live.close()


def test_a_process_that_had_the_book_open_is_refused_after_a_move_and_nothing_acknowledged_is_lost(
    book: Book, writer: subprocess.Popen[str], url: str
) -> None:
    move(book, url)
    said, _ = writer.communicate(timeout=60)
    *acknowledged, last = said.splitlines()
    assert last.startswith(f"moved: the truth of the book test is not in this database, but at {url}; nothing was")
    assert writer.returncode == 0
    moved = Book.open(book.path)
    assert moved.settings.truth.url == url
    assert tickets(moved) >= {"meanwhile-0", *acknowledged}
    assert tickets(moved) == tickets(book)
    assert moved.verify().ok
    moved.close()


WRITES: list[Callable[[Book], object]] = [
    lambda book: book.keep_document(DocumentRecord("ab" * 32, "late.csv", "text/csv", 1, 0, AT)),
    lambda book: book.begin_intake(book.documents()[0].id, "pos", AT),
    lambda book: post(book, ticket("late")),
    lambda book: book.change_period(date(2026, 10, 6), date(2026, 10, 7), "locked", by="Ada", reason="", at=AT),
    lambda book: book.remember_export(Made("beancount", Selection(1), None, None, 0, 0, "ab" * 32), AT),
    lambda book: copy(book, book.path.with_name("a copy"), None),
    lambda book: backup(book, book.path.with_name("backup.tar")),
    lambda book: move(book, "postgresql://nobody@/elsewhere?host=/nowhere"),
]


def test_rows_that_stayed_behind_are_read_but_neither_written_nor_taken_for_the_book(
    book: Book, url: str, tmp_path: Path
) -> None:
    before = state(book)
    move(book, url)
    for write in WRITES:
        with pytest.raises(BookMoved, match=r"not in this database, but at postgresql://"):
            write(book)
    assert state(book) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["book"]


@pytest.mark.parametrize("step", ["_bring", "_lift", "point"])
def test_a_move_that_is_killed_goes_on_when_it_is_done_again(book: Book, url: str, step: str) -> None:
    old = Book.open(book.path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "move", str(book.path), "", url, step], cwd=ROOT, check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    again = Book.open(book.path)
    assert again.settings.truth.url == book.settings.truth.url  # it points where it did
    if step == "_bring":  # the old rows are the book still, and go on
        assert post(old, ticket("after the kill")).posted == 1
    else:
        with pytest.raises(BookMoved, match="move the book there again"):
            post(old, ticket("after the kill"))
    before = state(again)
    assert move(again, url).seq == old.head().seq
    with pytest.raises(BookMoved):
        post(old, ticket("late"))
    for one in (again, old):
        one.close()
    moved = Book.open(book.path)
    assert moved.settings.truth.url == url
    assert state(moved) == before
    assert post(moved, ticket("later")).posted == 1
    assert moved.verify().ok
    moved.close()
