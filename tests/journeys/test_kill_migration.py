"""A kill while a book is brought to a newer revision leaves it at one of the two, and the next opening completes it."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import ledger
from ledger.book import Book
from ledger.truth import REVISION, REVISIONS
from tests.builders import make_book

KILLS = 5
ROOT = Path(__file__).parents[2]
OPENING = (
    "import sys\nfrom pathlib import Path\nimport alembic.command, alembic.config\nfrom ledger.book import Book\n"
    + ("print('ready', flush=True)\nBook.open(Path(sys.argv[1])).close()\n")
)


def at_first_revision(folder: Path) -> Path:
    """An empty book whose database is as the first migration leaves it."""
    make_book(folder).close()
    database = folder / "truth.db"
    database.unlink()
    config = Config()
    config.set_main_option("script_location", str(Path(ledger.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, REVISIONS[0])
    engine.dispose()
    return folder


def revision(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "truth.db")) as truth:
        return str(truth.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_a_killed_migration_is_completed_by_the_next_opening(tmp_path: Path) -> None:
    old = at_first_revision(tmp_path / "old")
    assert revision(old) == REVISIONS[0] != REVISION
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for number in range(KILLS):
        folder = Path(shutil.copytree(old, tmp_path / str(number)))
        process = subprocess.Popen([sys.executable, "-c", OPENING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.12))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert revision(folder) in (REVISIONS[0], REVISION)  # all the migrations or none, never something between
        book = Book.open(folder)
        assert book.verify().ok
        book.close()
        assert revision(folder) == REVISION
