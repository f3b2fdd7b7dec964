"""The scan as a law: the same data gives the same flags, however it came; a score is a row's own."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from assistant.flags import kept
from assistant.flags.flag import Flag, Level
from assistant.flags.forest import SAMPLES_MAX, SEED, TREES, Forest
from assistant.flags.known import Known, read
from assistant.flags.model import Model, fit, fit_until, frames, load, save
from assistant.flags.rules import Rules, rules
from assistant.flags.scan import flags_of, scan, scanned
from assistant.flags.score import scored
from ledger.book import Book
from tests.assistant.flags.shop import FIRST, Row, deliver, filled, of_day, trade

DAY = FIRST + timedelta(days=20)


def faulty() -> tuple[list[Row], list[Row]]:
    """Trade with some faults of several levels."""
    tickets, events = trade(3, per_day=13)
    for place, one in enumerate(tickets[200::60]):  # returns as they should be: with a receipt, and small
        _return(one, 450, "card")
        one["original_external_id"] = tickets[100 + place]["external_id"]
    for one in of_day(tickets, "Harbour", DAY)[:3]:
        _return(one, 7_500, "cash")
    of_day(events, "Downtown", DAY)[0]["counted_minor"] -= 9_000
    return [one for one in tickets if one not in of_day(tickets, "Downtown", DAY + timedelta(days=3))], events


def _return(one: Row, amount: int, paid: str) -> None:
    """Make a ticket a return without receipt."""
    one["kind"] = "return"
    one["lines"][0].update(gross_minor=-amount, net_minor=-amount, quantity_micro=-1_000_000, list_price_minor=amount)
    one["taxes"] = []
    one["tenders"] = [{"type": paid, "amount_minor": -amount}]
    one["total_minor"] = -amount


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    tickets, events = faulty()
    tickets[5]["original_external_id"] = None
    made = filled(tmp_path_factory.mktemp("scan") / "book", tickets, events)
    yield made
    made.close()


@pytest.fixture(scope="module")
def learned(book: Book) -> tuple[Known, Rules, Model]:
    known = read(book, 400)
    in_force = rules(book.settings)
    day = fit_until(known)
    assert day is not None
    return known, in_force, fit(known, in_force, day)


def plain(flags: tuple[Flag, ...]) -> list[dict[str, Any]]:
    """Flags without where their entries stand, which the order of arrival decides."""
    return [dataclasses.asdict(one) | {"cites": [cite.kind for cite in one.cites]} for one in flags]


def test_looking_after_each_delivery_gives_what_looking_once_gives(book: Book, tmp_path: Path) -> None:
    tickets, events = faulty()
    parts = [one["business_date"] for one in tickets]
    cuts = [min(parts), DAY, DAY + timedelta(days=12), max(parts) + timedelta(days=1)]
    other = filled(tmp_path / "book", [], [])
    for place, (start, end) in enumerate(pairwise(cuts)):
        part = [one for one in tickets if start <= one["business_date"] < end]
        random.Random(place).shuffle(part)
        deliver(other, part, [one for one in events if start <= one["business_date"] < end], "till.csv")
        scan(other)
    assert plain(scan(other)) == plain(scan(book))
    other.close()


def test_a_kept_scan_and_a_kept_model_give_what_is_worked_out_anew(book: Book) -> None:
    first = scanned(book)
    assert first == scanned(book)
    folder = book.path / "flags"
    models = list(folder.glob("model-*.npz"))
    assert len(models) == 1
    assert first == flags_of(read(book, 400), folder)
    models[0].write_bytes(b"not a model")
    (folder / "scan.json").unlink()
    assert first == scanned(book)


def test_flags_are_ordered_and_calibrated_and_say_why(book: Book) -> None:
    flags = scan(book)
    assert [one.score for one in flags] == sorted((one.score for one in flags), reverse=True)
    assert all(0 <= one.score <= 1 and one.reason and one.expected and one.observed for one in flags)
    assert all(one.money_minor is None or one.money_minor >= 0 for one in flags)
    assert all("unknown" not in one.reason and "{" not in one.reason for one in flags)
    assert len({one.id for one in flags}) == len(flags)
    assert all(one.cites for one in flags)
    wrong = {one["external_id"] for one in of_day(faulty()[0], "Harbour", DAY)[:3]}
    tickets = [one for one in flags if one.level == Level.TICKET]
    assert wrong <= {one.external_id for one in tickets}
    assert any(one.moved for one in flags)
    [missing] = [one for one in flags if one.kind == "store_day_missing"]
    assert missing.certain


@settings(max_examples=5)
@given(st.data())
def test_a_score_does_not_depend_on_what_is_scored_with_it(
    learned: tuple[Known, Rules, Model], data: st.DataObject
) -> None:
    known, in_force, model = learned
    for level, frame in frames(known, model.norms).items():
        whole = scored(level, frame, model, in_force, known.currency)
        rows = data.draw(st.lists(st.integers(0, frame.height - 1), min_size=1, max_size=20, unique=True))
        part = scored(level, frame[rows], model, in_force, known.currency)
        np.testing.assert_allclose(part.score, whole.score[rows], rtol=1e-12)
        np.testing.assert_allclose(part.learned, whole.learned[rows], rtol=1e-12)


def test_the_forest_scores_as_the_one_that_it_was_taken_from() -> None:
    rows = np.random.default_rng(5).exponential(size=(700, 6)).astype(np.float32)
    theirs = IsolationForest(n_estimators=TREES, max_samples=min(SAMPLES_MAX, 700), random_state=SEED).fit(rows)
    np.testing.assert_allclose(Forest.fit(rows).score(rows), -theirs.score_samples(rows), rtol=1e-9)


def test_a_model_comes_back_from_its_file_as_it_was(learned: tuple[Known, Rules, Model], tmp_path: Path) -> None:
    known, in_force, model = learned
    save(model, tmp_path / "model.npz")
    back = load(tmp_path / "model.npz")
    assert back is not None
    assert back.until == model.until
    for level, frame in frames(known, back.norms).items():
        ours, theirs = (scored(level, frame, one, in_force, known.currency) for one in (model, back))
        np.testing.assert_array_equal(ours.score, theirs.score)
    assert b"pickle" not in (tmp_path / "model.npz").read_bytes()


def test_a_damaged_file_of_flags_is_not_believed(tmp_path: Path) -> None:
    kept.save(tmp_path, "state", (), ("a note",), date(2026, 10, 1))
    assert kept.load(tmp_path, "state") == ((), ("a note",), date(2026, 10, 1))
    assert kept.load(tmp_path, "another state") is None
    (tmp_path / kept.FILE).write_text(json.dumps({"state": "state", "flags": [{"id": 1}], "notes": []}))
    assert kept.load(tmp_path, "state") is None


def test_what_a_till_writes_does_not_change_how_it_is_said(tmp_path: Path) -> None:
    tickets, events = trade(4, days=14)
    hostile = copy.deepcopy(tickets[50])
    hostile.update(cashier="{reason}", external_id="=1+1{0}")
    book = filled(tmp_path / "book", [*tickets, hostile, {**hostile, "external_id": "%s"}], events)
    [flag] = [one for one in scan(book) if one.kind == "ticket_again"]
    assert "=1+1{0}" in flag.reason or "%s" in flag.reason
    book.close()
