"""``ingest`` and ``paper`` on the command line: a document is shown, and confirmed with a corrected field."""

from __future__ import annotations

import json
from pathlib import Path

from assistant.cli.app import opened
from assistant.papers import papers
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
    with opened(book) as asked:
        (listed,) = papers(asked)
    assert listed.status == "waiting"
    shown = json.loads(run("paper", "show", book, listed.record.id[:12], "--json").stdout)
    date = next(one for one in shown["fields"] if one["name"] == "date")
    assert (date["value"], date["page"], len(date["box"])) == ("2026-10-05", 1, 4)
    done = run("paper", "confirm", book, listed.record.id[:12], "--by", "Ada", "--set", "date=2026-05-10")
    assert "it is posted" in done.stdout
