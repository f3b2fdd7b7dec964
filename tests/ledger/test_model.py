"""A book against a model of it: any sequence of deliveries and closes, and after each step it is what the model says.

The model is ``tests/ledger/model/expected.py``; the steps and what must hold are ``tests/ledger/model/machine.py``.
"""

from __future__ import annotations

import os

import pytest

from ledger.book import Book
from tests import truths
from tests.builders import keep_bytes, make_book
from tests.ledger.model.machine import Fresh, run

ON_EVERY_ENGINE = True
SEQUENCES = {"sqlite": 110 if os.environ.get("CI") else 15}
SEQUENCES_ELSEWHERE = 8
"""A sequence of ten steps takes 0.7 s of a core: each step is durable commits, read back. The ten thousand that
a long run takes are ``pytest -m slow`` here and ``python -m bench.faults --only model``."""
LONG = 10_000


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Books that are copies of one: copying is far faster than making one."""
    blank = tmp_path_factory.mktemp("model") / "book"
    book = make_book(blank)
    keep_bytes(book, b"model")
    book.close()
    return lambda folder: Book.open(truths.copied(blank, folder))


@pytest.mark.timeout(900)
def test_a_book_is_what_the_model_says_whatever_is_delivered(engine: str, fresh: Fresh) -> None:
    run(fresh, sequences=SEQUENCES.get(engine, SEQUENCES_ELSEWHERE), steps=10)


def test_a_book_is_what_the_model_says_after_many_steps(engine: str, fresh: Fresh) -> None:
    run(fresh, sequences=2, steps=40)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_a_book_is_what_the_model_says_for_a_long_time(engine: str, fresh: Fresh) -> None:
    run(fresh, sequences=LONG if engine == "sqlite" else LONG // 100, steps=10)
