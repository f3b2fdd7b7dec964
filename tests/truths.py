"""The engines of truth that the tests run on: SQLite, and PostgreSQL at two isolation levels.

A test module that says ``ON_EVERY_ENGINE = True`` runs once on each; one that says ``ON_BOTH_ENGINES = True``, in which
no two writers meet, on SQLite and on PostgreSQL at its usual level. Their books are made, copied, looked into and
changed from outside by the functions here, which know the engine of the moment.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from sqlalchemy import NullPool, create_engine, make_url, text

from ledger.book import Book
from ledger.truth import FILE, PostgreSQL
from tests.postgres import Cluster

ENGINES = ("sqlite", "postgresql", "postgresql-serializable")

_cluster: Cluster | None = None
_isolation: str = "read committed"
_template = ""


def use(cluster: Cluster | None, isolation: str = "read committed") -> None:
    """Make the books that follow on a cluster; on SQLite with None."""
    global _cluster, _isolation, _template
    if cluster is not None and cluster is not _cluster:
        _template = cluster.database()
        made = PostgreSQL("none", cluster.url(_template), "read committed")
        made.migrate()
        made.close()
    _cluster, _isolation = cluster, isolation


def tables() -> dict[str, Any]:
    """What ``book.toml`` must say for a new book on the engine of the moment; a database of its own is made."""
    if _cluster is None:
        return {}
    return {"truth": {"url": _cluster.url(_cluster.database(_template)), "isolation": _isolation}}


def copied(source: Path, target: Path) -> Path:
    """A copy of a closed book, with its database."""
    shutil.copytree(source, target)
    settings = tomllib.loads((source / "book.toml").read_text("utf-8"))
    if "truth" in settings:
        assert _cluster is not None
        name = settings["truth"]["url"].removeprefix("postgresql://postgres@/").partition("?")[0]
        settings["truth"]["url"] = _cluster.url(_cluster.database(name))
        (target / "book.toml").write_text(tomli_w.dumps(settings), encoding="utf-8")
    return target


def rows(book: Book, query: str) -> list[tuple[Any, ...]]:
    """What a query of a book's database gives, as it stands there."""
    with book.truth.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def changed(folder: Path, statement: str, **values: Any) -> int:
    """Change a closed book's database from outside: a statement with its values by name. How many rows it met."""
    settings = tomllib.loads((folder / "book.toml").read_text("utf-8"))
    url = make_url(settings["truth"]["url"]).set(drivername="postgresql+psycopg") if "truth" in settings else None
    engine = create_engine(url or f"sqlite:///{folder / FILE}", poolclass=NullPool)
    with engine.begin() as connection:
        return int(connection.execute(text(statement), values).rowcount)
