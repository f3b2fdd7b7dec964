"""``Book``: made, opened, refused, written by one at a time; its settings and its schema."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import tomli_w
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import ledger.truth.sqlite
from ledger import truth
from ledger.book import Book
from ledger.errors import BookBusy, BookError, NotABook, SettingsError
from ledger.settings import Business
from ledger.tables import metadata
from tests.builders import balances, make_book, post, ticket

BUSINESS = {"id": "test", "name": "Test", "currency": "USD"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an empty book that nobody has open."""
    make_book(tmp_path / "book").close()
    return tmp_path / "book"


# --- made and opened --------------------------------------------------------------------------------------------------


def test_a_new_book_is_empty_and_has_its_settings_its_truth_and_its_folders(tmp_path: Path) -> None:
    book = Book.create(tmp_path / "deep" / "book", Business(id="cafe", name="Café", currency="EUR"))
    assert (book.id, book.currency, book.settings.book.name) == ("cafe", "EUR", "Café")
    assert (book.head().seq, book.head().hash) == (0, "0" * 64)
    assert (book.documents(), book.feeds(), book.held(), list(book.committed())) == ([], [], [], [])
    assert book.store_day_roots() == {}
    for name in ("book.toml", "truth.db", "documents", "sources"):
        assert (book.path / name).exists(), name
    book.close()


def test_a_book_can_be_moved_to_another_folder(folder: Path, tmp_path: Path) -> None:
    book = Book.open(folder)
    post(book, ticket("1"))
    book.close()
    moved = Book.open(Path(shutil.move(folder, tmp_path / "elsewhere")))
    assert moved.verify().ok
    moved.close()


@pytest.mark.parametrize("present", ["book.toml", "truth.db"])
def test_a_book_is_never_made_over_another(folder: Path, present: str) -> None:
    for name in {"book.toml", "truth.db"} - {present}:
        (folder / name).unlink()
    before = (folder / present).read_bytes()
    with pytest.raises(BookError, match="has a book already"):
        Book.create(folder, Business(id="other", name="Other", currency="EUR"))
    assert (folder / present).read_bytes() == before


def test_a_book_is_not_made_with_wrong_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        Book.create_from(tmp_path / "book", {"book": {**BUSINESS, "currency": "XXQ"}})
    assert not (tmp_path / "book" / "truth.db").exists()


def test_a_book_is_made_from_a_file_of_settings_kept_as_it_was_written(tmp_path: Path) -> None:
    written = '# ours\n[book]\nid = "test"\nname = "Test"\ncurrency = "USD"\n'
    (tmp_path / "given.toml").write_text(written, encoding="utf-8")
    Book.create_from(tmp_path / "book", tmp_path / "given.toml").close()
    assert (tmp_path / "book" / "book.toml").read_text(encoding="utf-8") == written


# --- not a book -------------------------------------------------------------------------------------------------------


