"""``ingest`` and ``paper`` on the command line: a document is shown, and confirmed with a corrected field."""

from __future__ import annotations

import json
from pathlib import Path

from ledger.book import Book
from tests.assistant.test_commands import run
from tests.ingest.paper.papers import RECEIPT_US, US_BOOK
from tests.ingest.paper.printer import pdf


def test_a_paper_is_shown_and_confirmed_with_a_field_set_right(tmp_path: Path) -> None:
    book = tmp_path / "book"
    Book.create_from(book, US_BOOK).close()
    doubted = [line.replace("10/25/2026", "10/05/2026") for line in RECEIPT_US]
    taken = run("ingest", book, pdf(tmp_path / "receipt.pdf", doubted))
    assert "the date 10/05/2026 may be 2026-10-05 or 2026-05-10" in taken.stdout
    (listed,) = json.loads(run("paper", "list", book, "--json").stdout)["papers"]
    assert listed["status"] == "waiting"
    shown = json.loads(run("paper", "show", book, listed["document"][:12], "--json").stdout)
    date = next(one for one in shown["fields"] if one["name"] == "date")
    assert (date["value"], date["page"], len(date["box"])) == ("2026-10-05", 1, 4)
    confirm = ("paper", "confirm", book, listed["document"][:12], "--by", "Ada")
    assert "12.15 against 12.51" in run(*confirm, "--set", "total=12.51", status=1).stderr
    assert "it is posted" in run(*confirm, "--set", "date=2026-05-10").stdout
