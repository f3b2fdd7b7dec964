"""``flags scan`` and ``flags export``, at the command line, over a feed that a mapping of its own reads."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

from tests.assistant.test_commands import run

COLUMNS = "level,store,business_date,cashier,external_id,document,kind,score,expected,observed,reason"
MAPPING = """
[mapping]
layout = "flat"
[ticket]
external_id = "[No]"
store = "[Store]"
business_date = "[Day]"
closed_at = "[At]"
cashier = "[Who]"
delivery = "[Batch]"
received_at = "[Received]"
total = "[Total]"
[line]
name = "[Item]"
gross = "[Total]"
[[tender]]
type = "'cash'"
amount = "[Total]"
"""


def feed(path: Path) -> None:
    """Twenty days of a shop whose name is a formula; day 15 came five days late, day 7 twice, ticket 40
    under two numbers."""
    rows = ["No,Store,Day,At,Who,Batch,Received,Total,Item"]
    for number in range(200):
        day = date(2026, 10, 1) + timedelta(days=number // 10)
        came = day + timedelta(days=6 if number // 10 == 15 else 1)
        hour = 9 + number % 10
        told = (f"R{number:04}", "=Shop", day, f"{day} {hour}:{number % 60:02}:07", "Ada", f"B{number // 10}")
        rows.append(",".join(map(str, (*told, f"{came} 02:00:00", f"{5 + number % 7}.50", "Tea"))))
    rows.append(rows[41].replace("R0040", "R0200"))
    rows += [row.replace(",B7,", ",B7b,") for row in rows if ",B7," in row]
    path.write_text("\n".join(rows) + "\n")


def test_a_feed_is_scanned_and_its_flags_exported(tmp_path: Path) -> None:
    feed(tmp_path / "feed.csv")
    (tmp_path / "mapping.toml").write_text(MAPPING)
    book, out = str(tmp_path / "book"), tmp_path / "flags.csv"
    run("init", book, "--currency", "USD")
    mapped = ("--source", "pos", "--mapping", str(tmp_path / "mapping.toml"), "--flags", "--json")
    taken = json.loads(run("ingest", book, str(tmp_path / "feed.csv"), *mapped).stdout)
    told = json.loads(run("flags", "scan", book, "--json").stdout)
    assert taken["flags"] == taken["new_flags"] == len(told["flags"])
    certain = {(one["kind"], one["external_id"], one["document"]) for one in told["flags"] if one["certain"]}
    assert certain == {
        ("ticket_again", "R0200", "B4"),
        ("delivery_stale", None, "B15"),
        ("delivery_again", None, "B7b"),
    }
    run("flags", "export", book, "--out", str(out))
    header, *_ = out.read_text().splitlines()
    assert header == COLUMNS
    rows = list(csv.DictReader(out.open()))
    assert [float(row["score"]) for row in rows] == sorted((float(row["score"]) for row in rows), reverse=True)
    assert {row["store"] for row in rows} == {"'=Shop"}
    [stale] = [row for row in rows if row["kind"] == "delivery_stale"]
    assert (stale["level"], stale["document"], stale["business_date"]) == ("document", "B15", "2026-10-16")


def test_a_folder_that_is_no_book_is_said_in_a_line(tmp_path: Path) -> None:
    done = run("flags", "scan", str(tmp_path), status=1)
    assert done.stderr.startswith("tillproof: ")
    assert done.stderr.count("\n") == 1
