"""``selftest --power`` counts a cut only where it lost something, and says what it takes for granted."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from assistant.selftest import Scratch, power
from assistant.selftest.kill import Tally, attempt
from assistant.selftest.power import LOG, Copy, cut
from assistant.selftest.wal import read_log
from assistant.selftest.worker import Worker
from ledger.truth import FILE


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(tmp_path_factory.mktemp("scratch"), seed=1, tickets=20, files=1)


def copied(scratch: Scratch, folder: Path) -> Path:
    """A copy of a book while its log is there."""
    book = scratch.new()
    with book.truth.reader.connect():  # so that the log is not folded into the database at the end
        scratch.deliveries[0].post(book, scratch.folder / "copies")
        shutil.copytree(book.path, folder, ignore=shutil.ignore_patterns("*-shm"))
    book.close()
    return folder


def content(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in (FILE, LOG)]


def test_a_cut_that_lost_nothing_says_so(scratch: Scratch, tmp_path: Path) -> None:
    stopped = copied(scratch, tmp_path / "stopped")
    whole = content(stopped)
    ways = set()
    for seed in range(40):
        how = cut(stopped, tmp_path / "cut", read_log(stopped / LOG), random.Random(seed))
        assert (how is not None) == (content(tmp_path / "cut") != whole)
        ways.add(how)
    assert None in ways  # the log ends with its last commit: there is nothing behind it to lose
    with (stopped / LOG).open("ab") as log:
        log.write(b"\1" * 4096)  # the beginning of a frame that was never synced
    ways = {cut(stopped, tmp_path / "cut", read_log(stopped / LOG), random.Random(seed)) for seed in range(40)}
    assert {"log cut short", "sectors of the log lost"} <= ways


def test_a_copy_without_a_log_has_nothing_to_lose(scratch: Scratch, tmp_path: Path) -> None:
    stopped = copied(scratch, tmp_path / "stopped")
    (stopped / LOG).unlink()
    assert cut(stopped, tmp_path / "cut", None, random.Random(1)) is None


def test_the_sentence_says_what_is_taken_for_granted(scratch: Scratch) -> None:
    outcome = power(scratch, 3)
    assert outcome.problems == ()
    ways = sum(number for name, number in outcome.counts.items() if name not in ("cuts", "copies"))
    assert outcome.counts["cuts"] == ways == 3
    assert "each of which lost or tore what no sync had covered" in outcome.sentence
    assert outcome.sentence.endswith("every sync is taken to be done")


def test_a_process_stopped_before_its_book_has_a_folder_gives_no_copy(tmp_path: Path) -> None:
    copy = Copy(tmp_path / "stopped")
    copy.take(tmp_path / "none")
    assert not copy.taken


def test_a_stopped_process_is_killed_also_when_its_book_cannot_be_copied(scratch: Scratch) -> None:
    def refuse(_: Path) -> None:
        raise OSError("no room for a copy")

    worker = Worker(scratch.deliveries, scratch.folder)
    with pytest.raises(OSError, match="no room"):
        attempt(worker, Tally(*scratch.place()), scratch, random.Random(2), refuse)
    worker.close()  # which waits for what it started
