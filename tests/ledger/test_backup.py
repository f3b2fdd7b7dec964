"""Backup and restore: a live book goes in, the same book comes out, or nothing does."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import names
from ledger.backup import backup, restore
from ledger.book import Book
from ledger.errors import ArchiveError
from ledger.names import Answer
from tests.builders import event, keep_bytes, make_book, post, ticket


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = make_book(tmp_path / "book")
    keep_bytes(made, b"a,b\n1,2\n")
    (made.path / "sources" / "pos.toml").write_text("[mapping]\n", encoding="utf-8")
    post(made, ticket("1"), ticket("2", store="Café Süd"), events=[event("c")])
    return made


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    made = make_book(folder / "book")
    post(made, ticket("1"))
    backup(made, folder / "book.tar")
    made.close()
    return folder / "book.tar"


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_restored_is_what_was_backed_up(book: Book, tmp_path: Path) -> None:
    made = backup(book, tmp_path / "book.tar")
    restored = restore(tmp_path / "book.tar", tmp_path / "again")
    assert (made.seq, made.hash) == (restored.seq, restored.hash) == (book.head().seq, book.head().hash)
    assert made.size_bytes == (tmp_path / "book.tar").stat().st_size
    assert restored.verification.ok
    again = Book.open(tmp_path / "again")
    assert again.store_day_roots() == book.store_day_roots()
    assert (again.path / "sources" / "pos.toml").read_text() == "[mapping]\n"
    assert (again.path / "book.toml").read_bytes() == (book.path / "book.toml").read_bytes()
    post(again, ticket("3"))
    assert again.verify().ok
    assert left(tmp_path) == ["again", "book", "book.tar"]


def test_the_archive_is_an_ordinary_tar_with_checksums_that_coreutils_reads(book: Book, tmp_path: Path) -> None:
    made = backup(book, tmp_path / "book.tar")
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "xf", "../book.tar"], cwd=tmp_path / "out", check=True)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "out", check=True)
    assert len((tmp_path / "out" / "SHA256SUMS").read_text().splitlines()) == made.files == 6
    label = json.loads((tmp_path / "out" / "backup.json").read_text())
    assert label == {"format": "tillproof/backup/1", "book": "test", "seq": 1, "hash": book.head().hash}


def test_the_same_book_gives_the_same_archive(book: Book, tmp_path: Path) -> None:
    backup(book, tmp_path / "1.tar")
    backup(book, tmp_path / "2.tar")
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


def test_read_models_stay_behind(book: Book, tmp_path: Path) -> None:
    (book.path / "facts.duckdb").write_bytes(b"rebuilt from truth")
    (book.path / "recall").mkdir()
    (book.path / "recall" / "x").write_bytes(b"likewise")
    backup(book, tmp_path / "book.tar")
    with tarfile.open(tmp_path / "book.tar") as made:
        assert {name.partition("/")[0] for name in made.getnames()} == {
            "backup.json", "book.toml", "documents", "sources", "truth.db", "SHA256SUMS",
        }  # fmt: skip


def test_names_that_were_answered_go_with_the_book(book: Book, tmp_path: Path) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    book.answer_name(Answer(kind="tender", source="till", name="CC", means="card", by="Ada", at=at))
    backup(book, tmp_path / "book.tar")
    restore(tmp_path / "book.tar", tmp_path / "restored")
    restored = Book.open(tmp_path / "restored")
    assert restored.settings.source("till").tenders == {"CC": "card"}
    assert names.read(restored.path) == names.read(book.path)
    restored.close()


def test_nothing_is_overwritten(book: Book, tmp_path: Path) -> None:
    backup(book, tmp_path / "book.tar")
    before = (tmp_path / "book.tar").read_bytes()
    with pytest.raises(ArchiveError, match="is there already; a backup never overwrites"):
        backup(book, tmp_path / "book.tar")
    assert (tmp_path / "book.tar").read_bytes() == before
    with pytest.raises(ArchiveError, match="is there already and is not an empty folder"):
        restore(tmp_path / "book.tar", book.path)
    assert book.verify().ok
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "book.tar", tmp_path / "empty")


def test_a_missing_document_stops_a_backup_and_nothing_is_left(book: Book, tmp_path: Path) -> None:
    next((book.path / "documents").rglob("*.zst")).unlink()
    with pytest.raises(ArchiveError, match="is missing, though the book names it"):
        backup(book, tmp_path / "book.tar")
    assert left(tmp_path) == ["book"]


def test_a_folder_that_cannot_be_written_to_is_said(book: Book, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"the truth cannot be copied to .*/nowhere: unable to open"):
        backup(book, tmp_path / "nowhere" / "book.tar")
    with pytest.raises(ArchiveError, match=r"none\.tar cannot be restored to .*: No such file"):
        restore(tmp_path / "none.tar", tmp_path / "again")
    assert left(tmp_path) == ["book"]


def test_a_book_that_does_not_verify_is_not_restored(book: Book, tmp_path: Path) -> None:
    with book.truth.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE lines SET net_minor = 1")
    backup(book, tmp_path / "book.tar")
    with pytest.raises(ArchiveError, match="has a book that does not verify: ticket 1"):
        restore(tmp_path / "book.tar", tmp_path / "again")
    assert left(tmp_path) == ["book", "book.tar"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_archive_is_refused_in_a_sentence_or_gives_the_very_same_book(
    archive: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """A flipped bit, or a cut, anywhere. What is only padding of the archive may be damaged without harm."""
    content = bytearray(archive.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[at:]
    damaged, target = tmp_path / "damaged.tar", tmp_path / "again"
    damaged.write_bytes(content)
    try:
        restored = restore(damaged, target)
    except ArchiveError as error:
        assert str(error).startswith(str(damaged))
        assert "\n" not in str(error)
    else:
        assert restored == restore(archive, tmp_path / "whole")
        shutil.rmtree(tmp_path / "whole")
        shutil.rmtree(target)
    assert left(tmp_path) == ["damaged.tar"]


@pytest.mark.parametrize("cut", [1, 511, 512, 700, 1024, 5000, 20_000, 100_000])
def test_an_archive_that_was_cut_short_gives_no_book(archive: Path, tmp_path: Path, cut: int) -> None:
    (tmp_path / "cut.tar").write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(ArchiveError):
        restore(tmp_path / "cut.tar", tmp_path / "again")
    assert left(tmp_path) == ["cut.tar"]


def member(name: str, content: bytes = b"x", **more: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


LABEL = member("backup.json", b'{"format": "tillproof/backup/1", "book": "test", "seq": 1, "hash": "00"}')
FOREIGN: dict[str, tuple[list[tuple[tarfile.TarInfo, bytes]], str]] = {
    "path upwards": ([LABEL, member("../evil")], "has '../evil' in it"),
    "path through a folder": ([LABEL, member("documents/../../evil")], "which no backup of Tillproof has"),
    "path from the root": ([LABEL, member("/tmp/evil")], "has '/tmp/evil' in it"),
    "link": ([LABEL, member("truth.db", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "has 'truth.db' in it"),
    "hard link": ([LABEL, member("truth.db", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")], "'truth.db' in it"),
    "device": ([LABEL, member("truth.db", b"", type=tarfile.CHRTYPE)], "has 'truth.db' in it"),
    "folder": ([LABEL, member("sources", b"", type=tarfile.DIRTYPE)], "has 'sources' in it"),
    "pipe": ([LABEL, member("book.toml", b"", type=tarfile.FIFOTYPE)], "has 'book.toml' in it"),
    "twice": ([LABEL, member("book.toml"), member("book.toml")], "has book.toml in it twice"),
    "no label": ([member("book.toml")], "it does not begin with backup.json"),
    "an endless label": ([member("backup.json", b" " * 20_000)], "it does not begin with backup.json"),
    "a later format": ([member("backup.json", b'{"format": "tillproof/backup/2"}')], "upgrade Tillproof"),
    "no object": ([member("backup.json", b"[]")], "upgrade Tillproof"),
    "no JSON": ([member("backup.json", b"\xff{")], "is cut short, damaged or no backup of Tillproof"),
    "nothing": ([], "its checksums are missing"),
    "no checksums": ([LABEL, member("book.toml")], "its checksums are missing"),
    "an unlisted file": (
        [LABEL, member("book.toml"), member("SHA256SUMS", b"")],
        "backup.json is not what its checksum",
    ),
    "wrong checksums": ([LABEL, member("SHA256SUMS", b"zz  backup.json\n")], "is no checksum"),
    "after the checksums": ([LABEL, member("SHA256SUMS", b""), member("book.toml")], "has 'book.toml' in it"),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_archive_is_refused_and_writes_nothing(tmp_path: Path, what: str) -> None:
    members, sentence = FOREIGN[what]
    with tarfile.open(tmp_path / "a.tar", "w") as made:
        for info, content in members:
            made.addfile(info, io.BytesIO(content))
    with pytest.raises(ArchiveError, match="a\\.tar") as refused:
        restore(tmp_path / "a.tar", tmp_path / "book")
    assert sentence in str(refused.value)
    assert left(tmp_path) == ["a.tar"]


NO_ARCHIVES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"No,Paid\n1,9.72\n" * 100,
    "zip": lambda: b"PK\x03\x04" + bytes(2000),
    "gzip": lambda: b"\x1f\x8b\x08" + bytes(2000),
}


@pytest.mark.parametrize("what", NO_ARCHIVES)
def test_what_is_no_archive_is_refused(tmp_path: Path, what: str) -> None:
    (tmp_path / "a.tar").write_bytes(NO_ARCHIVES[what]())
    with pytest.raises(ArchiveError, match=r"a\.tar is cut short"):
        restore(tmp_path / "a.tar", tmp_path / "book")
    assert left(tmp_path) == ["a.tar"]


POSTING = """
import sys
from pathlib import Path
from ledger.book import Book
from tests.builders import keep_bytes, post, ticket
book = Book.open(Path(sys.argv[1]))
print("begun", flush=True)
for number in range(10_000):
    keep_bytes(book, b"document %d" % number)
    post(book, *(ticket(f"{number}-{n}", store=f"Store {n % 3}") for n in range(5)))
"""


def test_a_backup_of_a_book_that_another_process_posts_to_is_the_book_at_one_commit(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    writer = subprocess.Popen([sys.executable, "-c", POSTING, str(book.path)], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        made = []
        while len(made) < 3:
            if book.head().seq > (made[-1].seq if made else 0):
                made.append(backup(book, tmp_path / f"{len(made)}.tar"))
        assert writer.poll() is None, "the other process must still be posting"
    finally:
        writer.kill()
        writer.wait()
    for number, one in enumerate(made):
        restored = restore(tmp_path / f"{number}.tar", tmp_path / f"again {number}")
        assert (restored.seq, restored.hash) == (one.seq, one.hash)
        again = Book.open(tmp_path / f"again {number}")
        assert book.compare(again.checkpoint()) == []  # the same commit and store-day roots as the original had then
        again.close()
    assert made[0].seq < made[-1].seq <= book.head().seq
    book.close()
