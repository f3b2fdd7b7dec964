"""``tillproof export`` and ``exports`` as a person and a script use them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli import app
from tests.assistant.test_commands import run as run_process
from tests.ingest.shop import MAPPING, export, intake, new_book, row


def run(*arguments: object, status: int = 0) -> Result:
    """A command in this process: starting one for each takes far longer than what it does."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == status, (done.stdout, done.stderr)
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("exports")
    book = new_book(made)
    rows = [row(str(n), Closed=f"2026-10-0{n + 1} 12:00:00") for n in range(5)]
    intake(book, export(made / "october.csv", rows), mapping=MAPPING)
    book.close()
    return made


def test_an_export_goes_to_a_file_or_to_stdout_and_is_the_same(folder: Path) -> None:
    out = folder / "october.journal"
    report = json.loads(run("export", folder / "book", "--format", "hledger", "--out", out, "--json").stdout)
    assert (report["entries"], report["lines"], report["changed"]) == (5, 20, [])
    assert report["files"] == [str(out)]
    done = run_process("export", folder / "book", "--format", "hledger")
    assert done.stdout.encode() == out.read_bytes()
    assert hashlib.sha256(out.read_bytes()).hexdigest() == report["sha256"]
    assert "Export 2: 5 entries, 20 lines, as known at commit 1" in done.stderr


def test_days_stores_and_detail_are_chosen(folder: Path) -> None:
    chosen = ("--from", "2026-10-02", "--to", "2026-10-03", "--store", "Downtown", "--detail", "ticket")
    shown = run("export", folder / "book", "--format", "quickbooks", *chosen).stdout
    assert [line.split(",")[1] for line in shown.splitlines()[1:]] == ["10/02/2026"] * 4 + ["10/03/2026"] * 4
    run("export", folder / "book", "--format", "parquet", "--out", folder / "facts")
    assert len(list((folder / "facts").glob("*.parquet"))) == 7


def test_a_change_of_an_exported_day_is_said(folder: Path) -> None:
    run("export", folder / "book", "--format", "xero", "--out", folder / "xero.csv")
    export(folder / "late.csv", [row("77", Closed="2026-10-02 13:00:00")])
    run("ingest", folder / "book", folder / "late.csv", "--source", "shop")
    sentence = "changed since (Downtown 2026-10-02: assets:clearing:card +9.72 USD, "
    assert sentence in run("exports", folder / "book").stdout
    assert "xero, daily: the beginning to 2026-10-05, all stores, 5 entries" in run("exports", folder / "book").stdout
    listed = json.loads(run("exports", folder / "book", "--json").stdout)["exports"]
    (change,) = next(one for one in listed if one["format"] == "xero")["changes"]
    assert {"account": "income:discounts", "currency": "USD", "amount": "1.00"} in change["differences"]
    again = ("export", folder / "book", "--format", "xero", "--out", folder / "again.csv")
    assert sentence in run(*again).stderr
    assert sentence not in run(*again).stderr
    run("export", folder / "book", "--format", "xero", "--as-of", "1", "--out", folder / "first.csv")
    assert (folder / "first.csv").read_bytes() == (folder / "xero.csv").read_bytes()


def test_a_problem_is_one_line_and_status_1(folder: Path) -> None:
    done = run_process("export", folder / "book", "--format", "xero", "--store", "Nowhere", status=1)
    assert done.stdout == ""
    assert done.stderr == "tillproof: the book has no store 'Nowhere'; its stores are Downtown\n"


def test_wrong_usage_is_status_2(folder: Path) -> None:
    run("export", folder / "book", status=2)
    run("export", folder / "book", "--format", "xero", "--json", status=2)
    run("export", folder / "book", "--format", "xero", "--detail", "weekly", status=2)