def test_a_folder_without_settings_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(NotABook, match=r"has no book\.toml"):
        Book.open(tmp_path)
    with pytest.raises(NotABook, match=r"has no book\.toml"):
        Book.open(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def revise(folder: Path, revision: str) -> None:
    with closing(sqlite3.connect(folder / "truth.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_book_made_by_a_newer_version_is_refused_and_left_as_it_was(folder: Path) -> None:
    newer = f"{int(truth.REVISION) + 1:04}"
    revise(folder, newer)
    before = (folder / "truth.db").read_bytes()
    with pytest.raises(NotABook, match=f"newer Tillproof .revision {newer}, this one knows {truth.REVISION}"):
        Book.open(folder)
    assert (folder / "truth.db").read_bytes() == before


def test_a_book_of_a_revision_that_never_was_is_refused(folder: Path) -> None:
    revise(folder, "0000")
    with pytest.raises(NotABook):
        Book.open(folder)


def test_a_truth_that_is_no_database_is_refused_and_left_as_it_was(folder: Path) -> None:
    (folder / "truth.db").write_bytes(b"dear diary, " * 1000)
    with pytest.raises(NotABook, match="not a readable SQLite database"):
        Book.open(folder)
    assert (folder / "truth.db").read_bytes() == b"dear diary, " * 1000


def test_a_database_of_another_program_is_refused_and_left_as_it_was(folder: Path) -> None:
    (folder / "truth.db").unlink()
    with closing(sqlite3.connect(folder / "truth.db")) as database, database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    before = (folder / "truth.db").read_bytes()
    with pytest.raises(NotABook, match="not a book's"):
        Book.open(folder)
    with closing(sqlite3.connect(folder / "truth.db")) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    assert (folder / "truth.db").read_bytes() == before


def test_a_book_whose_truth_is_gone_is_not_opened_as_an_empty_one(folder: Path) -> None:
    (folder / "truth.db").unlink()
    with pytest.raises(BookError):
        Book.open(folder)


# --- one writer at a time ---------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_that_the_book_is_busy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger.truth.sqlite, "LOCK_TIMEOUT_S", 0.2)
    first, second = Book.open(folder), Book.open(folder)
    with first.writing(), pytest.raises(BookBusy, match="is being written by another process"):
        post(second, ticket("1"))
    assert second.head().seq == 0
    assert post(second, ticket("1")).posted == 1
    first.close()
    second.close()


def test_a_second_writer_waits_for_its_turn(folder: Path) -> None:
    first, second = Book.open(folder), Book.open(folder)
    done: list[int] = []
    with first.writing():
        waiting = threading.Thread(target=lambda: done.append(post(second, ticket("1")).posted))
        waiting.start()
        time.sleep(0.2)
        assert done == []
        assert post(first, ticket("2")).seq == 1
    waiting.join(timeout=30)
    assert done == [1]
    assert (first.head().seq, first.verify().ok) == (2, True)
    first.close()
    second.close()


def test_readers_see_the_last_commit_while_another_writes(folder: Path) -> None:
    writer, reader = Book.open(folder), Book.open(folder)
    post(writer, ticket("1"))
    with writer.writing(), writer.truth.writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM postings")
        assert reader.head().seq == 1
        assert balances(reader) == {"assets:clearing:card": 1000, "income:sales": -1000}
        connection.rollback()
    assert reader.verify().ok
    writer.close()
    reader.close()


def test_many_threads_and_processes_post_into_one_chain(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ledger.book import Book; from tests.builders import post, ticket\n"
        "book = Book.open(Path(sys.argv[1]))\n"
        "for number in range(5): post(book, ticket(f'{sys.argv[2]}-{number}'), ticket(f'shared-{number}'))"
    )
    root = str(Path(__file__).parents[2])
    others = [
        subprocess.Popen([sys.executable, "-c", script, str(folder), name], cwd=root, stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    book = Book.open(folder)
    threads = [
        threading.Thread(target=lambda name=name: [post(book, ticket(f"{name}-{n}")) for n in range(5)])
        for name in ("c", "d")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for process in others:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert book.head().seq == 20
    assert balances(book) == {"assets:clearing:card": 25_000, "income:sales": -25_000}
    assert book.verify().problems == ()
    book.close()


def test_the_durability_in_force_is_said(folder: Path) -> None:
    book = Book.open(folder)
    said = book.durability()
    assert "journal_mode=wal" in said
    assert "synchronous=FULL" in said
    assert sqlite3.sqlite_version in said
    book.close()


# --- schema -----------------------------------------------------------------------------------------------------------


def shape(path: Path) -> dict[str, object]:
    """Tables of a database with columns, types, keys and indexes."""
    made = create_engine(f"sqlite:///{path}")
    seen = inspect(made)
    found = {
        name: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(name)],
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted((one["name"], tuple(one["column_names"]), one["unique"]) for one in seen.get_indexes(name)),
            seen.get_table_options(name),
        )
        for name in seen.get_table_names()
        if name != "alembic_version"
    }
    made.dispose()
    return found


def test_the_migrations_make_the_schema_that_the_code_declares(tmp_path: Path) -> None:
    migrated = truth.SQLite(tmp_path)
    migrated.migrate()
    migrated.close()
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    metadata.create_all(declared)
    declared.dispose()
    assert shape(tmp_path / truth.FILE) == shape(tmp_path / "declared.db")


def test_the_newest_migration_is_the_one_that_the_code_wants() -> None:
    scripts = ScriptDirectory(str(Path(truth.__file__).parents[1] / "migrations"))
    assert scripts.get_current_head() == truth.REVISION


def test_migrating_a_book_again_changes_nothing(folder: Path) -> None:
    before = shape(folder / "truth.db")
    Book.open(folder).close()
    assert shape(folder / "truth.db") == before


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, r"\[book\] Field required"),
        ({"book": {"id": "test", "currency": "USD"}}, r"\[book.name\] Field required"),
        ({"book": {**BUSINESS, "id": "Test Book"}}, r"\[book.id\]"),
        ({"book": {**BUSINESS, "time_zone": "Mars/Olympus"}}, r"Mars/Olympus"),
        ({"book": {**BUSINESS, "cut_off": "25:00"}}, r"\[book.cut_off\]"),
        ({"book": {**BUSINESS, "week_starts": "friday"}}, r"\[book.week_starts\]"),
        ({"book": {**BUSINESS, "fiscal_year_starts": 13}}, r"\[book.fiscal_year_starts\]"),
        ({"book": {**BUSINESS, "colour": "red"}}, r"\[book.colour\]"),
        ({"book": BUSINESS, "shops": {}}, r"\[shops\]"),
        ({"book": BUSINESS, "stores": {"Downtown": {"cutoff": "04:00"}}}, r"\[stores.Downtown.cutoff\]"),
        ({"book": BUSINESS, "stores": {"Downtown": {"time_zone": "Nowhere"}}}, r"Nowhere"),
        ({"book": BUSINESS, "rules": {"a-rule": {"severity": "panic"}}}, r"\[rules.a-rule.severity\]"),
        ({"book": BUSINESS, "tenders": {"Shells": "seashells"}}, r"\[tenders\] Shells = 'seashells'"),
        ({"book": BUSINESS, "accounts": {"tender": {"cash": "assets:cash"}}}, r"\[accounts.tender\] is not known"),
        (
            {"book": BUSINESS, "accounts": {"tenders": {"cash": "Assets:Cash"}}},
            r"\[accounts.tenders\] cash = 'Assets:Cash' is not an account",
        ),
    ],
)
def test_wrong_settings_are_refused_with_their_table_and_key(
    folder: Path, tables: dict[str, object], said: str
) -> None:
    (folder / "book.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as error:
        Book.open(folder)
    assert "book.toml" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"[book\n", b"\xff\xfe", b"book = 1\nbook = 2\n"])
