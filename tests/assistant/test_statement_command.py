"""``tillproof statement`` as a person and a script use it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.assistant.test_commands import run

OCTOBER = ("--from", "2026-10-01", "--to", "2026-10-31")


@pytest.fixture(scope="module")
def book(till_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(till_book, tmp_path_factory.mktemp("statement") / "book"))


def test_a_statement_is_a_table_whose_amounts_stand_below_each_other(book: Path) -> None:
    shown = run("statement", book, "trial-balance", *OCTOBER).stdout.splitlines()
    assert shown[:2] == [
        "Trial balance",
        "trial balance, 2026-10-01 to 2026-10-31, as known at commit 2; amounts in USD",
    ]
    table = [text for text in shown if text.startswith("  ")]
    assert len({len(text) for text in table}) == 1
    assert "ok     The balances of all accounts come to zero." in shown


def test_a_statement_is_written_as_csv_xlsx_and_json(book: Path, tmp_path: Path) -> None:
    run("statement", book, "tax", *OCTOBER, "--csv", tmp_path / "tax.csv")
    run("statement", book, "tax", *OCTOBER, "--xlsx", tmp_path / "tax.xlsx")
    made = json.loads(run("statement", book, "tax", *OCTOBER, "--json").stdout)
    total = next(row for row in made["sections"][0]["rows"] if row["total"])
    net = total["cells"][3]["value"]
    with (tmp_path / "tax.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(row for row in csv.DictReader(file) if row["kind"] == "total")["net_tax"] == net
    sheet = pl.read_excel(tmp_path / "tax.xlsx", has_header=False, infer_schema_length=0)
    assert f"{float(next(row for row in sheet.iter_rows() if row[0] == 'Total')[4]):.2f}" == net


def test_a_statement_of_a_store_as_known_then(book: Path) -> None:
    first = json.loads(run("statement", book, "journal", "--store", "Downtown", "--as-of", "1", "--json").stdout)
    assert {section["title"].partition(",")[0] for section in first["sections"]} == {"Downtown"}
    assert first["seq"] == 1
    assert "Nothing was posted." in run("statement", book, "journal", "--as-of", "2026-10-21").stdout


def test_what_cannot_be_made_is_one_line(book: Path, tmp_path: Path) -> None:
    for arguments in (
        ("tax", "--store", "Atlantis"),
        ("tax", "--as-of", "soon"),
        ("tax", "--from", "2026-10-31", "--to", "2026-10-01"),
        ("tips", *OCTOBER, "--against", "year"),
        ("tips", "--csv", tmp_path / "nowhere" / "tips.csv"),
    ):
        assert len(run("statement", book, *arguments, status=1).stderr.splitlines()) == 1
    run("statement", book, "balance-sheet", status=2)
    run("statement", book, "tax", "--against", "decade", status=2)
    run("statement", book, "tax", "--json", "--csv", tmp_path / "tax.csv", status=2)
