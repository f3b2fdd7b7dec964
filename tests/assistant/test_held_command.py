"""``held`` and ``release`` on the command line: what differs in a conflict, and the status of a release that settles
nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.assistant.test_commands import run
from tests.ingest.shop import MAPPING, export, row

CHANGED = {"Item": "Cherry; pie", "Qty": "3", "Disc": "2.00", "Tax": "1.04", "Paid": "14.04", "Note": "late"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with ticket 1 in conflict with what was posted of it."""
    made = tmp_path / "book"
    run("init", made)
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8")
    given = ("--mapping", tmp_path / "shop.toml", "--source", "shop")
    run("ingest", made, export(tmp_path / "one.csv", [row("1"), row("2")]), *given)
    run("ingest", made, export(tmp_path / "two.csv", [row("1", **CHANGED)]), *given, status=1)
    return made


def test_every_difference_of_a_conflict_is_told_in_parts(book: Path) -> None:
    (held,) = json.loads(run("held", book, "--json").stdout)["held"]
    assert {
        "rule": "changed-without-newer-stamp",
        "external_id": "1",
        "locator": "row 2",
        "amount": "14.04",
    }.items() <= (held.items())
    parts = {one["field"]: (one["before"], one["now"]) for one in held["differences"]}
    assert parts["line 1 name"] == ("Apple pie", "Cherry; pie")
    assert parts["memo"] == (None, "late")
    assert parts["total_minor"] == ("972", "1404")
    assert parts["tax 1 amount_minor"] == ("72", "104")
    assert parts["tender 1 amount_minor"] == ("972", "1404")
    assert len(parts) > 6
    assert held["differences_more"] == 0
    assert "newer time of change" in held["advice"]
    assert "line 1 name was Apple pie, now Cherry; pie" in run("held", book).stdout


def test_a_release_that_meets_a_conflict_again_says_so_and_has_status_1(book: Path) -> None:
    done = run("release", book, status=1)
    assert "0 posted; 1 still held." in done.stdout
    assert "1 record is held still, 1 of them a conflict, which no release can settle" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_release_after_which_nothing_is_held_has_status_0(book: Path, tmp_path: Path) -> None:
    newer = row("1", Changed="2026-10-06 09:00:00", **CHANGED)
    run("ingest", book, export(tmp_path / "three.csv", [newer]), "--source", "shop")
    assert json.loads(run("held", book, "--json").stdout) == {"held": []}
    assert "0 posted; 0 still held." in run("release", book).stdout
