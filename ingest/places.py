"""Places in documents: a locator leads back to the very record that a ticket, line or tender was read from.

Of rows the locator is ``row 17`` (the header is row 1, unless rows stand above it); of JSON a pointer,
``/orders/3/line_items/0``, after the line where each line is a value, ``line 5/line_items/0``; of XML a path,
``/POSLog/Transaction[3]``; of paper a page, or a box on it, ``page 1 box 672,403,1378,522``. In a set of files, or an
archive, the file's name comes first.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

from ingest import archive, json_text, xml_text
from ingest.documents import MEDIA_TYPES, members, reading
from ingest.headers import HEADER_ROWS_MAX, header_row
from ingest.paper.kept import sheet_of
from ingest.paper.layout import rows
from ingest.paper.words import Box
from ingest.sources.delivered import opened
from ingest.sources.source import is_json
from ingest.text import open_text
from ledger.book import Book
from ledger.document import BUNDLE, DocumentRecord
from ledger.errors import DocumentError

NEIGHBOURS = 3
_ROW = re.compile(r"^(?:(?P<file>.+) )?row (?P<row>\d{1,12})$")
_BOX = re.compile(r"^page (?P<page>[1-9]\d{0,3})(?: box (?P<box>\d{1,5}(?:,\d{1,5}){3}))?$")
_POINTER = re.compile(r"^(?:(?P<file>.+) )?(?P<start>line \d{1,12}|)(?P<pointer>/\S*|)$")


@dataclass(frozen=True)
class SourceLine:
    """A record of a document as it stands there: the names of its fields, what they say, and its neighbours for
    context. ``of_rows`` is whether it is a row; else ``row`` is its number among its like, from 1."""

    document: DocumentRecord
    row: int
    header: tuple[str, ...]
    cells: tuple[str, ...]
    before: tuple[tuple[int, tuple[str, ...]], ...]
    after: tuple[tuple[int, tuple[str, ...]], ...]
    of_rows: bool = True


def line(book: Book, document_id: str, locator: str) -> SourceLine:
    """The record that a locator points at. DocumentError when there is no such document or place."""
    record = book.document(document_id)
    if record is not None and of_paper(locator) is not None:
        return _on_paper(book, record, locator)
    place = _ROW.match(locator) or _POINTER.match(locator)
    if record is None or place is None:
        raise DocumentError(f"there is no place {locator!r} in document {document_id[:12]}")
    record = _inside(book, record, place["file"])
    with reading(book, record) as stored:
        plain = _member(stored, record, place["file"])
        if "row" in place.groupdict():
            return _row(plain, record, int(place["row"]))
        if plain.peek(4).lstrip(b"\xef\xbb\xbf\xff\xfe")[:1] == b"<":
            return _element(plain, record, place["pointer"])
        return _value(plain, record, place["start"], place["pointer"])


def of_paper(locator: str) -> tuple[int, Box | None] | None:
    """The page and the box of a place on paper; None of any other place."""
    found = _BOX.match(locator)
    if found is None:
        return None
    left, top, right, bottom = (int(one) for one in (found["box"] or "0,0,0,0").split(","))
    return int(found["page"]), (left, top, right, bottom) if found["box"] else None


def _on_paper(book: Book, record: DocumentRecord, locator: str) -> SourceLine:
    """The row of text of a page that a box lies in, or the first of the page."""
    place = of_paper(locator)
    assert place is not None
    number, box = place
    found = [row for row in rows(sheet_of(book, record)) if row.page == number]
    at = next(
        (n for n, row in enumerate(found) if box is not None and any(box[1] <= w.box[1] <= box[3] for w in row.words)),
        0,
    )
    if not found:
        raise DocumentError(f"document {record.name} has no page {number}")
    texts = [(f"{number}", row.text) for row in found]
    before = range(max(0, at - NEIGHBOURS), at)
    after = range(at + 1, min(len(texts), at + 1 + NEIGHBOURS))
    return SourceLine(
        document=record,
        row=at + 1,
        header=("page", "text"),
        cells=texts[at],
        before=tuple((n + 1, texts[n]) for n in before),
        after=tuple((n + 1, texts[n]) for n in after),
        of_rows=False,
    )


def _inside(book: Book, record: DocumentRecord, file: str | None) -> DocumentRecord:
    """The document itself, or the file of that name in a set."""
    if record.media_type != BUNDLE or file is None:
        return record
    inside = members(book, record).get(file)
    if inside is None:
        raise DocumentError(f"document {record.name} has no file {file!r}")
    return inside


def _member(plain: io.BufferedReader, record: DocumentRecord, file: str | None) -> io.BufferedReader:
    """A document's bytes, or those of a file in it where it is an archive."""
    if file is None or record.media_type == MEDIA_TYPES[".xlsx"] or plain.peek(4)[:4] != archive.MAGIC:
        return plain
    inside = archive.files(plain.read(), record.name).get(file)
    if inside is None:
        raise DocumentError(f"document {record.name} has no file {file!r}")
    return io.BufferedReader(io.BytesIO(inside))


