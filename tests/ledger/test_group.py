"""Group commit: many threads, few commits, each ticket once, nobody answered before it is durable."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.errors import PostingError
from ledger.group import GroupCommit
from tests.builders import AT, balances, make_book, sale_batch, ticket

ON_EVERY_ENGINE = True


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


def gathering(book: Book) -> GroupCommit:
    return GroupCommit(book, book.begin_intake(book.documents()[0].id, "pos", AT))


def test_tickets_that_come_one_to_five_times_from_fifty_threads_are_posted_once_each(book: Book) -> None:
    seed = random.randrange(1 << 30)
    print("seed", seed)
    draws = random.Random(seed)
    deliveries = [number for number in range(60) for _ in range(draws.randint(1, 5))]
    draws.shuffle(deliveries)
    group = gathering(book)

    def deliver(number: int) -> None:
        commit = group.post(sale_batch(ticket(str(number))), at=AT)
        assert book.find_ticket(str(number)), "answered before it was durable"
        assert book.head().seq >= commit.seq

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(deliver, deliveries))
    assert balances(book) == {"assets:clearing:card": 60_000, "income:sales": -60_000}
    assert [len(book.find_ticket(str(number))) for number in range(60)] == [1] * 60
    assert book.head().seq < len(deliveries)
    assert sum(feed.received for feed in book.feeds()) == len(deliveries)
    assert book.verify().ok


def test_a_wrong_batch_fails_alone(book: Book) -> None:
    group = gathering(book)
    wrong = ticket("wrong", tenders=[{"type": "card", "amount_minor": 999}])

    def deliver(number: int) -> bool:
        given = wrong if number % 10 == 0 else ticket(str(number))
        try:
            group.post(sale_batch(given), at=AT)
        except PostingError as error:
            assert "off by -1" in str(error)
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        posted = list(pool.map(deliver, range(40)))
    assert posted == [number % 10 != 0 for number in range(40)]
    assert balances(book)["income:sales"] == -36_000
    assert book.find_ticket("wrong") == []
