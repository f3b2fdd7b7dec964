"""Exports that a peer accepts: Beancount and hledger themselves read them, and their balances are ours."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction

from ledger.book import Book
from ledger.exports.store_days import Detail
from ledger.money import to_major
from tests.ledger.exports.shop import FOREIGN, HOSTILE, HOSTILE_STORE, LATE, TICKETS, fill, written

HLEDGER = shutil.which("hledger")
Balances = dict[tuple[str, str], Decimal]

DETAILS: tuple[Detail, ...] = ("daily", "ticket")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    made = fill(tmp_path_factory.mktemp("peers") / "book", (*TICKETS, *LATE, *FOREIGN))
    yield made
    made.close()


@pytest.fixture
def hledger() -> str:
    if HLEDGER is None:
        assert not os.environ.get("CI"), "hledger is not installed and CI needs it: apt install hledger"
        pytest.skip("hledger is not installed (apt install hledger)")
    return HLEDGER


def ours(book: Book) -> Balances:
    """The book's balances by account and currency, from its own entries, in major units."""
    total: Counter[tuple[str, str]] = Counter()
    for chunk in book.committed():
        rows = chunk.postings.join(chunk.entries, on=["seq", "n"])
        for account, currency, amount in rows.select("account", "currency", "amount_minor").iter_rows():
            total[(account, currency)] += amount
    return {(account, code): to_major(amount, code) for (account, code), amount in total.items() if amount}


@pytest.mark.parametrize("detail", DETAILS)
def test_beancount_reads_it_without_an_error_and_its_balances_are_ours(
    book: Book, detail: Detail, tmp_path: Path
) -> None:
    path = tmp_path / "book.beancount"
    path.write_bytes(written(book, "beancount", detail)[0])
    checked = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", "--no-cache", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    theirs: Balances = {}
    for one in entries:
        for posting in one.postings if isinstance(one, Transaction) else ():
            key = (posting.account.lower(), posting.units.currency)
            theirs[key] = theirs.get(key, Decimal()) + posting.units.number
    assert {key: amount for key, amount in theirs.items() if amount} == ours(book)


@pytest.mark.parametrize("detail", DETAILS)
def test_hledger_passes_its_strict_checks_and_its_balances_are_ours(
    book: Book, detail: Detail, tmp_path: Path, hledger: str
) -> None:
    path = tmp_path / "book.journal"
    path.write_bytes(written(book, "hledger", detail)[0])
    run = {"capture_output": True, "text": True, "env": {"LC_ALL": "C.UTF-8"}, "encoding": "utf-8"}
    checked = subprocess.run([hledger, "-f", path, "check", "--strict"], check=False, **run)  # type: ignore[call-overload]
    assert (checked.returncode, checked.stderr) == (0, "")
    shown = subprocess.run(
        [hledger, "-f", path, "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv"],
        check=True,
        **run,  # type: ignore[call-overload]
    )
    rows = csv.DictReader(io.StringIO(shown.stdout))
    theirs = {(row["account"], row["commodity"]): Decimal(row["balance"]) for row in rows}
    assert {key: amount for key, amount in theirs.items() if amount} == ours(book)


def test_beancount_keeps_where_a_ticket_came_from(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "book.beancount"
    path.write_bytes(written(book, "beancount", "ticket")[0])
    entries, _, _ = loader.load_file(str(path))
    of_nine = [one for one in entries if isinstance(one, Transaction) and one.meta.get("ticket") == "9"]
    assert [one.narration for one in of_nine] == ["sale 9", "reversal of sale 9", "sale 9"]
    assert {one.payee for one in of_nine} == {"Downtown"}
    assert len({one.meta["entry"] for one in of_nine}) == 3
    assert {(one.meta["locator"][:4], len(one.meta["document"])) for one in of_nine} == {("row ", 12)}
    (strange,) = [one for one in entries if isinstance(one, Transaction) and one.meta.get("ticket", "")[:2] == '";']
    assert strange.payee == HOSTILE_STORE
    assert strange.meta["ticket"].endswith("long long")
    assert "<b>&amp;</b>" in strange.meta["ticket"]
    assert HOSTILE.split("\t")[0] in strange.meta["ticket"]


def test_hledger_reads_hostile_names_as_description_and_tags(book: Book, tmp_path: Path, hledger: str) -> None:
    path = tmp_path / "book.journal"
    path.write_bytes(written(book, "hledger", "ticket")[0])
    env = {"LC_ALL": "C.UTF-8"}
    shown = subprocess.run(
        [hledger, "-f", path, "print", "-O", "json", "tag:ticket=calc"],
        check=True, capture_output=True, encoding="utf-8", env=env,
    ).stdout  # fmt: skip
    (entry,) = json.loads(shown)
    assert entry["tdescription"].startswith('=Café "Süd", / (1), \\ <b> | sale ";'.replace('";', '",'))
    tags = dict(entry["ttags"])
    assert set(tags) == {"store", "source", "ticket", "document", "locator"}
    assert tags["store"] == '=Café "Süd"; | (1); \\ <b>'
    assert len(entry["tpostings"]) == 3
