"""Names that the book does not know: held, asked for once, and all let in by one answer."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from ingest.answers import answer, asked, meaning, standing
from ledger import names
from ledger.book import Book
from ledger.errors import TillproofError
from ledger.names import Answer
from tests.ingest.shop import AT, MAPPING, export, intake, new_book, row

CLOSED = {"names": {"hold": ["stores", "categories", "taxes"]}, "stores": {"Downtown": {}},
          "accounts": {"categories": {"Food": "income:food"}, "taxes": {"State": "liabilities:tax:state"}}}  # fmt: skip
ODD = "it's (row 9), which ' has {no} account"


@pytest.fixture(scope="module")
def closed_book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return new_book(tmp_path_factory.mktemp("closed"), **CLOSED)


def answered(book: Book, kind: Any, name: str, means: str, **more: Any) -> Any:
    return answer(book, Answer(kind=kind, source="shop", name=name, means=means, by="Ada", at=AT, **more))


@pytest.mark.parametrize(
    ("column", "kind", "means", "more", "posted"),
    [
        ("Tender", "tender", "crypto", {"account": "assets:clearing:crypto"}, "assets:clearing:crypto"),
        ("Group", "category", "Gifts", {}, "income:sales"),
        ("Group", "category", "Gifts", {"account": "income:gifts"}, "income:gifts"),
        ("Store", "store", "Downtown", {}, "income:food"),
        ("Store", "store", "Uptown", {"time_zone": "Europe/Berlin", "cut_off": time(4)}, "income:food"),
    ],
)
def test_one_answer_posts_all_that_is_held_for_a_name(
    tmp_path: Path, column: str, kind: str, means: str, more: dict[str, Any], posted: str
) -> None:
    book = new_book(tmp_path, **CLOSED)
    intake(book, export(tmp_path / "a.csv", [row("1"), row("2", **{column: ODD}), row("3", **{column: "other"})]))
    report = intake(book, export(tmp_path / "b.csv", [row("4", **{column: ODD}), row("5", Paid="9.99")]))
    assert (report.posted, report.quarantined) == (0, 2)
    most, fewer = asked(book)
    assert (most.kind, most.source, most.name, len(most.held)) == (kind, "shop", ODD, 2)
    assert (most.amount_minor, fewer.name) == (1944, "other")
    done = answered(book, kind, ODD, means, **more)
    assert (done.posted, done.duplicates, done.quarantined) == (2, 1, 2)
    assert [one.name for one in asked(book)] == ["other"]
    ((address,),) = [book.find_ticket("4")]
    entry = book.entry(*address)
    assert entry is not None
    assert posted in {one["account"] for one in entry.postings}
    assert book.verify().ok
    again = Book.open(book.path)
    assert (meaning(again, kind, "shop", ODD), meaning(again, kind, "other till", ODD)) == (means, None)  # type: ignore[arg-type]
    assert intake(again, tmp_path / "a.csv", mapping=None).duplicates == 2


def test_a_tax_is_asked_for_by_its_name_and_by_each_new_rate(tmp_path: Path) -> None:
    rated = MAPPING.replace("\"'State'\"", '"[Note]"\nrate = "[Type]"').replace('kind = "[Type]"\n', "")
    book = new_book(tmp_path, **CLOSED)
    taxed = [row(str(n), Note="TX1", Type=rate) for n, rate in enumerate(("0.0825", "0.0825", "0.09"))]
    intake(book, export(tmp_path / "a.csv", taxed), mapping=rated)
    (one,) = asked(book)
    assert (one.kind, one.name, one.rate, len(one.held)) == ("tax", "TX1", None, 3)
    assert answered(book, "tax", "TX1", "City", rates=("8.25",)).posted == 2
    assert len(book.held()) == 2
    assert [one.rule for one in standing(book)] == ["unknown-tax-rate"]
    (one,) = asked(book)
    assert (one.kind, one.name, one.rate, len(one.held)) == ("tax", "City", "9", 1)
    assert answered(book, "tax", "City", "City", rates=("9.0",)).posted == 1
    assert asked(book) == book.held() == []


def test_another_till_is_asked_again_and_a_later_answer_changes_nothing_that_is_posted(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    path = export(tmp_path / "a.csv", [row("1", Tender="CC")])
    intake(book, path)
    other = export(tmp_path / "b.csv", [row("2", Tender="CC")])
    intake(book, other, source="bar")
    assert [one.source for one in asked(book)] == ["bar", "shop"]
    assert answered(book, "tender", "CC", "card").posted == 1
    assert [one.source for one in asked(book)] == ["bar"]
    roots = book.store_day_roots()
    assert answered(book, "tender", "CC", "voucher").records == 0
    assert book.store_day_roots() == roots
    assert intake(book, path, mapping=None).conflicts == 1  # for a person, with what differs
    assert [(one.means, one.by) for one in names.read(book.path)] == [("card", "Ada"), ("voucher", "Ada")]


@pytest.mark.parametrize(
    ("kind", "means", "more", "words"),
    [
        ("tender", "crypto", {}, "or give the account"),
        ("tender", "card", {"account": "assets:bank"}, "has the account assets:clearing:card already"),
        ("tender", "crypto", {"account": "income:sales"}, "no account of a tender"),
        ("category", "Food", {"account": "Income:Food"}, "no account of a category"),
        ("category", "Food", {"rates": ("9",)}, "only a tax has rates"),
        ("store", "Uptown", {}, "give its time zone"),
        ("store", "Uptown", {"time_zone": "Nowhere/City"}, "not an IANA time zone"),
        ("store", "Downtown", {"cut_off": time(4)}, "leave them out"),
        ("tax", "State", {"time_zone": "UTC"}, "only a store has a time zone"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_nothing_is_written(
    closed_book: Book, kind: str, means: str, more: dict[str, Any], words: str
) -> None:
    book = closed_book
    with pytest.raises(TillproofError, match=words):
        answered(book, kind, "CC", means, **more)
    assert not (book.path / "names.toml").exists()


def test_what_is_written_by_hand_stays_as_it_is_and_wins(tmp_path: Path) -> None:
    book = new_book(tmp_path, sources={"shop": {"tenders": {"CC": "card"}}})
    settings = book.path / "book.toml"
    settings.write_text("# ours\n" + settings.read_text("utf-8"), encoding="utf-8")
    before = settings.read_bytes()
    with pytest.raises(TillproofError, match=r"book\.toml says that the tender 'CC' of shop is 'card', and wins"):
        answered(book, "tender", "CC", "cash")
    answered(book, "tender", "Moonpay", "online")
    assert settings.read_bytes() == before
    assert Book.open(book.path).settings.source("shop").tenders == {"CC": "card", "Moonpay": "online"}
