"""Whatever a document calls a store or a ticket, each format's own reader sees one entry and the text, nothing else."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from datetime import date
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from beancount.core.data import Transaction
from beancount.parser import parser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.exports.formats import TEXT_FORMATS
from ledger.exports.journal import ENTRIES, POSTINGS, Part
from ledger.exports.peer import Peer
from ledger.exports.totals import Totals
from ledger.settings import BookSettings, Business

SETTINGS = BookSettings(book=Business(id="shop", name='My "Shop" \\', currency="USD"))
HLEDGER = shutil.which("hledger")
hostile = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\;|,:=+-@*!()[]<>&\t\r\n\x00\x85\u2028#')
)


def part_of(store: str, ticket: str, memo: str | None) -> Part:
    entry: dict[str, Any] = {
        "entry": 1, "id": "0123456789abcdef", "business_date": date(2026, 10, 5), "store": store, "currency": "USD",
        "title": f"sale {ticket}", "source": "pos", "ticket": ticket, "memo": memo, "document": "a" * 12,
        "locator": "row 2",
    }  # fmt: skip
    common = {"entry": 1, "business_date": date(2026, 10, 5), "currency": "USD"}
    rows = [
        {**common, "account": "assets:cash", "amount_minor": 1205},
        {**common, "account": "income:sales", "amount_minor": -1205},
    ]
    return Part(pl.DataFrame([entry], schema=ENTRIES), pl.DataFrame(rows, schema=POSTINGS))


def whole(format: str, part: Part) -> str:
    made = TEXT_FORMATS[format]
    peer = Peer.of(SETTINGS, made)
    totals = Totals()
    totals.add(part)
    before, after = made.around(totals, peer)
    return before + made.body(part, peer) + after


def one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+", " ", text).strip(" ")


@settings(max_examples=120, deadline=None)
@given(store=hostile, ticket=hostile, memo=st.none() | hostile)
@example(store='"\n2026-01-01 open Assets:Evil\n', ticket="\\", memo='\\"')
@example(store="A", ticket="=cmd|'/C calc'!A0", memo="x" * 5000)
def test_readers_see_one_entry_and_the_text(store: str, ticket: str, memo: str | None) -> None:
    part = part_of(store, ticket, memo)

    entries, errors, options = parser.parse_string(whole("beancount", part))
    assert errors == []
    assert options["title"] == 'My "Shop" \\'
    (entry,) = [one for one in entries if isinstance(one, Transaction)]
    assert (entry.payee, len(entry.postings), len(entries)) == (one_line(store), 2, 3)
    assert entry.meta["ticket"] == one_line(ticket)
    assert entry.meta.get("memo") == (None if memo is None else one_line(memo))

    root = ElementTree.fromstring(whole("saft", part).encode())
    texts = [(one.tag.split("}")[1], one.text or "") for one in root.iter()]
    assert [text for tag, text in texts if tag == "AnalysisID"] == [one_line(store)] * 2
    assert [text for tag, text in texts if tag == "SourceDocumentID"] == [one_line(ticket)] * 2

    for format in ("quickbooks", "xero"):
        header, *rows = csv.reader(io.StringIO(whole(format, part), newline=""), strict=True)
        assert [len(row) for row in rows] == [len(header)] * 2
        for row in rows:
            assert not any(
                cell.startswith(("=", "+", "-", "@")) for cell in row if not re.fullmatch(r"-?\d+\.\d\d", cell)
            )

    assert [line.count("\t") for line in whole("iif", part).split("\r\n")[-4:]] == [8, 8, 0, 0]


@settings(max_examples=25, deadline=None)
@given(store=hostile, ticket=hostile, memo=hostile)
@example(store="a\n2026-01-01 evil\n  x  1\n  y  -1\n", ticket="; date:2026-01-01", memo=", type:X, [2026-01-01]")
def test_hledger_sees_one_entry(store: str, ticket: str, memo: str) -> None:
    if HLEDGER is None:
        pytest.skip("hledger is not installed (apt install hledger)")
    shown = subprocess.run(
        [HLEDGER, "-f", "-", "register", "--output-format=csv", "date:2026-10-05"],
        input=whole("hledger", part_of(store, ticket, memo)).encode(),
        capture_output=True, check=False, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert shown.stderr == b""
    rows = list(csv.DictReader(io.StringIO(shown.stdout.decode(), newline="")))
    assert [(row["account"], row["amount"]) for row in rows] == [
        ("assets:cash", "12.05 USD"), ("income:sales", "-12.05 USD"),
    ]  # fmt: skip
