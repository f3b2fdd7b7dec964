"""Flips: one bit of one byte of a sealed value is changed, and ``verify`` must find it and name the record.

Every flip is proven on its own: it is made inside a transaction on a small book that has something in every table,
the whole book is verified on that connection, and the transaction is rolled back. Numbers are flipped as the eight
bytes that they are, texts and hashes as their bytes, documents as the bytes of their files. A text may stop being
UTF-8 by it where the engine keeps such a thing (SQLite does). What is not sealed, by design, is in ``UNSEALED``.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import zstandard
from sqlalchemy import BigInteger, Boolean, Connection, LargeBinary, String, Table, cast, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import ColumnElement

from assistant.selftest.outcome import PROBLEMS_MAX, Outcome
from assistant.selftest.scratch import AT, END, Scratch, altered, cut
from ledger import tables as t
from ledger.book import Book
from ledger.cases.events import Commented, Filed, Opened, subject_of
from ledger.verify import verify

DOCUMENTS = 0.1
"""Share of the flips that hit the file of a document."""

UNSEALED = {
    "book_head.moved_to": "where the truth is once a book has moved; a copy differs in it from its original",
    "documents.name": "a label for people; the document is known by its bytes, which are its id",
    "documents.media_type": "likewise",
    "documents.masked": "a count for people; the bytes that were kept are the masked ones",
    "documents.received_at": "when a commit recorded what a document said is in the chain; this is for people",
    "intakes.source": "the source of each ticket and event is sealed with its content",
    "intakes.at": "the time of each commit is in the chain",
    "holds.n": "the order in which a commit held things is sealed, not the number that stands for it",
}
"""Columns in which a change is not found, by design: nothing that a figure is computed from or proven with."""

NOTES = ("exports",)
"""Tables that are not sealed at all, by design: what was given to other systems is a note of ours."""

Row = dict[str, Any]


def flips(scratch: Scratch, number: int) -> Outcome:
    """Flip ``number`` bits, one at a time."""
    begin = time.perf_counter()
    draws = random.Random(scratch.seed)  # noqa: S311 (chance that can be repeated)
    counts: Counter[str] = Counter()
    problems: list[str] = []
    book = _filled(scratch)
    try:
        places = _places(book)
        flipped: set[str] = set()
        while counts["flips"] + counts["file flips"] < number and len(problems) < PROBLEMS_MAX:
            if draws.random() < DOCUMENTS:
                said = _flip_document(book, draws, counts)
            else:
                name = draws.choice(list(places))
                said = _flip_value(book, name, draws.choice(places[name]), draws, counts)
                flipped.add(name)
            problems += said
        problems += [f"at the end: {one}" for one in book.verify().problems]
    finally:
        book.close()
    counts["columns"] = len(flipped)
    return Outcome(
        "flips",
        scratch.seed,
        dict(counts),
        f"{counts['flips']:,} flips of a bit in {counts['columns']} sealed columns and {counts['file flips']:,} in "
        f"files of documents, each looked for by verify; {counts['without effect']:,} of those in files left what the "
        "file unpacks to as it was",
        tuple(problems[:PROBLEMS_MAX]),
        time.perf_counter() - begin,
    )


def _filled(scratch: Scratch) -> Book:
    """A small book with something in every table: versions, conflicts, a locked period and what came late for it,
    a case."""
    book = scratch.new()
    copies = scratch.folder / "copies"
    for delivery in scratch.deliveries:
        delivery.post(book, copies)
    shop, bar = scratch.deliveries[0], scratch.deliveries[-1]
    singles = [one for part in (*shop.parts[:1], *bar.parts[-1:]) for one in cut(part, 1)]
    intake = shop.begin(book, copies)
    for one in singles:
        book.post(altered(one, "Somebody else"), intake=intake, at=AT, last=False)
    book.change_period(END, END, "locked", by="Ada", reason="October is filed", at=AT + timedelta(hours=1))
    about = Opened("Downtown", None, "refunds", "a-rule", END, END, None)
    for event in (about, Commented("The store was asked.")):
        book.record_cases([Filed(subject_of("a case"), "Ada", event)], at=AT + timedelta(hours=1))
    for one in singles:
        book.post(altered(one, "Relief", hours=99), intake=intake, at=AT + timedelta(hours=2), last=one is singles[-1])
    return book


def _places(book: Book) -> dict[str, list[Row]]:
    """The rows that have a value to flip, by sealed column. A balance of nothing is as good as none."""
    found: dict[str, list[Row]] = {}
    with book.truth.reader.connect() as connection:
        for table in t.metadata.sorted_tables:
            rows = [dict(row) for row in connection.execute(select(table)).mappings() if row["book_id"] == book.id]
            if table.name in NOTES:
                continue
            if table is t.balances:
                rows = [row for row in rows if row["amount_minor"]]
            for column in table.columns:
                name = f"{table.name}.{column.name}"
                worth = [row for row in rows if row[column.name] not in (None, "")]
                if worth and name not in UNSEALED:
                    found[name] = worth
    return found


def _flip_value(book: Book, name: str, row: Row, draws: random.Random, counts: Counter[str]) -> list[str]:
    table = t.metadata.tables[name.partition(".")[0]]
    column = table.columns[name.partition(".")[2]]
    with book.truth.writer.connect() as connection:
        flipped = _flipped(connection, column.type, row[column.name], draws)
        if flipped is None:
            return []
        value, written = flipped
        matched = [each == row[each.name] for each in table.primary_key.columns]
        try:
            done = connection.execute(update(table).where(*matched).values({column.name: written}))
        except IntegrityError:  # another row has that key: such a flip cannot stand in a database
            return []
        assert done.rowcount == 1, (name, row)
        counts["flips"] += 1
        said = verify(connection, book.id, book.document_path).problems
        connection.rollback()
    where = f"{name} of {_key(table, row)}, {row[column.name]!r} to {value!r}"
    if not said:
        return [f"a flip was not found: {where}"]
    named = _names(book, table, row) | _names(book, table, row | {column.name: value})
    if not any(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w])", sentence) for one in named for sentence in said):
        return [f"a flip was found but not named: {where}; verify said: {said[0]}"]
    return []


def _flipped(
    connection: Connection, kind: Any, value: Any, draws: random.Random
) -> tuple[Any, ColumnElement[Any] | Any] | None:
    """A value with one bit of it changed, as it reads and as it is written; None where the engine cannot keep it."""
    sqlite = connection.dialect.name == "sqlite"
    if isinstance(kind, LargeBinary):
        raw = _one_bit(bytes(value), draws)
        return raw, raw
    if isinstance(kind, String):
        raw = _one_bit(value.encode(), draws)
        if sqlite:
            return raw.decode("utf-8", "replace"), cast(literal(raw, LargeBinary), String)
        try:
            return (raw.decode(), raw.decode()) if b"\0" not in raw else None
        except UnicodeDecodeError:
            return None
    if isinstance(kind, Boolean) and not sqlite:
        return not value, not value
    number = int.from_bytes(_one_bit(int(value).to_bytes(8, "big", signed=True), draws), "big", signed=True)
    return number, literal(number, BigInteger)


def _one_bit(raw: bytes, draws: random.Random) -> bytes:
    place = draws.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ (1 << draws.randrange(8))]) + raw[place + 1 :]


def _names(book: Book, table: Table, row: Row) -> set[str]:
    """How a problem may call a record: by its entry, its commit, its delivery or its own key."""
    named = {f"{table.name} at {_key(table, row)}"}
    if table is t.book_head:
        return named | {"head of the book", f"commit {row['seq']}", "commit 1"}
    if table is t.balances:
        return named | {f"balance of {row['account']}, {row['store']}, {row['business_date']}"}
    if table is t.documents:
        return named | {str(row["id"])[:12]}
    if table is t.intakes:
        of_it = (feed for feed in book.feeds() if feed.intake == row["number"])
        return named | {
            f"delivery {row['number']}",
            *(f"commit {seq}" for feed in of_it for seq in _commits(book, feed.intake)),
        }
    named.add(f"commit {row['seq']}")
    return named | ({f"{row['seq']}-{row['n']}"} if "n" in row else set())


def _commits(book: Book, intake: int) -> list[int]:
    query = select(t.commits.c.seq).where(t.commits.c.book_id == book.id, t.commits.c.intake == intake)
    with book.truth.reader.connect() as connection:
        return list(connection.execute(query).scalars())


def _key(table: Table, row: Row) -> str:
    return "-".join(str(row[column.name]) for column in table.primary_key.columns if column.name != "book_id")


def _flip_document(book: Book, draws: random.Random, counts: Counter[str]) -> list[str]:
    record = draws.choice(book.documents())
    path = book.document_path(record.id)
    before = path.read_bytes()
    after = _one_bit(before, draws)
    path.write_bytes(after)
    try:
        said = book.verify().problems
    finally:
        path.write_bytes(before)
    counts["file flips"] += 1
    if any(record.id[:12] in sentence for sentence in said):
        return []
    try:
        same = zstandard.ZstdDecompressor().decompressobj().decompress(
            after
        ) == zstandard.ZstdDecompressor().decompressobj().decompress(before)
    except zstandard.ZstdError:
        same = False
    if same and not said:
        counts["without effect"] += 1
        return []
    return [f"a flip in the file of document {record.name} ({record.id[:12]}) was not found and named: {said[:1]}"]
