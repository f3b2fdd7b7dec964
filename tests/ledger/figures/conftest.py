"""The book of the figures' tests, for modules that ask it more than its metrics."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.figures import Figures
from tests.builders import post
from tests.ledger.figures.test_figures import TICKETS, settled


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figures]:
    book = settled(tmp_path_factory.mktemp("figures") / "book")
    post(book, *TICKETS)
    opened = Figures.open(book)
    opened.catch_up()
    yield opened
    opened.close()
    book.close()
