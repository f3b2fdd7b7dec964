"""The command line's frame: the Typer app that the modules beside this one put their commands on, its entry
point, and what they share.

Exit status 0 done, 1 a problem said in one line, 2 wrong usage. Heavy libraries are imported inside the commands
that need them, so that ``--help`` and ``ingest`` start at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import TillproofError

if TYPE_CHECKING:
    from assistant.service import Service
    from ledger.book import Book

app = typer.Typer(
    name="tillproof",
    help="From a till's export to answers whose every figure opens down to the line it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

BookPath = Annotated[Path, typer.Argument(metavar="BOOK", help="The book's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Entry point: a TillproofError becomes one line on stderr and exit status 1."""
    try:
        app()
    except TillproofError as error:
        sys.exit(complain(str(error)))
    except KeyboardInterrupt:
        complain("interrupted; what was committed stays, and the same command completes the rest")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a disk that is full, a folder that is read-only or not there
        sys.exit(complain(f"{error.filename or 'a file'}: {error.strerror or error}; mend that and do the same again"))


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """The book in a folder, closed at the end."""
    from ledger.book import Book

    book = Book.open(path)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def service(path: Path) -> Iterator[Service]:
    """A book with its read models caught up, closed at the end."""
    from assistant.service import Service
    from assistant.settings import InstallationSettings

    made = Service.open(path, InstallationSettings())
    try:
        yield made
    finally:
        made.close()


def complain(sentence: str) -> int:
    """Say a problem in one line on stderr; the exit status that goes with it."""
    print(f"tillproof: {' '.join(sentence.split())}", file=sys.stderr)
    return 1
