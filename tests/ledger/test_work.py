"""How much of a book a commit has to look through: no more for a large book than for a small one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from ledger.book import Book
from ledger.figures import following
from tests import truths
from tests.builders import make_book, post, ticket
from tests.postgres import Cluster


@contextmanager
def counted_steps(book: Book) -> Iterator[list[int]]:
    """Hundreds of steps of SQLite's machine that the book's writer takes meanwhile."""
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, 100)

    event.listen(book.truth.writer, "checkout", watch)
    try:
        yield steps
    finally:
        event.remove(book.truth.writer, "checkout", watch)


def steps_of_taking_again(folder: Path, tickets: int) -> int:
    book = make_book(folder)
    known = [ticket(f"{number:06}") for number in range(tickets)]
    post(book, *known)
    with counted_steps(book) as steps:
        assert post(book, *known[:40]).duplicates == 40
    book.close()
    return steps[0]


def test_looking_up_what_comes_again_costs_no_more_in_a_large_book(tmp_path: Path) -> None:
    small, large = (steps_of_taking_again(tmp_path / str(tickets), tickets) for tickets in (50, 4_000))
    assert small > 0
    assert large < 2 * small


def test_postgresql_looks_known_tickets_up_one_by_one(postgresql: Cluster, tmp_path: Path) -> None:
    truths.use(postgresql)
    try:
        book = make_book(tmp_path / "book")
    finally:
        truths.use(None)
    known = [ticket(f"{number:06}") for number in range(4_000)]
    post(book, *known)
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if "tickets.version_stamp" in statement and not statement.startswith("EXPLAIN"):
            told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT TEXT) {statement}", parameters).scalars()
            plans.append("\n".join(told))

    event.listen(book.truth.writer, "before_cursor_execute", explain)
    assert post(book, *known[100:140]).duplicates == 40
    book.close()
    assert len(plans) == 1
    assert "Rows Removed by Filter" not in plans[0]
    assert "loops=40" in plans[0]


def test_figures_that_follow_read_no_rows_back(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(following, "GATHERED", 1)
    book = make_book(tmp_path / "book")
    said: list[str] = []
    with following.following(book) as tell:
        tell(post(book, ticket("1")))
        event.listen(book.truth.reader, "before_cursor_execute", lambda *given: said.append(given[2]))
        for number in range(2, 6):
            tell(post(book, ticket(str(number))))
    assert said
    assert not [one for one in said if "FROM postings" in one or "FROM lines" in one or "FROM entries" in one]
    book.close()
