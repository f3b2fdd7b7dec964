"""While a book is served, its folders are watched and its targets told; the commands see to what is left."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from assistant.cli import app
from assistant.outgoing.position import Kept
from assistant.server.beside import beside
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.errors import InputError, SettingsError
from tests.assistant.outgoing.receiver import Receiver, receiving
from tests.assistant.outgoing.test_events import SECRET
from tests.ingest.shop import MAPPING, export, intake, new_book, row

SETTINGS = InstallationSettings.model_validate({"hook_secrets": {"erp": SECRET}})


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def hooks(command: str, book: Book, *more: str, status: int = 0) -> Result:
    done = CliRunner().invoke(app, ["hooks", command, str(book.path), *more])
    assert done.exit_code == status, done.output
    return done


def made(folder: Path, receiver: Receiver, path: Path | str = "") -> Book:
    watched = {"path": str(path or folder / "drop"), "source": "shop"}
    return new_book(
        folder,
        watch={"quiet_seconds": 0.1, "every_seconds": 0.05, "folders": [watched]},
        hooks={"out": {"erp": {"url": receiver.url, "events": ["posted", "held"]}}},
    )


def test_what_is_dropped_is_posted_and_told_and_the_rest_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLPROOF_HOOK_SECRETS", json.dumps({"erp": SECRET}))
    drop = tmp_path / "drop"
    drop.mkdir()
    with receiving(Receiver()) as receiver:
        book = made(tmp_path, receiver)
        (book.path / "sources" / "shop.toml").write_text(MAPPING, encoding="utf-8")
        with beside(book, SETTINGS):
            until(lambda: (book.path / "hooks" / "erp.json").exists())
            export(drop / "monday.csv", [row("1"), row("2", Paid="1.00")])
            until(lambda: receiver.types == ["posted", "held"])
            assert (drop / "done" / "monday.csv").exists()
            receiver.otherwise = 503
            drop.rename(tmp_path / "away")  # as a share that is gone for a while
            intake(book, export(tmp_path / "tuesday.csv", [row("3")]))
            until(lambda: Kept(book, "erp").look().attempts == 1)
        assert "answered 503; attempt 2 at" in hooks("list", book).output
        assert "tried again from" in hooks("send", book, status=1).output
        receiver.otherwise = 204
        assert "1 event was taken" in hooks("retry", book, "erp").output
        assert receiver.types == ["posted", "held", "posted"]
        assert isinstance(hooks("retry", book, "crm", status=1).exception, InputError)
        hooks("retry", book, "--after", "0", status=2)
        book.close()


def test_what_cannot_be_run_is_said_before_anything_runs(tmp_path: Path) -> None:
    receiver = Receiver(port=9)
    for number, path in enumerate(("sftp://nobody", tmp_path / "inside" / "2" / "book" / "documents")):
        book = made(tmp_path / "inside" / str(number + 1), receiver, path)
        with (
            pytest.raises(InputError, match=r"sftp://user@host/path|in the folder of the book"),
            beside(book, SETTINGS),
        ):
            pass
        book.close()
    book = made(tmp_path / "unsigned", receiver)
    with pytest.raises(SettingsError, match="'tillproof hooks secret' makes one"), beside(book, InstallationSettings()):
        pass
    book.close()
    for wrong in ("ftp://x/y", "https://user:word@x/y", "https:///y", "https://x/y#z", "http://x /"):
        with pytest.raises(SettingsError, match=r"hooks\.out\.erp\.url") as error:
            new_book(tmp_path / "wrong", hooks={"out": {"erp": {"url": wrong}}})
        assert wrong not in str(error.value)
    with pytest.raises(SettingsError, match="TILLPROOF_SFTP_PASSWORD"):
        new_book(tmp_path / "wrong", watch={"folders": [{"path": "sftp://till:word@host/drop"}]})
