"""What is sent to PostgreSQL, as its driver sees it, COPY as well: to note it, or to let a statement fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.pool import Pool

from ledger.book import Book

LOST_RACES = ("40001", "40P01", "23505")
Before = Callable[[psycopg.Connection[Any], str], None]


@contextmanager
def watched(before: Before) -> Iterator[None]:
    """Call ``before`` with each statement that is about to be sent on connections that are made from now on.

    ``before`` may send something itself, by ``send``, and what that raises is raised in place of the statement's
    outcome.
    """

    class Plain(psycopg.Cursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            before(self.connection, query)
            return super().execute(query, *arguments, **options)

        def executemany(self, query: Any, *arguments: Any, **options: Any) -> Any:
            before(self.connection, query)
            return super().executemany(query, *arguments, **options)

        @contextmanager
        def copy(self, statement: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
            before(self.connection, statement)
            with super().copy(statement, *arguments, **options) as copy:
                yield copy

    class Server(psycopg.ServerCursor[Any]):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            before(self.connection, query)
            return super().execute(query, *arguments, **options)

    def connect(connection: Any, _: object) -> None:
        if isinstance(connection, psycopg.Connection):
            connection.cursor_factory, connection.server_cursor_factory = Plain, Server

    event.listen(Pool, "connect", connect)
    try:
        yield
    finally:
        event.remove(Pool, "connect", connect)


def send(connection: psycopg.Connection[Any], statement: str) -> None:
    """Send a statement that is not watched."""
    psycopg.Cursor(connection).execute(statement.encode())


def lose(code: str) -> str:
    """A statement that fails as one that lost a race does."""
    return f"DO $$ BEGIN RAISE EXCEPTION 'injected' USING ERRCODE = '{code}'; END $$"


BREAK = "SELECT pg_terminate_backend(pg_backend_pid())"
"""A statement that ends the connection, as an administrator does."""


@contextmanager
def failing(book: Book, when: Callable[[], int], *sent: str) -> Iterator[list[str]]:
    """Let transactions of a book's writer fail: ``when`` says at which of its statements (the first is 0; -1: none)
    the next one does.

    What is ``sent`` in place of these statements is by default what lost races give, in turn. Yields the statements
    that were failed.
    """
    failed: list[str] = []
    sends = cycle(sent or [lose(code) for code in LOST_RACES])
    running: list[Any] = [None, -1]

    def begin(connection: Any) -> None:
        running[:] = connection.connection.driver_connection, when()

    def before(connection: Any, statement: str) -> None:
        if connection is not running[0] or connection.autocommit:  # so the pool looks whether a connection is alive
            return
        running[1] -= 1
        if running[1] == -1:
            failed.append(statement)
            send(connection, next(sends))

    with watched(before):
        book.truth.writer.dispose()
        event.listen(book.truth.writer, "begin", begin)
        try:
            yield failed
        finally:
            event.remove(book.truth.writer, "begin", begin)
            book.truth.writer.dispose()
