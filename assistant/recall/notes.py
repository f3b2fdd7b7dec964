"""Notes and policies that people upload: kept as documents of the book, found passage by passage.

A note is data like any export: its bytes are kept under their SHA-256 (card numbers masked), and an answer may quote a
passage of it with the document as its citation. Nothing that a note says is ever done.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.recall.wording import Summary, plain
from ingest import documents
from ledger.book import Book
from ledger.document import NOTE, DocumentRecord
from ledger.errors import DocumentError

SUFFIXES = (".md", ".txt")
BYTES_MAX = 2 * 1024 * 1024
PASSAGE_CHARACTERS = 700
"""A passage goes on to the end of its paragraph while it is shorter; the embedding model reads about 256 tokens."""

_HEADING = re.compile(r"^(#{1,6})\s+(?P<words>.+?)\s*#*$")


@dataclass(frozen=True)
class Passage:
    """A piece of a note: the headings that it stands under, its first and last line (from 1), and its words."""

    under: tuple[str, ...]
    first: int
    last: int
    text: str


def keep_note(book: Book, path: Path, *, at: datetime, name: str | None = None) -> DocumentRecord:
    """Keep a Markdown or text file as a note of the book; the same file again is the same note.

    DocumentError when it is of another kind, too long, not UTF-8, empty, or kept already as something else.
    """
    name = name or path.name
    if Path(name).suffix.lower() not in SUFFIXES:
        raise DocumentError(f"{name} is no note: give a file that ends in {' or '.join(SUFFIXES)}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > BYTES_MAX:
        raise DocumentError(f"{name} has {len(content):,} bytes, a note at most {BYTES_MAX:,}; give it in parts")
    if not passages(_text(content, name)):
        raise DocumentError(f"{name} has no words; there is nothing to keep")
    with tempfile.TemporaryDirectory() as scratch:
        record = documents.keep(book, path, Path(scratch), at=at, name=name, media_type=NOTE).record
    if record.media_type != NOTE:
        raise DocumentError(f"{name} is kept already as the document {record.name} ({record.media_type}), no note")
    return record


def note_summaries(book: Book, record: DocumentRecord) -> list[Summary]:
    """The passages of a note, as what a search finds."""
    with documents.reading(book, record) as stored:
        text = _text(stored.read(), record.name)
    day = record.received_at.date()
    made = []
    for number, passage in enumerate(passages(text), start=1):
        lines = f"line {passage.first}" if passage.first == passage.last else f"lines {passage.first}-{passage.last}"
        title = f"{plain(record.name)}, {lines}"
        under = "".join(f"{words}. " for words in passage.under)
        made.append(
            Summary(
                id=f"document|{record.id}|{number}",
                kind="document",
                store="",
                start=day,
                end=day,
                title=title,
                parts=(f"{title}: “{' '.join(passage.text.split())}”",),
                gist=f"{_words(record.name)}. {under}{passage.text}",
                document=record.id,
            )
        )
    return made


def passages(text: str) -> list[Passage]:
    """A text cut at its headings and, where a piece is long, between paragraphs; a heading alone is no passage."""
    found: list[Passage] = []
    under: list[tuple[int, str]] = []
    held: list[tuple[int, str]] = []

    def close() -> None:
        if held:
            words = "\n".join(line for _, line in held)
            found.append(Passage(tuple(one for _, one in under), held[0][0], held[-1][0], words))
            held.clear()

    for number, line, starts in _lines(text):
        heading = _HEADING.match(line)
        if heading:
            close()
            level = len(heading.group(1))
            under[:] = [one for one in under if one[0] < level] + [(level, heading["words"])]
            continue
        if starts and sum(len(one) for _, one in held) + len(line) > PASSAGE_CHARACTERS:
            close()
        held.append((number, line))
    close()
    return found


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """The lines that have words, with their numbers, and whether a passage may be cut before each: at a new paragraph,
    or at any line of one that is too long by itself."""
    after_blank, since = True, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            after_blank = True
            continue
        since = 0 if after_blank else since + len(line)
        yield number, line.strip(), after_blank or since > PASSAGE_CHARACTERS
        after_blank = False


def _text(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8 and give it again"
        ) from None
    if "\0" in text:
        raise DocumentError(f"{name} is no text: it has NUL characters")
    return text


def _words(name: str) -> str:
    """A file's name as words: ``refund-policy.md`` is about the refund policy."""
    return " ".join(re.split(r"[\W_]+", Path(name).stem)).strip()
