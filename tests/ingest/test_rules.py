"""Rules of validation that a book tunes, and those on tenders, voids and till events: what is held, what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.pipeline import IntakeReport
from ledger.book import Book
from ledger.errors import SettingsError
from tests.builders import balances
from tests.ingest.shop import export, intake, new_book

TICKETS = ("no", "day", "kind", "of", "net", "round", "total", "tender", "paid", "change")
EVENTS = ("id", "day", "what", "money", "in", "out", "expected", "counted", "deposited")
MAPPING = """
[mapping]
layout = "set"
[files.tickets]
name = "sales.csv"
key = "no"
[files.events]
name = "drawer.csv"
key = "id"
[ticket]
external_id = "[no]"
store = "'Downtown'"
register = "'1'"
business_date = "[day]"
kind = "[kind]"
original_external_id = "[of]"
net = "[net]"
rounding = "[round]"
total = "[total]"
[[tender]]
type = "[tender]"
amount = "[paid]"
change = "[change]"
[event]
external_id = "[id]"
store = "'Downtown'"
register = "'1'"
business_date = "[day]"
kind = "[what]"
currency = "[money]"
cash_in = "[in]"
cash_out = "[out]"
expected = "[expected]"
counted = "[counted]"
deposited = "[deposited]"
[values.kind]
X = "count"
Z = "close"
"""
SALE = {"no": "1", "day": "2026-10-05", "kind": "sale", "net": "10.00", "total": "10.00", "tender": "cash"}
SALE |= {"paid": "10.00"}
CLOSE = {"id": "Z1", "day": "2026-10-05", "what": "Z", "expected": "10.00", "counted": "9.00"}
GOOD = SALE | {"no": "good"}


def take(book: Book, *tickets: dict[str, str], events: tuple[dict[str, str], ...] = ()) -> IntakeReport:
    folder = book.path.parent
    files = [
        export(folder / name, [[one.get(column, "") for column in header] for one in rows], header)
        for name, header, rows in (("sales.csv", TICKETS, tickets), ("drawer.csv", EVENTS, events))
        if rows
    ]
    return intake(book, *files, mapping=MAPPING)


@pytest.mark.parametrize(
    ("changed", "rule", "said"),
    [
        ({"paid": "12.00", "change": "2.00", "tender": "Visa"}, "change-not-of-cash", "change on 'card'"),
        ({"paid": "12.00", "change": "2.00", "tender": "gift card"}, "change-not-of-cash", "change on 'gift_card'"),
        ({"paid": "12.00", "change": "2.00"}, None, ""),
        ({"paid": "12.00", "change": "2.00", "tender": "old money"}, None, ""),
        ({"change": "0.00", "tender": "Visa"}, None, ""),
        (
            {"round": "0.02", "total": "10.02", "paid": "10.02", "tender": "Visa"},
            "rounding-without-cash",
            "rounded by 0.02",
        ),
        ({"round": "0.02", "total": "10.02", "paid": "10.02"}, None, ""),
        ({"kind": "void_after_tender", "of": "77"}, "void-of-another-ticket", "voids ticket 77"),
        ({"kind": "void_before_tender", "of": "77"}, "void-of-another-ticket", "voids ticket 77"),
        ({"kind": "void_after_tender", "of": "1"}, None, ""),
        ({"kind": "void_after_tender"}, None, ""),
        ({"kind": "return", "of": "77", "net": "-10.00", "total": "-10.00", "paid": "-10.00"}, None, ""),
    ],
)
def test_what_a_ticket_may_not_say(tmp_path: Path, changed: dict[str, str], rule: str | None, said: str) -> None:
    own_tender = {"tenders": {"old money": "notes"}, "accounts": {"tenders": {"notes": "assets:cash"}}}
    report = take(new_book(tmp_path, **own_tender), SALE | changed, GOOD)
    assert [one.rule for one in report.held] == ([rule] if rule else [])
    assert all(said in one.reason and "Ticket 1 " in one.reason for one in report.held)
    assert report.posted == 2 - len(report.held)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["sale first", "void first"])
def test_a_void_of_another_ticket_is_held_whichever_comes_first(tmp_path: Path, order: tuple[int, int]) -> None:
    book = new_book(tmp_path)
    given = (SALE, SALE | {"no": "2", "kind": "void_after_tender", "of": "1"})
    reports = [take(book, given[place]) for place in order]
    assert [len(one.held) for one in reports] == list(order)
    assert balances(book) == {"assets:cash": 1000, "income:sales": -1000}


def test_a_rule_on_tenders_can_be_tuned(tmp_path: Path) -> None:
    book = new_book(tmp_path, rules={"change-not-of-cash": {"severity": "warn"}})
    report = take(book, SALE | {"paid": "12.00", "change": "2.00", "tender": "Visa"})
    assert (report.posted, report.held) == (1, [])
    assert any("gives change on 'card'" in note for note in report.notes)
    assert balances(book) == {"assets:clearing:card": 1000, "income:sales": -1000}


@pytest.mark.parametrize(
    "tuned",
    [{"severity": "warn"}, {"severity": "ignore"}, {"enabled": False}, {"expression": "[tender_difference] > 5"}],
)
@pytest.mark.parametrize("rule", ["tenders-do-not-add-up", "unknown-tender", "line-does-not-add-up", "no-store"])
def test_a_rule_that_posting_relies_on_cannot_be_weakened(tmp_path: Path, rule: str, tuned: dict[str, Any]) -> None:
    book = new_book(tmp_path, rules={rule: tuned})
    with pytest.raises(SettingsError, match=rf"\[rules\.{rule}\] cannot be switched off"):
        take(book, SALE | {"paid": "9.00"})
    assert balances(book) == {}


def test_a_rule_that_posting_relies_on_can_say_it_in_other_words(tmp_path: Path) -> None:
    book = new_book(tmp_path, rules={"tenders-do-not-add-up": {"sentence": "Kasse {external_id} stimmt nicht"}})
    [held] = take(book, SALE | {"paid": "9.00"}).held
    assert held.reason.startswith("Kasse 1 stimmt nicht")


@pytest.mark.parametrize(
    ("changed", "rule", "said"),
    [
        ({"money": "EUR"}, "other-currency", "Till event Z1 is in EUR, but the book is in USD"),
        ({"money": "USD"}, None, ""),
        ({"day": "2027-10-05"}, "future", "Till event Z1 is of 2027-10-05"),
        ({"day": "1926-10-05"}, "long-ago", "Till event Z1 is of 1926-10-05"),
        ({"what": "paid_in", "out": "5.00"}, "event-without-amount", "without cash_in"),
        ({"what": "paid_out", "in": "5.00"}, "event-without-amount", "without cash_out"),
        ({"what": "tips_paid_out"}, "event-without-amount", "without cash_out"),
        ({"what": "paid_out", "out": "5.00"}, None, ""),
        ({"what": "party"}, "unknown-event", "kind 'party'"),
    ],
)
def test_till_events_are_held_as_tickets_are(
    tmp_path: Path, changed: dict[str, str], rule: str | None, said: str
) -> None:
    good = CLOSE | {"id": "Z2"}
    report = take(new_book(tmp_path), GOOD, events=(CLOSE | changed, good))
    assert [one.rule for one in report.held] == ([rule] if rule else [])
    assert all(said in one.reason for one in report.held)
    assert (report.records, report.posted) == (3, 3 - len(report.held))


def test_rules_on_till_events_are_tuned_as_those_on_tickets(tmp_path: Path) -> None:
    book = new_book(tmp_path, rules={"future": {"parameters": {"days": 900}}, "long-ago": {"severity": "warn"}})
    report = take(book, GOOD, events=(CLOSE | {"day": "2027-10-05"}, CLOSE | {"id": "Z2", "day": "1926-10-05"}))
    assert (report.posted, report.held) == (3, [])
    assert any("Till event Z2 is of 1926-10-05" in note for note in report.notes)
