"""``tillproof watch`` as a bot uses it: lines of JSON, exit status, and an end at any moment."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from ledger.book import Book
from ledger.errors import TillproofError
from tests.ingest.shop import MAPPING, export, new_book, row

FILES = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    book = new_book(tmp_path)
    (book.path / "sources" / "shop.toml").write_text(MAPPING, encoding="utf-8")
    book.close()
    (tmp_path / "drop").mkdir()
    return tmp_path


def once(folder: Path, *more: str, status: int = 0) -> list[dict[str, object]]:
    """The lines of one look."""
    options = ["--source", "shop", "--quiet", "0.1", "--once", *more]
    done = CliRunner().invoke(app, ["watch", str(folder / "book"), str(folder / "drop"), *options])
    if isinstance(done.exception, TillproofError):  # which the entry point says, and exits with 1
        assert status == 1
    else:
        assert done.exit_code == status, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_any_moment_it_loses_nothing_and_posts_nothing_twice(folder: Path) -> None:
    for number in range(FILES):
        export(folder / "drop" / f"{number:03}.csv", [row(f"{number}-{n}") for n in range(3)])
    options = [str(folder / "book"), str(folder / "drop"), "--source", "shop", "--quiet", "0.1"]
    command = [sys.executable, "-m", "assistant.cli", "watch", *options]
    for seconds in (0.03, 0.2):  # after its first line
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert json.loads(running.stdout.readline())["outcome"] == "done"
            time.sleep(seconds)
            running.send_signal(signal.SIGKILL)
    told = once(folder)
    assert 0 < len(told) < FILES
    assert {one["outcome"] for one in told} == {"done"}
    files = [one for one in (folder / "drop").rglob("*.csv") if one.stat().st_size]
    assert {one.parent.name for one in files} == {"done"}
    assert sorted({one.read_bytes() for one in files}) == sorted(one.read_bytes() for one in files)
    assert len(files) == FILES
    book = Book.open(folder / "book")
    assert sum(feed.posted for feed in book.feeds()) == 3 * FILES
    assert book.verify().ok
    book.close()


def test_its_exit_status_says_whether_something_was_held_and_what_waits_is_told(folder: Path) -> None:
    export(folder / "drop" / "a.csv", [row("1")])
    assert [one["moved_to"] for one in once(folder)] == ["done/a.csv"]
    (folder / "drop" / "b.xml").write_text("<unknown/>", encoding="utf-8")
    export(folder / "drop" / "c.csv", [row("2")])
    held, done = sorted(once(folder, status=1), key=lambda one: str(one["file"]))
    assert (held["outcome"], done["outcome"]) == ("held", "done")
    export(folder / "drop" / "d.csv", [row("3")])
    (waiting,) = once(folder, "--marker", ".done")
    assert (waiting["outcome"], waiting["file"], waiting["moved_to"]) == ("waiting", "d.csv", None)
    once(folder, "--marker", "done", status=2)
    (folder / "drop" / "done").rename(folder / "elsewhere")
    (folder / "drop" / "done").symlink_to(folder / "elsewhere")
    assert once(folder, status=1) == []
