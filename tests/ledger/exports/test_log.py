"""What was exported is remembered, and a later change of an exported day is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from ledger.exports.log import Difference, Exported
from ledger.exports.store_days import Detail
from tests.builders import AT, DAY, line, make_book, post, ticket
from tests.ledger.exports.shop import NEW, OLD, written

ON_BOTH_ENGINES = True


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    post(
        made,
        ticket("1", version_stamp=OLD),
        ticket("2", store="Airport"),
        ticket("3", business_date=DAY + timedelta(days=1), version_stamp=OLD),
    )
    yield made
    made.close()


def remember(book: Book, format: str = "xero", detail: Detail = "daily", **chosen: Any) -> int:
    return book.remember_export(written(book, format, detail, **chosen)[1], AT)


def changed(book: Book) -> dict[int, list[tuple[str, str]]]:
    return {
        one.number: [(change.store, str(change.business_date)) for change in one.changes]
        for one in book.exports()
        if one.changes
    }


def test_an_export_is_remembered_with_its_days_and_hash(book: Book) -> None:
    _, made = written(book, "xero", stores=("Downtown",), first=DAY)
    assert book.exports() == []
    assert book.remember_export(made, AT) == 1
    assert book.exports() == [
        Exported(
            number=1, at=AT, format="xero", detail="daily", first=DAY, last=DAY + timedelta(days=1),
            stores=("Downtown",), currency=None, seq=1, entries=2, sha256=made.sha256,
        )
    ]  # fmt: skip


def test_a_later_ticket_of_an_exported_day_is_told_account_by_account(book: Book) -> None:
    remember(book)
    post(book, ticket("4", lines=[line(1200)]), ticket("5", business_date=DAY + timedelta(days=2)))
    ((change,),) = [one.changes for one in book.exports()]
    assert (change.store, change.business_date, change.entries) == ("Downtown", DAY, 1)
    assert change.differences == (
        Difference("assets:clearing:card", "USD", 1200),
        Difference("income:sales", "USD", -1200),
    )


def test_a_new_version_is_told_as_its_difference(book: Book) -> None:
    remember(book)
    post(book, ticket("1", lines=[line(1100)], version_stamp=NEW))
    ((change,),) = [one.changes for one in book.exports()]
    assert change.entries == 2
    assert change.differences == (
        Difference("assets:clearing:card", "USD", 100),
        Difference("income:sales", "USD", -100),
    )


def test_what_nets_to_nothing_changes_tickets_but_no_daily_summary(book: Book) -> None:
    daily, single = remember(book, detail="daily"), remember(book, "hledger", "ticket")
    before = written(book, "xero")[0]
    post(book, ticket("1", version_stamp=NEW, cashier="Grace"))
    assert changed(book) == {single: [("Downtown", str(DAY))]}
    assert daily not in changed(book)
    assert written(book, "xero")[0] == before


def test_a_late_store_on_an_exported_day_is_a_change(book: Book) -> None:
    number = remember(book)
    post(book, ticket("9", store="Harbour"))
    assert changed(book) == {number: [("Harbour", str(DAY))]}


def test_other_stores_days_and_currencies_change_nothing(book: Book) -> None:
    remember(book, stores=("Downtown",), last=DAY, currency="USD")
    post(
        book,
        ticket("6", store="Airport"),
        ticket("7", business_date=DAY + timedelta(days=1)),
        ticket("8", currency="JPY"),
    )
    assert changed(book) == {}


def test_exporting_again_takes_the_change_up_for_that_format_only(book: Book) -> None:
    xero, hledger = remember(book), remember(book, "hledger")
    post(book, ticket("4"), ticket("5", business_date=DAY + timedelta(days=1)))
    assert set(changed(book)) == {xero, hledger}
    remember(book, last=DAY)
    days = [("Downtown", str(DAY)), ("Downtown", str(DAY + timedelta(days=1)))]
    assert changed(book) == {xero: days[1:], hledger: days}


def test_exporting_one_currency_again_takes_up_the_changes_in_it(book: Book) -> None:
    number = remember(book)
    post(book, ticket("4"), ticket("8", currency="JPY", business_date=DAY))
    remember(book, currency="USD")
    ((change,),) = [one.changes for one in book.exports() if one.number == number]
    assert [one.currency for one in change.differences] == ["JPY", "JPY"]
    remember(book, currency="JPY")
    assert changed(book) == {}


def test_an_export_as_of_an_earlier_commit_knows_what_it_lacks(book: Book) -> None:
    post(book, ticket("4"))
    number = remember(book, as_of=1)
    assert changed(book) == {number: [("Downtown", str(DAY))]}


def test_an_empty_export_is_remembered_and_never_changes(tmp_path: Path) -> None:
    book = make_book(tmp_path / "empty")
    remember(book)
    post(book, ticket("1"))
    assert [(one.first, one.changes) for one in book.exports()] == [(None, ())]
    book.close()


OCTOBER = {"first": DAY.replace(day=1), "last": DAY.replace(day=31)}


def test_a_late_ticket_within_the_days_asked_for_is_a_change_though_no_entry_was_there(book: Book) -> None:
    number = remember(book, **OCTOBER)
    assert [(one.first, one.last) for one in book.exports()] == [(OCTOBER["first"], OCTOBER["last"])]
    post(
        book,
        ticket("1st", business_date=OCTOBER["first"]),
        ticket("20th", business_date=DAY.replace(day=20)),
        ticket("31st", business_date=OCTOBER["last"]),
        ticket("before", business_date=OCTOBER["first"] - timedelta(days=1)),
        ticket("after", business_date=OCTOBER["last"] + timedelta(days=1)),
    )
    assert changed(book) == {number: [("Downtown", f"2026-10-{day}") for day in ("01", "20", "31")]}


def test_an_export_of_days_without_an_entry_is_changed_by_one(book: Book) -> None:
    number = remember(book, first=DAY.replace(day=20), last=DAY.replace(day=25))
    assert [one.entries for one in book.exports()] == [0]
    post(book, ticket("22nd", business_date=DAY.replace(day=22)), ticket("26th", business_date=DAY.replace(day=26)))
    assert changed(book) == {number: [("Downtown", "2026-10-22")]}


def test_without_a_first_day_a_late_ticket_of_an_earlier_day_is_a_change(book: Book) -> None:
    number = remember(book, last=DAY)
    assert [one.first for one in book.exports()] == [None]
    post(book, ticket("early", business_date=DAY - timedelta(days=400)))
    assert changed(book) == {number: [("Downtown", str(DAY - timedelta(days=400)))]}


def test_without_a_last_day_it_reaches_to_the_last_that_the_book_then_had(book: Book) -> None:
    post(book, ticket("other", store="Airport", business_date=DAY + timedelta(days=10)))
    number = remember(book, stores=("Downtown",))
    days = [DAY + timedelta(days=count) for count in (9, 10, 11)]
    post(book, *(ticket(f"late{day}", business_date=day) for day in days))
    assert changed(book) == {number: [("Downtown", str(day)) for day in days[:2]]}


def test_exporting_days_without_an_entry_again_takes_their_change_up(book: Book) -> None:
    october = remember(book, **OCTOBER)
    post(book, ticket("20th", business_date=DAY.replace(day=20)), ticket("21st", business_date=DAY.replace(day=21)))
    assert set(changed(book)) == {october}
    remember(book, first=DAY.replace(day=20), last=DAY.replace(day=20))
    assert changed(book) == {october: [("Downtown", "2026-10-21")]}
