"""Less data gives fewer features: never an error, and never a flag for the lack itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.flags.flag import Level
from assistant.flags.rules import FAMILIES, rules
from assistant.flags.scan import scan, scanned
from ledger.errors import SettingsError
from ledger.settings import BookSettings
from tests.assistant.flags.shop import Row, deliver, filled, found, trade
from tests.builders import make_book


def test_an_empty_book_has_no_flags_and_says_why(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    result = scanned(book)
    assert result.flags == ()
    assert "no tickets" in result.notes[0]
    book.close()


def test_too_little_history_is_said_and_checks_and_rules_are_used(tmp_path: Path) -> None:
    tickets, events = trade(days=5)
    book = filled(tmp_path / "book", tickets, events)
    deliver(book, [{**tickets[3], "external_id": "again"}], [], "later.csv")
    result = scanned(book)
    assert len(result.notes) == 3
    assert "only checks and rules" in result.notes[0]
    assert "ticket_again" in {one.kind for one in result.flags}
    book.close()


def without_cashiers(tickets: list[Row]) -> None:
    for one in tickets:
        one["cashier"] = None


def one_cashier(tickets: list[Row]) -> None:
    for one in tickets:
        one["cashier"] = "Ada"


def without_items(tickets: list[Row]) -> None:
    for one in tickets:
        for row in one["lines"]:
            row.update(item_id=None, name=None, category=None, list_price_minor=None)


def without_times(tickets: list[Row]) -> None:
    for one in tickets:
        one["closed_at"] = one["utc_offset_minutes"] = None


def without_numbers(tickets: list[Row]) -> None:
    for place, one in enumerate(tickets):
        one["external_id"] = "".join(chr(ord("a") + int(digit)) for digit in str(place))


def without_registers(tickets: list[Row]) -> None:
    for one in tickets:
        one["register"] = None


@pytest.mark.parametrize(
    "lack", [without_cashiers, one_cashier, without_items, without_times, without_numbers, without_registers]
)
def test_what_a_feed_does_not_tell_is_no_fault(tmp_path: Path, lack: object) -> None:
    tickets, _ = trade(2, days=28)
    assert callable(lack)
    lack(tickets)
    book = filled(tmp_path / "book", tickets, [])
    flags = scan(book)
    assert [one for one in flags if one.certain] == []
    assert sum(one.score >= 0.5 for one in flags) <= 3
    if lack is without_cashiers:
        assert not [one for one in flags if one.level == Level.CASHIER_DAY]
    book.close()


def test_a_book_tunes_and_switches_off_rules(tmp_path: Path) -> None:
    tickets, events = trade(days=20)
    events[20]["counted_minor"] -= 5_000
    book = filled(tmp_path / "book", tickets, events)
    assert found(book, Level.CASHIER_DAY, "cash_short")
    for tuned in ({"enabled": False}, {"parameters": {"least": 60}}):
        book.settings = _tuned(book.settings, {"cash_short": tuned})
        assert not found(book, Level.CASHIER_DAY, "cash_short")
    book.settings = _tuned(book.settings, {"cash_short": {"sentence": "Short: {over}."}})
    [flag] = found(book, Level.CASHIER_DAY, "cash_short")
    assert flag.reason.startswith("Short: -50.")
    book.close()


@pytest.mark.parametrize(
    ("tuned", "said"),
    [
        ({"no_such_rule": {}}, "no_such_rule"),
        ({"cash_short": {"parameters": {"nonsense": 1}}}, "nonsense"),
    ],
)
def test_a_setting_that_there_is_not_is_named(tmp_path: Path, tuned: dict[str, object], said: str) -> None:
    book = filled(tmp_path / "book", trade(days=2)[0], [])
    book.settings = _tuned(book.settings, tuned)
    with pytest.raises(SettingsError, match=said):
        scan(book)
    book.close()


def _tuned(settings: BookSettings, tuned: dict[str, object]) -> BookSettings:
    return BookSettings.model_validate(settings.model_dump() | {"flags": {"rules": tuned}})


def test_every_rule_is_a_row_of_the_documentation() -> None:
    shipped = rules(BookSettings.model_validate({"book": {"id": "b", "name": "B", "currency": "USD"}}))
    text = (Path(__file__).parents[3] / "docs" / "flags.md").read_text("utf-8")
    assert [name for name in shipped.by_id if f"| `{name}` |" not in text] == []
    assert {one.family for one in shipped.by_id.values()} <= set(FAMILIES)