def _row(plain: BinaryIO, record: DocumentRecord, row: int) -> SourceLine:
    rows = _rows(plain, record)
    leading = list(islice(rows, HEADER_ROWS_MAX))
    place = header_row(leading)
    header = leading[place] if leading else ()
    first = max(place + 2, row - NEIGHBOURS)
    window = list(islice(chain(leading, rows), first - 1, row + NEIGHBOURS))
    numbered = list(enumerate(window, start=first))
    cells = dict(numbered).get(row, header if row == place + 1 and header else None)
    if cells is None:
        raise DocumentError(f"document {record.name} has no row {row}")
    return SourceLine(
        document=record,
        row=row,
        header=header,
        cells=cells,
        before=tuple(one for one in numbered if one[0] < row),
        after=tuple(one for one in numbered if one[0] > row),
    )


def _rows(plain: BinaryIO, record: DocumentRecord) -> Iterator[tuple[str, ...]]:
    if record.media_type == MEDIA_TYPES[".xlsx"]:
        from ingest.staging import xlsx_rows

        yield from xlsx_rows(plain.read(), record.name)
        return
    text, delimiter, _ = open_text(plain)
    rows = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            yield tuple(next(rows))
        except StopIteration:
            return
        except csv.Error:
            yield ()  # a record that is no row keeps its number


def _element(plain: io.BufferedReader, record: DocumentRecord, path: str) -> SourceLine:
    """The element at a path of XML, between those of its name."""
    try:
        found, beside, number = xml_text.at(plain, record.name, path)
    except KeyError:
        raise DocumentError(f"document {record.name} has no place {path}") from None
    return _among(record, xml_text.fields(found), [xml_text.fields(one) for one in beside], number)


def _value(plain: io.BufferedReader, record: DocumentRecord, start: str, pointer: str) -> SourceLine:
    """The value at a pointer of JSON, between those of the same list."""
    missing = DocumentError(f"document {record.name} has no place {start}{pointer or '/'}")
    if not is_json(plain.peek(8)):
        raise missing
    whole = pointer in ("", "/")
    found: Any = None
    beside: Sequence[Any] = ()
    number = 1
    for place, value in json_text.values(plain, record.name):
        inside = pointer.removeprefix(place) if not start else pointer
        value = opened(value)
        if place not in ("", start) and not (pointer == place or pointer.startswith(f"{place}/")):
            continue
        try:
            found = value if whole else json_text.at(value, inside)
            parent, _, last = inside.rpartition("/")
            if not whole and last.isdecimal() and isinstance(json_text.at(value, parent), list):
                beside, number = json_text.at(value, parent), int(last) + 1
        except KeyError:
            raise missing from None
        break
    else:
        raise missing
    return _among(record, json_text.fields(found), [json_text.fields(one) for one in beside], number)


def _among(record: DocumentRecord, fields: dict[str, str], beside: list[dict[str, str]], number: int) -> SourceLine:
    """A record by its fields, with its neighbours as far as they have the same fields."""
    header = tuple(fields)

    def numbered(first: int, last: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
        shown = range(max(first, 1), min(last, len(beside)) + 1)
        return tuple((n, tuple(beside[n - 1].get(name, "") for name in header)) for n in shown)

    return SourceLine(
        document=record,
        row=number,
        header=header,
        cells=tuple(fields.values()),
        before=numbered(number - NEIGHBOURS, number - 1),
        after=numbered(number + 1, number + NEIGHBOURS),
        of_rows=False,
    )
