"""What the runs work on: sample deliveries, cut small, and scratch books to post them into.

Nothing here looks at a real book. The deliveries are those of ``tillproof sample``, read by the ordinary reader: some
flat files of a few receipts each, the first of them once more with changed receipts of a newer time (so that
there are reversals), and one set of files with till events.
"""

from __future__ import annotations

import csv
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, groupby
from pathlib import Path
from typing import Any

import polars as pl

from assistant.sample import write
from ingest import documents
from ingest.reader import Job, Part, read
from ledger.batch import SaleBatch
from ledger.book import Book
from ledger.settings import parse

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
"""The present of every run: the books of two runs of one seed are the same to the byte of their seals."""

END = date(2026, 10, 31)
SOURCE = "sample"
SET_CUT = 5
"""The set has so many times as many to a batch: taken again from its beginning, it must come to its end some time."""
CHANGED_AT = "2026-11-01 09:00:00"

Engine = Callable[[str], dict[str, Any]]
"""What ``book.toml`` must say, beside the rest, for a scratch book of an id to live on an engine of truth."""


def on_sqlite(book_id: str) -> dict[str, Any]:
    """The engine of a book whose settings name none."""
    return {}


@dataclass(frozen=True)
class Delivery:
    """Files that are taken together, and what reading them gives, cut into small batches."""

    files: tuple[Path, ...]
    bundled: bool
    parts: tuple[SaleBatch, ...]

    def begin(self, book: Book, copies: Path) -> int:
        """Keep the delivery's documents and open it: the steps that the pipeline takes. The intake's number."""
        copies.mkdir(parents=True, exist_ok=True)
        kept = [documents.keep(book, path, copies, at=AT) for path in self.files]
        record = documents.keep_bundle(book, kept, at=AT) if self.bundled else kept[0].record
        return book.begin_intake(record.id, SOURCE, AT)

    def post(self, book: Book, copies: Path) -> None:
        """Take the whole delivery."""
        intake = self.begin(book, copies)
        for place, part in enumerate(self.parts, start=1):
            book.post(part, intake=intake, at=AT, last=place == len(self.parts))


class Scratch:
    """A folder with deliveries, and the scratch books that are made in it."""

    def __init__(
        self, folder: Path, *, seed: int, engine: Engine = on_sqlite, tickets: int = 60, files: int = 4, cut: int = 3
    ) -> None:
        """Make the deliveries: about ``tickets`` tickets in ``files`` flat files and one set, ``cut`` to a batch."""
        self.folder = folder
        self.seed = seed
        self._engine = engine
        self._number = count(1)
        self._template: Path | None = None
        write(folder / "exports", tickets=tickets, days=2, seed=seed, end=END, layout="demo", imperfections=False)
        self._tables = tomllib.loads((folder / "exports" / "book.toml").read_text("utf-8"))
        flat = _split(folder / "exports" / "shops.csv", files)
        flat.append(_changed(flat[0]))
        whole = sorted((folder / "exports" / "checks").glob("*.csv"))
        self.deliveries = (
            *(Delivery((path,), False, _read(self, [path], cut)) for path in flat),
            Delivery(tuple(whole), True, _read(self, whole, cut * SET_CUT)),
        )

    def settings(self, book_id: str) -> dict[str, Any]:
        """The tables of the ``book.toml`` of a scratch book."""
        return {**self._tables, "book": {**self._tables["book"], "id": book_id}, **self._engine(book_id)}

    def place(self) -> tuple[Path, dict[str, Any]]:
        """Folder and settings for a scratch book that is yet to be made."""
        number = next(self._number)
        return self.folder / "books" / str(number), self.settings(f"scratch-{self.seed}-{number}")

    def new(self) -> Book:
        """A new, empty scratch book. One in SQLite is a copy of the first, which is far faster than making it."""
        folder, settings = self.place()
        if "truth" in settings:
            return Book.create_from(folder, settings)
        if self._template is None:
            self._template = self.folder / "template"
            Book.create_from(self._template, settings).close()
        shutil.copytree(self._template, folder)
        return Book.open(folder)

    def straight(self) -> Book:
        """A new scratch book with every delivery in it, posted in order and undisturbed."""
        book = self.new()
        for delivery in self.deliveries:
            delivery.post(book, self.folder / "copies")
        return book


def balances(book: Book) -> dict[tuple[str, str, str, str], int]:
    """By account, currency, store and ISO business date: the sum of all postings, where it is not zero."""
    total: dict[tuple[str, str, str, str], int] = {}
    for chunk in book.committed():
        rows = chunk.postings.join(chunk.entries, on=["seq", "n"])
        for *key, day, amount in rows.select("account", "currency", "store", "business_date", "amount_minor").rows():
            place = (*key, str(day))
            total[place] = total.get(place, 0) + amount
    return {key: amount for key, amount in total.items() if amount}


def cut(batch: SaleBatch, tickets: int) -> Iterator[SaleBatch]:
    """A batch in pieces of some tickets or till events each."""
    bare = replace(batch, events=batch.events.clear(), held=())
    for rows in batch.tickets.iter_slices(tickets):
        yield bare.keep(rows["ticket"])
    nothing = bare.keep(pl.Series("ticket", [], pl.Int64))
    for rows in batch.events.iter_slices(tickets):
        yield replace(nothing, events=rows)


def altered(batch: SaleBatch, cashier: str, hours: int = 0) -> SaleBatch:
    """The same tickets and till events under another cashier, changed some hours later than they say; with no hours,
    without a newer time of change."""

    def changed(frame: pl.DataFrame) -> pl.DataFrame:
        stamp = pl.coalesce("version_stamp", pl.lit(AT)) + timedelta(hours=hours) if hours else pl.col("version_stamp")
        return frame.with_columns(pl.lit(cashier).alias("cashier"), stamp.alias("version_stamp"))

    return replace(batch, tickets=changed(batch.tickets), events=changed(batch.events))


def _read(scratch: Scratch, files: Sequence[Path], tickets: int) -> tuple[SaleBatch, ...]:
    """The batches of a delivery, as the pipeline reads them from its kept documents."""
    settings = parse(scratch.settings("reading"))
    copies = scratch.folder / "reading" / files[0].stem
    reader = Book.create_from(copies / "book", {"book": scratch.settings("reading")["book"]})
    try:
        (copies / "plain").mkdir()
        kept = tuple(documents.keep(reader, path, copies / "plain", at=AT) for path in files)
        job = Job(kept, None, None, settings, SOURCE, AT, 1_000_000)
        whole = [item.prepared.batch for item in read(job) if isinstance(item, Part)]
    finally:
        reader.close()
    return tuple(piece for batch in whole for piece in cut(batch, tickets))


def _split(path: Path, files: int) -> list[Path]:
    """A flat export as several files, cut between receipts."""
    header, *rows = _rows(path)
    receipts = [list(group) for _, group in groupby(rows, key=lambda row: row[0])]
    made = []
    for number in range(files):
        chosen = receipts[number * len(receipts) // files : (number + 1) * len(receipts) // files]
        made.append(path.with_name(f"shops-{number + 1}.csv"))
        _write(made[-1], [header, *(row for receipt in chosen for row in receipt)])
    return made


def _changed(path: Path) -> Path:
    """The same receipts after a change at the till: another cashier, and a newer time of change."""
    header, *rows = _rows(path)
    cashier, changed = header.index("Cashier"), header.index("Last Changed")
    for row in rows:
        row[cashier], row[changed] = "Relief", CHANGED_AT
    _write(path.with_name(f"{path.stem}-again.csv"), [header, *rows])
    return path.with_name(f"{path.stem}-again.csv")


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
