"""A disk that is full, read-only or damaged: a typed error in a sentence, nothing half-written, then on it goes."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ingest import documents, places
from ingest.pipeline import retake
from ledger.book import Book
from ledger.errors import BookDamaged, BookError, BookUnwritable, NotABook, TillproofError
from ledger.figures import Figures, Period, Plan
from tests.builders import AT, DAY, balances, keep_bytes, line, make_book, post, sale_batch, ticket
from tests.disks import fill_up, small_disk
from tests.ingest.shop import AT as PRESENT
from tests.ingest.shop import MAPPING, export, new_book, row

TILLPROOF = [sys.executable, "-m", "assistant.cli"]
SMALL_MIB = 2


def run(*arguments: object, status: int = 1) -> str:
    """What a command says on stderr: one line, with nothing on stdout, when it fails."""
    done = subprocess.run([*TILLPROOF, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, (done.stdout, done.stderr)
    if status:
        assert done.stderr.startswith("tillproof: ")
        assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def content_of(folder: Path) -> dict[str, str]:
    """Every file of a book with its hash; without the files that coordinate readers and writers of the moment."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal", ".lock"))
    }


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SMALL_MIB) as disk:
        yield disk


def set_read_only(disk: Path, read_only: bool) -> None:
    subprocess.run(["mount", "-o", f"remount,{'ro' if read_only else 'rw'}", str(disk)], check=True)


# --- full -------------------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_posting_with_nothing_half_written_and_posting_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    book = make_book(small_disk / "book")
    fill_up(small_disk, leave=400_000)
    posted: list[str] = []
    with pytest.raises(BookUnwritable, match="full") as error:
        for number in range(10_000):
            many = [ticket(f"{number}-{one}") for one in range(20)]
            post(book, *many)
            posted += [one["external_id"] for one in many]
    assert posted, "the disk was full before anything was posted"
    assert "\n" not in str(error.value)
    assert str(book.path / "truth.db") in str(error.value)
    assert balances(book) == {"assets:clearing:card": 1000 * len(posted), "income:sales": -1000 * len(posted)}

    (small_disk / "ballast").unlink()
    assert book.verify().problems == ()
    assert post(book, *(ticket(one) for one in posted[-20:]), ticket("more")).posted == 1
    assert book.verify().ok
    assert balances(book) == {
        "assets:clearing:card": 1000 * len(posted) + 1000,
        "income:sales": -1000 * len(posted) - 1000,
    }
    book.close()


def test_a_document_that_does_not_fit_is_not_kept_and_leaves_no_piece_of_it(small_disk: Path, tmp_path: Path) -> None:
    book = make_book(small_disk / "book")
    large = tmp_path / "large.csv"
    large.write_bytes(os.urandom(3 << 20))
    before = content_of(book.path)
    with pytest.raises(BookUnwritable, match=r"documents: No space left on device"):
        documents.keep(book, large, tmp_path, at=PRESENT)
    assert content_of(book.path) == before
    assert len(book.documents()) == 1
    assert book.verify().ok
    book.close()


def test_a_command_on_a_full_disk_says_so_in_one_line_and_completes_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    new_book(small_disk).close()
    (tmp_path / "shop.toml").write_text(MAPPING, encoding="utf-8")
    path = export(tmp_path / "october.csv", [row(str(n)) for n in range(3_000)])
    asked = ("ingest", small_disk / "book", path, "--source", "shop", "--mapping", tmp_path / "shop.toml")
    ballast = fill_up(small_disk, leave=200_000)
    run(*asked)
    ballast.unlink()
    run("verify", small_disk / "book", status=0)
    # Three thousand tickets are more than the disk holds; a third of them fits.
    run(*asked[:2], export(tmp_path / "part.csv", [row(str(n)) for n in range(100)]), *asked[3:], status=0)
    run("verify", small_disk / "book", status=0)


# --- read-only --------------------------------------------------------------------------------------------------------


def test_a_read_only_disk_refuses_in_a_sentence_and_nothing_is_touched(small_disk: Path, tmp_path: Path) -> None:
    book = make_book(small_disk / "book")
    post(book, ticket("1"))
    book.close()
    set_read_only(small_disk, True)
    before = content_of(small_disk)
    try:
        path = export(tmp_path / "october.csv", [row("1")])
        for arguments in (
            ("ingest", small_disk / "book", path, "--source", "shop"),
            ("init", small_disk / "other"),
            ("verify", small_disk / "book"),
            ("ask", small_disk / "book", "net sales"),
        ):
            run(*arguments)
        with pytest.raises(TillproofError):
            post(Book.open(small_disk / "book"), ticket("2"))
    finally:
        set_read_only(small_disk, False)
    assert content_of(small_disk) == before
    again = Book.open(small_disk / "book")
    assert post(again, ticket("1"), ticket("2")).posted == 1
    assert again.verify().ok
    again.close()


# --- damaged and foreign ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed book with a few tickets, all in its database file."""
    book = make_book(tmp_path / "book")
    post(book, *(ticket(str(number)) for number in range(40)))
    book.close()
    return tmp_path / "book"


FILES = {
    "empty": b"",
    "text": b"store;amount\nDowntown;9.00\n" * 200,
    "cut short": None,
    "another's": None,
}


