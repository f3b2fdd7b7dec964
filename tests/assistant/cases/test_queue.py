"""The queue: a budget of cases a day, by money at risk times the chance that a case is confirmed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from assistant.flags.desk import Desk
from assistant.flags.flag import Level
from assistant.flags.queue import money_of, stake_of
from ledger.book import Book
from ledger.cases.events import WEIGHTS, Filed, Stepped, Verdict, WeightsAdopted
from ledger.errors import CaseError
from tests.assistant.cases.flags import AT, TODAY, flag, updated
from tests.builders import make_book


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    book = make_book(tmp_path / "book")
    (tmp_path / "book" / "book.toml").open("a", encoding="utf-8").write("\n[cases]\na_day = 3\n")
    book.close()
    return Desk(Book.open(tmp_path / "book"))


def people(desk: Desk) -> list[str]:
    return [str(one.case.cause.person) for one in desk.queue(TODAY).today]


def test_money_times_score_decides_and_the_rest_waits_for_another_day(desk: Desk) -> None:
    for name, money, score in (("A", 1000, 0.9), ("B", 5000, 0.5), ("C", 2000, 0.6), ("D", 100, 1.0), ("E", 9000, 0.2)):
        updated(desk.book, flag(about=name, cashier=name, money_minor=money, score=score))
    queue = desk.queue(TODAY)
    assert people(desk) == ["B", "E", "C"]
    assert [one.case.cause.person for one in queue.beyond] == ["A", "D"]
    assert (queue.closed, queue.a_day) == (0, 3)


def test_what_was_closed_today_is_of_the_budget_and_what_waits_is_not(desk: Desk) -> None:
    cases = [updated(desk.book, flag(about=n, cashier=f"C{n}", money_minor=1000 * n)).cases[0] for n in range(1, 7)]
    desk.record(cases[5], [Verdict("loss", "")], by="Ada", at=AT)
    desk.record(cases[4], [Stepped("waiting", "asked")], by="Ada", at=AT)
    queue = desk.queue(TODAY)
    assert people(desk) == ["C4", "C3"]
    assert [one.case.cause.person for one in queue.waiting] == ["C5"]
    assert (queue.closed, len(queue.beyond)) == (1, 2)
    assert len(desk.queue(TODAY + timedelta(days=1)).today) == 3
    desk.record(cases[5], [Stepped("reopened", "more came up")], by="Ada", at=AT)
    assert people(desk) == ["C6", "C4", "C3"]


def test_a_case_without_an_amount_counts_as_the_median_of_the_others(desk: Desk) -> None:
    for name, money in (("A", 1000), ("B", 3000), ("C", 9000)):
        updated(desk.book, flag(about=name, cashier=name, money_minor=money))
    updated(desk.book, flag("missing", level=Level.STORE_DAY, cashier=None, money_minor=None, score=0.85))
    assert people(desk) == ["C", "None", "B"]


def test_each_ticket_is_at_risk_once(desk: Desk) -> None:
    same = [flag(about=1), flag("refund_old", 1, money_minor=5000), flag(about=2, money_minor=100)]
    assert money_of(same, "USD") == 5100
    day = flag("rate", level=Level.CASHIER_DAY, money_minor=9000)
    assert money_of([*same, day, flag(about=9, currency="EUR")], "USD") == 9000
    assert money_of([flag(money_minor=None)], "USD") is None


def test_money_counts_by_the_score_of_its_own_ticket(desk: Desk) -> None:
    sure = [flag(about=n, cashier="A", score=0.9, money_minor=3000) for n in (1, 2)]
    mixed = [
        flag(about=3, cashier="B", score=0.9, money_minor=1000),
        flag(about=4, cashier="B", score=0.1, money_minor=9000),
    ]
    updated(desk.book, *sure, *mixed)
    assert people(desk) == ["A", "B"]
    assert [one.money_minor for one in desk.queue(TODAY).today] == [6000, 10000]
    assert stake_of(mixed, "USD") == pytest.approx(1000 + 9000 / 9)
    assert stake_of([flag(score=0.0)], "USD") == 4860


def test_weights_of_rules_change_the_order_from_when_they_are_adopted(desk: Desk) -> None:
    updated(desk.book, flag("good", 1, cashier="A"), flag("bad", 2, cashier="B", money_minor=5000))
    assert people(desk) == ["B", "A"]
    weights = WeightsAdopted(1, 9, 9, (("bad", 0.1), ("good", 0.9)), (), "")
    desk.book.record_cases([Filed(WEIGHTS, "Ada", weights)], at=AT)
    assert people(desk) == ["A", "B"]


def test_two_rules_say_more_than_one(desk: Desk) -> None:
    updated(desk.book, flag("a", 1, cashier="A"), flag("a", 2, cashier="B"), flag("b", 2, cashier="B"))
    one = {case.case.cause.person: case.chance for case in desk.ranked()}
    assert one["B"] > one["A"] == pytest.approx(0.4)


def test_a_case_is_found_by_the_beginning_of_its_number(desk: Desk) -> None:
    [case] = updated(desk.book, flag()).cases
    assert desk.case(case[:12]).case.id == desk.find(case).id == case
    for wrong in ("", case[:3], "f" * 64, "%"):
        with pytest.raises(CaseError):
            desk.find(wrong)


def test_the_history_beside_a_case_is_that_of_its_person_or_else_of_its_store(desk: Desk) -> None:
    [first] = updated(desk.book, flag(about=1)).cases
    [second] = updated(desk.book, flag("void", 2, family="voids", store="Airport")).cases
    [other] = updated(desk.book, flag(about=3, cashier="Ada")).cases
    assert [one.id for one in desk.beside(desk.find(first))] == [second]
    [whole] = updated(desk.book, flag("gap", level=Level.STORE_DAY, cashier=None)).cases
    assert {one.id for one in desk.beside(desk.find(whole))} == {first, other}


def test_a_look_does_not_change_under_whoever_has_it(desk: Desk) -> None:
    updated(desk.book, flag(about=1))
    before = desk.worked()
    updated(desk.book, flag(about=2, cashier="Ada"))
    assert (len(before.cases), len(desk.worked().cases)) == (1, 2)
