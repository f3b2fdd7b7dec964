"""``tillproof export`` and ``exports`` as a person and a script use them."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.assistant.test_commands import TILLPROOF, run
from tests.ingest.shop import MAPPING, export, row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("exports")
    run("init", made / "book", "--name", "My Shop")
    (made / "shop.toml").write_text(MAPPING, encoding="utf-8")
    export(made / "october.csv", [row(str(n), Closed=f"2026-10-0{n + 1} 12:00:00") for n in range(5)])
    run("ingest", made / "book", made / "october.csv", "--mapping", made / "shop.toml", "--source", "shop")
    return made


def test_an_export_goes_to_a_file_or_to_stdout_and_is_the_same(folder: Path) -> None:
    out = folder / "october.journal"
    report = json.loads(run("export", folder / "book", "--format", "hledger", "--out", out, "--json").stdout)
    assert (report["entries"], report["lines"], report["changed"]) == (5, 20, [])
    assert report["files"] == [str(out)]
    done = subprocess.run(
        [*TILLPROOF, "export", str(folder / "book"), "--format", "hledger"], capture_output=True, check=True
    )
    assert done.stdout == out.read_bytes()
    assert hashlib.sha256(done.stdout).hexdigest() == report["sha256"]
    assert b"Export 2: 5 entries, 20 lines, as known at commit 1" in done.stderr


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
    listed = json.loads(run("exports", folder / "book", "--json").stdout)["exports"]
    (change,) = next(one for one in listed if one["format"] == "xero")["changes"]
    assert {"account": "income:discounts", "currency": "USD", "amount": "1.00"} in change["differences"]
    assert sentence in run("export", folder / "book", "--format", "xero", "--out", folder / "again.csv").stderr
    assert sentence not in run("export", folder / "book", "--format", "xero", "--out", folder / "again.csv").stderr
    run("export", folder / "book", "--format", "xero", "--as-of", "1", "--out", folder / "first.csv")
    assert (folder / "first.csv").read_bytes() == (folder / "xero.csv").read_bytes()


def test_problems_are_one_line_and_wrong_usage_is_2(folder: Path) -> None:
    for wrong in (
        ("--format", "ofx"),
        ("--format", "xero", "--store", "Nowhere"),
        ("--format", "xero", "--as-of", "99"),
    ):
        done = run("export", folder / "book", *wrong, status=1)
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1
    run("export", folder / "book", status=2)
    run("export", folder / "book", "--format", "xero", "--json", status=2)
    run("export", folder / "book", "--format", "xero", "--detail", "weekly", status=2)