@pytest.mark.parametrize("what", FILES)
def test_a_database_file_that_is_no_books_is_refused_and_left_as_it_is(folder: Path, what: str) -> None:
    database = folder / "truth.db"
    whole = database.read_bytes()
    if what == "another's":
        database.unlink()
        with closing(sqlite3.connect(database)) as other, other:
            other.execute("CREATE TABLE customers (name TEXT)")
    else:
        content = FILES[what]
        database.write_bytes(whole[: len(whole) // 3] if content is None else content)
    before = content_of(folder)
    with pytest.raises((NotABook, BookDamaged), match=r"truth\.db"):
        Book.open(folder).verify()
    assert "truth.db" in run("verify", folder)
    assert content_of(folder) == before


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "truth.db")) as truth, truth:
        truth.execute("UPDATE alembic_version SET version_num = '9999'")
    before = content_of(folder)
    with pytest.raises(NotABook, match="newer Tillproof"):
        Book.open(folder)
    assert "upgrade Tillproof" in run("verify", folder)
    assert content_of(folder) == before


def damage(path: Path, start: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(os.urandom(size))


@pytest.mark.parametrize("part", [0.15, 0.4, 0.65, 0.9])
def test_a_damaged_page_is_found_and_nothing_is_a_traceback(folder: Path, part: float) -> None:
    """Four pages of noise somewhere in the file: a sentence, or the name of a record; a book that verifies after it is
    one that says the same as before (the noise fell on an index, or where nothing is)."""
    whole = Book.open(folder)
    said = [chunk.postings.rows() + chunk.tickets.rows() + chunk.lines.rows() for chunk in whole.committed()]
    whole.close()
    database = folder / "truth.db"
    damage(database, int(database.stat().st_size * part) // 4096 * 4096, 4 * 4096)
    before = content_of(folder)
    try:
        book = Book.open(folder)
        try:
            if book.verify().ok:
                again = [
                    chunk.postings.rows() + chunk.tickets.rows() + chunk.lines.rows() for chunk in book.committed()
                ]
                assert again == said
        finally:
            book.close()
    except (BookDamaged, NotABook) as error:
        assert "truth.db" in str(error)
        assert "\n" not in str(error)
    assert content_of(folder) == before


@pytest.mark.parametrize("damaged", ["missing", "empty", "noise"])
def test_a_document_that_is_gone_or_damaged_is_named_and_the_rest_still_works(folder: Path, damaged: str) -> None:
    book = Book.open(folder)
    identity = keep_bytes(book, b"Downtown;9.00\n", "october.csv")
    path = book.document_path(identity)
    if damaged == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damaged == "empty" else os.urandom(40))
    record = book.document(identity)
    assert record is not None
    with pytest.raises(TillproofError, match=r"october\.csv"):
        places.line(book, identity, "row 1")
    with pytest.raises(TillproofError, match=r"october\.csv"):
        retake(book, record, source="shop", at=PRESENT)
    assert f"document october.csv ({identity[:12]})" in book.verify().problems[0]
    assert post(book, ticket("after")).posted == 1
    book.close()


# --- clocks that jump -------------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_back_decides_nothing(tmp_path: Path) -> None:
    """The order of the chain counts, and the tills' own times of change; when a commit was recorded is only told."""
    book = make_book(tmp_path / "book")
    document = book.documents()[0].id
    stamp = AT - timedelta(days=9)
    steps = [
        (timedelta(days=400), ticket("1", version_stamp=stamp)),
        (timedelta(days=-3000), ticket("1", lines=[line(1500)], version_stamp=stamp + timedelta(hours=1))),
        (timedelta(0), ticket("2")),
    ]
    for off, one in steps:
        number = book.begin_intake(document, "pos", AT + off)
        book.post(sale_batch(one), intake=number, at=AT + off, last=True)
    assert [feed.posted + feed.versions for feed in book.feeds()] == [1, 1, 1]
    assert book.verify().ok
    assert balances(book) == {"assets:clearing:card": 2500, "income:sales": -2500}

    figures = Figures.open(book)
    assert figures.catch_up() == 3
    values = []
    for as_of in (1, 2, 3):
        plan = Plan(metrics=("net_sales",), period=Period(start=DAY, end=DAY), as_of=as_of)
        values.append(str(figures.run(plan).figures[0].value))
    assert values == ["10.00", "15.00", "25.00"]
    figures.close()
    # Known by an instant is the chain up to the last commit that was recorded by then, whatever clocks said before it.
    assert book.head_at(AT - timedelta(days=1)).seq == 2
    assert book.head_at(AT).seq == 3
    assert book.head_at(AT - timedelta(days=4000)).seq == 0
    book.close()


# --- one error tree ---------------------------------------------------------------------------------------------------


def test_what_a_disk_does_is_a_problem_of_the_book() -> None:
    assert issubclass(BookUnwritable, BookError)
    assert issubclass(BookDamaged, BookError)


def test_a_copy_made_while_nobody_writes_is_the_same_book(folder: Path, tmp_path: Path) -> None:
    copied = Book.open(Path(shutil.copytree(folder, tmp_path / "copy")))
    original = Book.open(folder)
    assert copied.head() == original.head()
    assert copied.verify().ok
    copied.close()
    original.close()
