"""``accept``: a person lets a conflict in, in their name and for a reason; nothing else of the book is different."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.hold import accept
from ledger.book import Book
from ledger.errors import InputError
from ledger.figures import Figures, Plan
from tests.assistant.test_commands import run
from tests.ingest.shop import AT, export, intake, new_book, row

DEARER = {"Price": "6.00", "Tax": "0.88", "Paid": "11.88"}
ADA = {"source": "shop", "by": "Ada", "reason": "the till's clock stood still", "at": AT}


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book with tickets 1 and 2; ticket 1 came again, dearer and without a newer time, in a file with ticket 3."""
    made = new_book(tmp_path)
    intake(made, export(tmp_path / "one.csv", [row("1"), row("2")]))
    intake(made, export(tmp_path / "two.csv", [row("3"), row("1", **DEARER)]))
    return made


def net_sales(book: Book) -> str:
    figures = Figures.open(book)
    figures.catch_up()
    found = figures.run(Plan(metrics=("net_sales",))).rows[0][0].value
    figures.close()
    return str(found)


def test_what_is_accepted_is_the_new_version_and_who_and_why_is_kept(book: Book) -> None:
    assert net_sales(book) == "27.00"
    book.close()
    words = ("--source", "shop", "--by", "Ada", "--reason", "the till's clock stood still")
    assert "posted by commit 3" in run("accept", book.path, "1", *words).stdout
    again = Book.open(book.path)
    assert net_sales(again) == "29.00"
    first, second = again.find_ticket("1", "shop")
    old, new = again.entry(*first), again.entry(*second)
    assert old is not None
    assert new is not None
    assert old.reversed_by is not None
    assert (new.reversed_by, new.lines[0]["net_minor"]) == (None, 1100)
    assert again.held() == []
    (held,) = again.held(released=True)
    assert held.accepted == "Ada: the till's clock stood still"
    assert again.verify().ok
    assert sum(again.feeds()[0].__dict__[name] for name in ("posted", "versions", "quarantined", "ignored")) == 1
    assert json.loads(run("held", again.path, "--json").stdout) == {"held": []}
    run("verify", again.path)
    with pytest.raises(InputError, match="no conflict of ticket 1"):
        accept(again, "1", **ADA)


def test_what_came_before_an_acceptance_and_comes_after_it_is_what_it_was(book: Book, tmp_path: Path) -> None:
    accept(book, "1", **ADA)
    for name in ("one.csv", "two.csv"):
        assert intake(book, tmp_path / name).duplicates == 2
    newer = intake(book, export(tmp_path / "three.csv", [row("1", Changed="2026-10-06 08:00:00")]))
    assert newer.versions == 1
    assert net_sales(book) == "27.00"
    assert book.verify().ok


def test_an_acceptance_is_in_the_chain_and_cannot_be_changed_unnoticed(book: Book) -> None:
    import sqlite3

    accept(book, "1", **ADA)
    with sqlite3.connect(book.path / "truth.db") as truth:
        assert truth.execute("UPDATE holds SET reason = 'Bob: x' WHERE disposition = 'accepted'").rowcount == 1
    assert "commit 3" in book.verify().problems[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"by": " "}, "in somebody's name"),
        ({"reason": ""}, "for a reason"),
        ({"source": "other"}, "no conflict of ticket 1 of other"),
        ({"document": "f" * 64}, "no conflict of ticket 1"),
    ],
)
def test_nothing_is_accepted_without_name_reason_and_a_conflict(book: Book, change: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        accept(book, "1", **{**ADA, **change})  # type: ignore[arg-type]
    assert (book.head().seq, len(book.held())) == (2, 1)


def test_of_two_conflicts_of_a_ticket_one_must_be_named(book: Book, tmp_path: Path) -> None:
    intake(book, export(tmp_path / "three.csv", [row("1", Item="Cherry pie")]))
    with pytest.raises(InputError, match="say with --document"):
        accept(book, "1", **ADA)
    cherry = book.held()[0].document
    accept(book, "1", document=cherry[:12], **ADA)
    entry = book.entry(*book.find_ticket("1", "shop")[-1])
    assert entry is not None
    assert entry.lines[0]["name"] == "Cherry pie"
    assert book.held() == []


def test_what_is_older_than_the_live_version_cannot_be_accepted(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    intake(book, export(tmp_path / "one.csv", [row("1")]))
    intake(book, export(tmp_path / "newer.csv", [row("1", Note="late", Changed="2026-10-07 08:00:00")]))
    intake(book, export(tmp_path / "two.csv", [row("1", Item="Cherry pie")]))
    with pytest.raises(InputError, match="held all the same: a newer version is posted"):
        accept(book, "1", **ADA)
    assert len(book.held()) == 1
    assert book.verify().ok


def test_an_acceptance_does_not_reach_into_a_soft_closed_period_unless_it_is_let_in(book: Book) -> None:
    from datetime import date

    book.change_period(date(2026, 10, 1), date(2026, 10, 31), "soft_closed", by="Ada", reason="month end", at=AT)
    with pytest.raises(InputError, match="soft-closed"):
        accept(book, "1", **ADA)
    accept(book, "1", into_soft_closed=True, **ADA)
    assert net_sales(book) == "29.00"
    assert book.verify().ok
