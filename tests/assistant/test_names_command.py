"""``tillproof names``: what is asked for, one answer, and what does not fit."""

from __future__ import annotations

from pathlib import Path

from ledger import names
from tests.assistant.test_commands import run
from tests.ingest.shop import export, intake, new_book, row


def test_a_name_is_listed_answered_and_let_in(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    intake(book, export(tmp_path / "a.csv", [row("1"), row("2", Tender="CC"), row("3", Tender="CC", Paid="1.00")]))
    book.close()
    assert run("names", book.path).stdout == "tender 'CC' of shop: 2 tickets, 10.72 USD, 2026-10-05\n"
    answer = ("names", book.path, "set", "--kind", "tender", "--source", "shop", "--name", "CC")
    refused = run(*answer, "--means", "moon", "--by", "Ada", status=1).stderr
    assert refused.startswith("tillproof: 'moon' is no tender type of the book; use one of")
    done = run(*answer, "--means", "card", "--by", "Ada").stdout
    assert done.startswith("tender 'CC' of shop is 'card': 1 posted. 1 of the same documents are still held")
    assert names.read(book.path)[0].by == "Ada"