def test_settings_that_are_no_toml_are_refused_with_their_path(folder: Path, content: bytes) -> None:
    (folder / "book.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="not valid TOML") as error:
        Book.open(folder)
    assert str(folder / "book.toml") in str(error.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("currency", "XXQ"),
        ("time_zone", "Mars/Olympus"),
    ],
)
def test_a_wrong_currency_or_zone_is_named_with_its_key(folder: Path, key: str, value: str) -> None:
    (folder / "book.toml").write_text(tomli_w.dumps({"book": {**BUSINESS, key: value}}), encoding="utf-8")
    with pytest.raises(SettingsError, match=rf"\[book.{key}\]"):
        Book.open(folder)


def test_a_store_has_the_zone_and_the_cut_off_of_its_book_where_it_sets_none(tmp_path: Path) -> None:
    book = Book.create_from(
        tmp_path / "book",
        {
            "book": {**BUSINESS, "time_zone": "America/New_York", "cut_off": "04:00"},
            "stores": {"Downtown": {}, "Airport": {"time_zone": "America/Chicago", "cut_off": "00:00"}},
        },
    )
    zones = {
        name: (str(book.settings.store(name).time_zone), str(book.settings.store(name).cut_off))
        for name in ("Downtown", "Airport", "Unlisted")
    }
    assert zones == {
        "Downtown": ("America/New_York", "04:00:00"),
        "Airport": ("America/Chicago", "00:00:00"),
        "Unlisted": ("America/New_York", "04:00:00"),
    }
    book.close()
