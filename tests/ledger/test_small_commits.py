"""A batch of one, of none of a kind, or out of order takes the path of every other, and seals the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ledger.batch import Held, SaleBatch
from ledger.book import Book
from ledger.errors import PostingError
from tests.builders import AT, DAY, balances, event, line, make_book, post, sale_batch, ticket

ON_EVERY_ENGINE = True
COUNT = 40
"""More than PostgreSQL takes by a statement a row, so that the whole goes another way than the parts."""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


def day_of_trade() -> list[dict[str, Any]]:
    draws = random.Random(7)
    tickets = []
    for number in range(COUNT):
        lines = [line(draws.randint(1, 5000), cost_minor=draws.choice([None, 40])) for _ in range(draws.randint(1, 4))]
        if number % 5 == 0:
            lines += [line(-700), line(300, kind="gift_card"), line(900, voided=True), line(500, discount_kind="comp")]
        kind = {"kind": "void_before_tender"} if number % 9 == 8 else {}
        given = {"tip_minor": draws.choice([None, 100]), "business_date": DAY + timedelta(days=number % 3), **kind}
        tickets.append(ticket(f"t-{number}", lines=lines, tax=draws.choice([0, 86]), store=f"S{number % 2}", **given))
    return tickets


def seals_and_sums(book: Book) -> tuple[dict[tuple[str, str], str], dict[str, int]]:
    assert book.verify().ok, book.verify().problems
    return book.store_day_roots(), balances(book)


def test_one_by_one_and_all_at_once_seal_the_same(tmp_path: Path) -> None:
    tickets = day_of_trade()
    with_event = [event("c-1", counted_minor=900, expected_minor=1000)]
    outcomes = []
    for name, groups in {"whole": [tickets], "single": [[one] for one in tickets]}.items():
        made = make_book(tmp_path / name)
        for group in groups:
            post(made, *group)
        post(made, events=with_event)
        outcomes.append(seals_and_sums(made))
        made.close()
    assert outcomes[0] == outcomes[1]


def test_rows_in_any_order_make_the_same_commit(tmp_path: Path) -> None:
    batch = sale_batch(*day_of_trade())
    shuffled = replace(
        batch, **{name: getattr(batch, name).sample(fraction=1, shuffle=True, seed=3) for name in ("lines", "tenders")}
    )
    hashes = []
    for name, given in {"ordered": batch, "shuffled": shuffled}.items():
        made = make_book(tmp_path / name)
        intake = made.begin_intake(made.documents()[0].id, "pos", AT)
        hashes.append(made.post(given, intake=intake, at=AT, last=True).hash)
        assert made.verify().ok, made.verify().problems
        made.close()
    assert hashes[0] == hashes[1]


def test_batches_that_are_joined_are_those_tickets_in_one_batch() -> None:
    tickets = day_of_trade()
    events = [event("c-1"), event("c-2", kind="no_sale")]
    held = Held("ignored", "empty-row", "nothing in it", "", "row 9", "pos")
    nothing = SaleBatch.empty()
    parts = [nothing, *(sale_batch(one) for one in tickets), replace(nothing, held=(held,)), sale_batch(events=events)]
    joined, whole = SaleBatch.joined(parts).checked(), sale_batch(*tickets, events=events)
    for each in fields(SaleBatch):
        found, wanted = getattr(joined, each.name), getattr(whole, each.name)
        if isinstance(found, pl.DataFrame):
            places = [name for name in ("locator",) if name in found.columns]  # each part counted its rows from the top
            assert found.drop(places).equals(wanted.drop(places)), each.name
    assert joined.held == (held,)
    assert joined.records == COUNT + len(events) + 1
    assert SaleBatch.joined([nothing, nothing]).checked().records == 0


def test_a_line_of_an_unknown_kind_is_refused(book: Book) -> None:
    with pytest.raises(PostingError, match="line 'seashells' has no account"):
        post(book, ticket("good"), ticket("bad", lines=[line(kind="seashells")]))
    assert book.head().seq == 0
