"""The benchmarks run and say what they measured; how fast it was is no matter of tests."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bench.ingest import executemany_seconds
from bench.process import python
from bench.row import Row
from tests.builders import make_book, post, ticket


def test_the_table_and_the_file_say_the_same(tmp_path: Path) -> None:
    small = ["--tickets", "300", "--posts", "4", "--folder", str(tmp_path / "bench")]
    command = [sys.executable, "-m", "bench", *small, "--only", "verify,single", "--json", str(tmp_path / "rows.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))
    rows = [Row(**one) for one in found["rows"]]
    assert done.stdout.splitlines()[4:] == [row.markdown() for row in rows]
    assert all((row.held is None) == (row.bar == "") for row in rows)
    assert rows[0].work.startswith("`verify` of ")
    assert sum("one ticket through `Book.post`" in row.work for row in rows) >= 1
    assert found["machine"]["Python"].startswith("3.")


def test_the_baseline_writes_every_row_of_the_book(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, *(ticket(str(number), tax=80) for number in range(3)))
    book.close()
    with closing(sqlite3.connect(tmp_path / "book" / "truth.db")) as truth:
        tables = [name for (name,) in truth.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {name: truth.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables}
    seconds, rows = executemany_seconds(tmp_path / "book", tmp_path / "plain.db")
    assert seconds > 0
    assert rows == sum(count for (count,) in counts.values()) > 20
    with closing(sqlite3.connect(tmp_path / "plain.db")) as plain:
        assert {name: plain.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables} == counts


@pytest.mark.parametrize(("value", "over", "under"), [(1.0, True, True), (0.99, False, True), (1.01, True, False)])
def test_a_bar_itself_holds(value: float, over: bool, under: bool) -> None:
    assert Row.at_least("", value, 1.0, "").held is over
    assert Row.at_most("", value, 1.0, "").held is under


def test_the_memory_of_children_counts() -> None:
    kept = "import time; kept = bytearray(b'x') * (200 << 20); time.sleep(1.5)"
    alone = python("-c", kept)
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {kept!r}], check=True)"
    assert alone.peak_mib >= 200
    assert python("-c", parent).peak_mib > alone.peak_mib


def test_a_command_that_fails_ends_the_run_with_what_it_said() -> None:
    with pytest.raises(SystemExit, match="no such thing"):
        python("-c", "raise ValueError('no such thing')")
