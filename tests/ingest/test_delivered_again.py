"""A file that brings the tickets of a delivery once more in a later one: the first is posted, the later is held."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.pipeline import take
from ledger.batch import Held
from ledger.book import Book
from ledger.deliveries import AGAIN, again_words, delivery_of
from tests.builders import AT, make_book

MAPPING = """
[mapping]
layout = "set"
[files.tickets]
name = "tickets.csv"
key = "no"
[files.lines]
name = "lines.csv"
key = "no"
[files.tenders]
name = "tenders.csv"
key = "no"
[ticket]
external_id = "[no]"
store = "[store]"
business_date = "[day]"
delivery = "[batch]"
[line]
number = "[line]"
gross = "[net]"
[tender]
type = "'cash'"
amount = "[paid]"
"""


def test_a_set_with_a_delivery_twice_is_posted_once(tmp_path: Path) -> None:
    first = [f"T{n},Shop,2026-10-01,B-1" for n in range(3)]
    again = [row.replace("B-1", 'B "2"').replace('B "2"', '"B ""2"""') for row in first]
    files = {
        "tickets.csv": ["no,store,day,batch", *first, *again],
        "lines.csv": ["no,line,net", *[f"T{n},{line},5.00" for n in range(3) for line in (1, 2)] * 2],
        "tenders.csv": ["no,paid", *[f"T{n},10.00" for n in range(3)] * 2],
    }
    for name, rows in files.items():
        (tmp_path / name).write_text("\n".join(rows) + "\n")
    (tmp_path / "mapping.toml").write_text(MAPPING)
    book = make_book(tmp_path / "book")
    report = take(book, [tmp_path / name for name in files], source="pos", mapping=tmp_path / "mapping.toml", at=AT)
    assert (report.records, report.posted, report.quarantined) == (6, 3, 3)
    assert [(one.rule, one.external_id, delivery_of(one.reason)) for one in _held(book)] == [
        (AGAIN, f"T{n}", 'B "2"') for n in range(3)
    ]
    book.close()


def _held(book: Book) -> list[Held]:
    return sorted(book.held(), key=lambda one: one.external_id or "")


@pytest.mark.parametrize("delivery", ["B-9", 'a "quoted" one', "comes again in delivery 7", "naïve\n"])
def test_the_delivery_is_read_back_from_the_reason(delivery: str) -> None:
    assert delivery_of(f"Row 3 was not read: {again_words('T1', delivery)} (row 3)") == delivery


def test_a_reason_that_names_no_delivery_gives_none() -> None:
    assert delivery_of(again_words("T1", None)) is None
    assert delivery_of("ticket T1 comes again in delivery of the mail") is None
