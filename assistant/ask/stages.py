"""Telling what is being done while a question is worked on, to whoever listens: the stream of the server.

Who starts the work listens with ``told_to``; the work itself says ``tell`` and need not know whether anybody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Tell = Callable[[str, str], None]
"""Is told a stage (a word for programs) and its sentence (for people)."""

_listener: ContextVar[Tell | None] = ContextVar("stages", default=None)


@contextmanager
def told_to(listener: Tell) -> Iterator[None]:
    """Let a listener be told the stages of what is done inside."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def teller() -> Tell:
    """Who is to be told, for work that goes on in another thread; telling it does nothing where nobody listens."""
    return _listener.get() or (lambda stage, sentence: None)
