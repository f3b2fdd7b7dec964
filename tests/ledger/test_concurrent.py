"""Many writers of one hot account: no update is lost, on any engine, from threads and from processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.book import Book
from tests import truths
from tests.builders import AT, balances, line, make_book, sale_batch, ticket

ON_EVERY_ENGINE = True
ROOT = Path(__file__).parents[2]
POSTS = 3


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


def stored(book: Book) -> dict[str, int]:
    """The balances as the table has them, which every writer adds to."""
    found = truths.rows(book, "SELECT account, sum(amount_minor) FROM balances GROUP BY account ORDER BY account")
    return {account: int(amount) for account, amount in found if amount}


def check(book: Book, amount: int, commits: int) -> None:
    expected = {"assets:clearing:card": amount, "income:sales": -amount}
    assert balances(book) == expected
    assert stored(book) == expected
    assert book.head().seq == commits
    assert book.verify().problems == ()


@pytest.mark.parametrize("writers", [2, 16, 64])
def test_threads_that_post_to_one_account_lose_no_update(book: Book, writers: int) -> None:
    document = book.documents()[0].id
    intake = book.begin_intake(document, "pos", AT)
    start = threading.Barrier(writers)

    def write(number: int) -> int:
        start.wait()
        amount = 0
        for one in range(POSTS):
            cents = 100 + number * POSTS + one
            batch = sale_batch(ticket(f"{number}-{one}", lines=[line(cents)]))
            amount += cents * book.post(batch, intake=intake, at=AT, last=False).posted
        return amount

    with ThreadPoolExecutor(writers) as pool:
        amount = sum(pool.map(write, range(writers)))
    assert amount == sum(range(100, 100 + writers * POSTS))
    check(book, amount, writers * POSTS)


def test_processes_that_post_to_one_account_lose_no_update(book: Book) -> None:
    """Four at once; each also sends what its neighbour sends."""
    script = (
        "import sys; from pathlib import Path; from ledger.book import Book\n"
        "from tests.builders import post, ticket, line\n"
        "book, own = Book.open(Path(sys.argv[1])), int(sys.argv[2])\n"
        "for n in range(4): post(book, ticket(f'{own}-{n}', lines=[line(1000 + n)]), ticket(f'shared-{n}'))\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(book.path), str(n)], cwd=ROOT, stderr=subprocess.PIPE)
        for n in range(4)
    ]
    for process in others:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    check(book, 4 * (1000 + 1001 + 1002 + 1003) + 4 * 1000, 16)
