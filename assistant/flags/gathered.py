"""What truth has of tickets and till events, as frames that are kept beside the book: a scan reads new commits only.

It is a read model and may be lost. It is kept in parts, each of some commits that follow on each other, as files of
columns (``BOOK/flags/known/*.zip``) with their checksums; the name of a part ends in the hash of its last commit. A
part that cannot be read, is damaged or is of another history is not believed, and what comes after it neither.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from ledger.book import Book
from ledger.committed import ADDRESS, EVENT_ROWS, LINE_ROWS, TAX_ROWS, TENDER_ROWS, TICKET_ROWS

FOLDER = "known"
FRAMES: Mapping[str, pl.Schema] = {
    "tickets": pl.Schema({**TICKET_ROWS, "document": pl.String()}),
    "lines": LINE_ROWS,
    "tenders": TENDER_ROWS,
    "taxes": TAX_ROWS,
    "events": pl.Schema({**EVENT_ROWS, "document": pl.String()}),
    "reversed": pl.Schema(ADDRESS),
    "commits": pl.Schema({"seq": pl.Int64(), "recorded_at": pl.Int64()}),
}
"""Every version of every ticket and event with its parts; ``reversed`` has the addresses of what was taken back."""
HASH_DIGITS = 24

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Part:
    """The frames of the commits up to ``last``, from the end of the part before it on; ``path`` is where it is kept."""

    last: int
    frames: Frames
    path: Path | None = None

    @property
    def rows(self) -> int:
        return sum(self.frames[name].height for name in ("tickets", "events", "reversed"))


def gathered(book: Book, folder: Path | None = None) -> Frames:
    """The ``FRAMES`` of a book at its head; what is kept in ``folder`` is taken from there, and the rest kept there."""
    head = book.head().seq
    parts = [] if folder is None else _kept(book, folder)
    after = parts[-1].last if parts else 0
    if after < head:
        new = Part(head, _read(book, after, head))
        parts = [*parts, new] if folder is None or not new.rows else _keep(book, folder, parts, new)
    return _together([one.frames for one in parts])


def _read(book: Book, after: int, upto: int) -> Frames:
    found = []
    for chunk in book.committed(after=after, upto=upto):
        taken = chunk.entries.filter(pl.col("reverses_seq").is_not_null())
        found.append(
            {name: getattr(chunk, name) for name in ("tickets", "lines", "tenders", "taxes", "events")}
            | {
                "reversed": taken.select(pl.col("reverses_seq").alias("seq"), pl.col("reverses_n").alias("n")),
                "commits": chunk.commits.select("seq", "recorded_at"),
            }
        )
    return _together(found)


def _together(parts: list[Frames]) -> Frames:
    return {
        name: pl.concat([pl.DataFrame(schema=schema), *(one[name] for one in parts)]) for name, schema in FRAMES.items()
    }


def _kept(book: Book, folder: Path) -> list[Part]:
    """The parts that are kept, as far as they follow on each other and are of this history."""
    found: list[Part] = []
    after = 0
    for path in sorted(folder.glob("*.zip")):
        try:
            first, last, digits = path.stem.split("-")
            known = book.hash_of(int(last))
            if int(first) != after + 1 or known is None or known[:HASH_DIGITS] != digits:
                break
            found.append(Part(int(last), _load(path), path))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, PolarsError):
            break
        after = int(last)
    return found


def _load(path: Path) -> Frames:
    """The frames of a file; ValueError where they are others than ours, BadZipFile where a checksum does not hold."""
    with zipfile.ZipFile(path) as kept:
        frames = {name: pl.read_ipc(BytesIO(kept.read(name))) for name in FRAMES}
    if any(frames[name].schema != schema for name, schema in FRAMES.items()):
        raise ValueError("the frames are of another version")
    return frames


def _keep(book: Book, folder: Path, kept: list[Part], new: Part) -> list[Part]:
    """Keep a new part, together with those before it that are not more than twice as large: so there are few parts,
    and each row is written few times. Where the folder cannot be written to, nothing is kept."""
    left = list(kept)
    while left and left[-1].rows <= 2 * new.rows:
        new = Part(new.last, _together([left.pop().frames, new.frames]))
    first = left[-1].last + 1 if left else 1
    digits = (book.hash_of(new.last) or "")[:HASH_DIGITS]
    path = folder / f"{first:012}-{new.last:012}-{digits}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as into:
            for name, frame in new.frames.items():
                buffer = BytesIO()
                frame.write_ipc(buffer, compression="lz4")
                into.writestr(name, buffer.getvalue())
        unfinished.replace(path)  # not synced: a file that did not arrive whole is not believed
        believed = {path, *(one.path for one in left)}
        for old in folder.glob("*.zip"):
            if old not in believed:
                old.unlink(missing_ok=True)
    except OSError:
        pass
    return [*left, new]
