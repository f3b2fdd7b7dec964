"""Certain checks: each finds its fault, once, and says what was expected and observed; innocent trade has none."""

from __future__ import annotations

import copy
import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.flags.flag import Level
from assistant.flags.scan import scan
from tests.assistant.flags.shop import FIRST, Row, at, deliver, filled, found, of_day, trade

DAY = FIRST + timedelta(days=24)


@pytest.fixture
def shop() -> tuple[list[Row], list[Row]]:
    return trade()


def test_innocent_trade_has_no_certain_flag(shop: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    book = filled(tmp_path / "book", *shop)
    assert [one for one in scan(book) if one.certain] == []
    book.close()


def test_a_missing_store_day_is_one_flag(shop: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    tickets, events = shop
    gone = of_day(tickets, "Harbour", DAY)
    book = filled(
        tmp_path / "book", [one for one in tickets if one not in gone], [e for e in events if e["business_date"] != DAY]
    )
    flag, *others = [one for one in scan(book) if one.level == Level.STORE_DAY and one.certain]
    assert not others
    assert (flag.kind, flag.store, flag.business_date) == ("store_day_missing", "Harbour", DAY)
    assert str(len(gone)) in flag.observed
    assert flag.money_minor
    book.close()


def test_a_day_of_rest_is_no_missing_day_as_the_numbers_go_on(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, events = shop
    rest = of_day(tickets, "Harbour", DAY)
    kept = [one for one in tickets if one not in rest]
    for one in kept:
        number = int(one["external_id"][2:])
        if one["store"] == "Harbour" and one["business_date"] > DAY:
            one["external_id"] = f"H-{number - len(rest):06}"
    kept_events = [e for e in events if not (e["business_date"] == DAY and e["store"] == "Harbour")]
    book = filled(tmp_path / "book", kept, kept_events)
    assert found(book, Level.STORE_DAY, "store_day_missing") == []
    book.close()


@pytest.mark.parametrize(("from_", "kind"), [(4, "store_day_partial"), (-2, "sequence_gap")])
def test_what_is_missing_of_a_day_is_flagged_on_that_day(
    shop: tuple[list[Row], list[Row]], tmp_path: Path, from_: int, kind: str
) -> None:
    tickets, _ = shop
    lost = (
        of_day(tickets, "Downtown", DAY)[from_:]
        if kind == "store_day_partial"
        else of_day(tickets, "Downtown", DAY)[5:7]
    )
    book = filled(tmp_path / "book", [one for one in tickets if one not in lost], [])
    [flag] = [one for one in scan(book) if one.certain]
    assert (flag.kind, flag.store, flag.business_date) == (kind, "Downtown", DAY)
    assert str(len(lost)) in flag.observed
    assert lost[0]["external_id"].lstrip("D-0") in flag.observed
    book.close()


def test_the_same_ticket_under_another_number_is_flagged_and_its_first_is_not(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, events = shop
    book = filled(tmp_path / "book", tickets, events)
    deliver(book, [{**tickets[100], "external_id": "again"}], [], "later.csv")
    [flag] = found(book, Level.TICKET, "ticket_again")
    assert flag.external_id == "again"
    assert [one.ref for one in flag.cites] == ["again", tickets[100]["external_id"]]
    assert flag.cites[0].url.startswith("/entries/")
    book.close()


@pytest.mark.parametrize("days_later", [0, 3])
def test_a_delivery_again_under_other_numbers_is_one_flag_whatever_its_dates(
    shop: tuple[list[Row], list[Row]], tmp_path: Path, days_later: int
) -> None:
    tickets, _ = copy.deepcopy(shop)
    for one in tickets:
        one["delivery"] = f"B-{one['store']}-{one['business_date']}"
    again = [
        {
            **one,
            "external_id": f"{one['external_id']}x",
            "delivery": "B-again",
            "business_date": DAY + timedelta(days=days_later),
            "closed_at": one["closed_at"] + timedelta(days=days_later),
        }
        for one in of_day(tickets, "Harbour", DAY)
    ]
    book = filled(tmp_path / "book", [*tickets, *again], [])
    certain = [one for one in scan(book) if one.certain]
    assert [(one.level, one.kind, one.document) for one in certain] == [
        (Level.DOCUMENT, "delivery_renumbered", "B-again")
    ]
    assert f"{len(again)} of its {len(again)} tickets" in certain[0].observed
    book.close()


def test_a_delivery_of_what_was_there_is_flagged(shop: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    tickets, events = shop
    book = filled(tmp_path / "book", tickets, events)
    deliver(book, of_day(tickets, "Harbour", DAY), [], "again.csv")
    [flag] = found(book, Level.DOCUMENT, "delivery_again")
    assert flag.document == "again.csv"
    assert [(one.kind, one.url.partition("/documents/")[1]) for one in flag.cites] == [("document", "/documents/")]
    book.close()


def test_a_delivery_that_came_days_late_is_flagged_and_one_that_came_hours_late_is_not(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, events = shop
    for one in tickets:
        late = {("Harbour", DAY): 72, ("Downtown", DAY): 12}.get((one["store"], one["business_date"]), 3)
        one["delivery"] = f"B-{one['store']}-{one['business_date']}"
        one["received_at"] = at(one["business_date"] + timedelta(days=1), 3600 * late)
    book = filled(tmp_path / "book", tickets, events)
    [flag] = found(book, Level.DOCUMENT, "delivery_stale")
    assert flag.document == f"B-Harbour-{DAY}"
    book.close()


def test_a_day_of_wrong_tax_is_one_flag_and_a_single_ticket_one_of_its_own(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, _ = shop
    single = tickets[40]
    for one in [*of_day(tickets, "Harbour", DAY), single]:
        tax = one["taxes"][0]
        more = tax["amount_minor"] * 3
        tax.update(rate_micro=200_000, amount_minor=tax["amount_minor"] + more)
        one["tenders"][0]["amount_minor"] += more
        one["total_minor"] += more
    book = filled(tmp_path / "book", tickets, [])
    certain = {(one.kind, one.store, one.business_date, one.external_id) for one in scan(book) if one.certain}
    assert certain == {
        ("tax_day", "Harbour", DAY, None),
        ("tax_wrong", single["store"], single["business_date"], single["external_id"]),
    }
    book.close()


def test_a_backdated_ticket_is_told_by_the_numbers_around_it(shop: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    tickets, _ = shop
    moved = of_day(tickets, "Downtown", DAY)[6]
    moved["business_date"] -= timedelta(days=9)
    moved["closed_at"] -= timedelta(days=9)
    book = filled(tmp_path / "book", tickets, [])
    [flag] = [one for one in scan(book) if one.certain]
    assert (flag.kind, flag.external_id) == ("misdated", moved["external_id"])
    assert str(DAY) in flag.expected
    book.close()


def test_counted_cash_and_deposits_are_held_against_what_was_expected(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, events = shop
    [short] = of_day(events, "Downtown", DAY)
    [kept] = of_day(events, "Harbour", DAY)
    short["counted_minor"] -= 8_000
    short["deposited_minor"] -= 8_000
    kept["deposited_minor"] -= 2_500
    book = filled(tmp_path / "book", tickets, events)
    certain = {(one.level, one.kind, one.store, one.cashier) for one in scan(book) if one.certain}
    assert certain == {
        (Level.CASHIER_DAY, "cash_short", "Downtown", short["cashier"]),
        (Level.STORE_DAY, "deposit_short", "Harbour", None),
    }
    book.close()


def test_tills_that_took_more_cash_than_the_feed_has_are_flagged(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, events = shop
    lost = [one for one in of_day(tickets, "Harbour", DAY) if one["tenders"][0]["type"] == "cash"][:2]
    for one in tickets:
        one["external_id"] = f"{hash(one['external_id']) % 10**9:x}-"  # numbers that tell no sequence
    book = filled(tmp_path / "book", [one for one in tickets if one not in lost], events)
    [flag] = found(book, Level.STORE_DAY, "till_total_differs")
    assert (flag.store, flag.business_date, flag.certain) == ("Harbour", DAY, True)
    assert flag.money_minor == sum(one["total_minor"] for one in lost)
    book.close()


def test_a_promotion_that_ended_by_the_books_calendar_is_one_flag_a_store_day(
    shop: tuple[list[Row], list[Row]], tmp_path: Path
) -> None:
    tickets, _ = shop
    after = [*of_day(tickets, "Harbour", DAY), *of_day(tickets, "Harbour", DAY + timedelta(days=1))]
    for one in [*of_day(tickets, "Harbour", DAY - timedelta(days=1)), *after]:
        row = one["lines"][0]
        row.update(gross_minor=row["gross_minor"] + 100, discount_minor=100, discount_code="SUMMER")
    book = filled(tmp_path / "book", tickets, [])
    book.settings = book.settings.model_validate(
        book.settings.model_dump()
        | {"flags": {"promotions": {"SUMMER": {"first": FIRST, "last": DAY - timedelta(days=1)}}}}
    )
    flags = found(book, Level.STORE_DAY, "promotion_ended")
    assert sorted((one.store, one.business_date) for one in flags) == [
        ("Harbour", DAY),
        ("Harbour", DAY + timedelta(days=1)),
    ]
    assert "SUMMER" in flags[0].expected
    book.close()


def test_a_finding_has_the_same_id_on_every_scan(shop: tuple[list[Row], list[Row]], tmp_path: Path) -> None:
    tickets, _ = shop
    gone = of_day(tickets, "Harbour", DAY)
    kept = [one for one in tickets if one not in gone]
    book = filled(tmp_path / "book", [one for one in kept if one["business_date"] < DAY + timedelta(days=14)], [])
    [before] = found(book, Level.STORE_DAY, "store_day_missing")
    deliver(book, [one for one in kept if one["business_date"] >= DAY + timedelta(days=14)], [], "more.csv")
    [after] = found(book, Level.STORE_DAY, "store_day_missing")
    assert dataclasses.replace(after, score=0.0, expected="") == dataclasses.replace(
        before, score=0.0, expected="", money_minor=after.money_minor
    )
    book.close()
