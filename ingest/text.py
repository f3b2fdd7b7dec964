"""Text files as they come: their encoding and their delimiter."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO

SAMPLE_BYTES = 1 << 16
DELIMITERS = (",", ";", "\t", "|")
FALLBACK = "cp1252"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(file: BinaryIO) -> str:
    """Encoding of a text: by its byte order mark, UTF-8 where all of it is, else Windows-1252. Leaves it at its
    start."""
    head = file.read(4)
    file.seek(0)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while part := file.read(1 << 20):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return FALLBACK
    finally:
        file.seek(0)
    return "utf-8"


def delimiter_of(sample: str) -> str:
    """The delimiter that parts most of the first rows into the same number of columns, and into most of them."""
    best, most = ",", 0
    for delimiter in DELIMITERS:
        sizes = Counter(len(row) for row in _first_rows(sample, delimiter) if len(row) > 1)
        score = max((agreeing * 1000 + size for size, agreeing in sizes.items()), default=0)
        if score > most:
            best, most = delimiter, score
    return best


def _first_rows(sample: str, delimiter: str) -> list[list[str]]:
    """The first rows of a sample that are not empty, up to one that is no row."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == 20:
                break
    except csv.Error:
        pass
    return rows


def open_text(file: BinaryIO) -> tuple[io.TextIOBase, str, str]:
    """A text reader over a seekable or streamed file, with its delimiter and encoding, all told from its beginning.

    A stream that cannot be rewound is told from its first bytes alone.
    """
    if file.seekable():
        encoding = encoding_of(file)
        sample = file.read(SAMPLE_BYTES)
        file.seek(0)
        stream: BinaryIO = file
    else:
        sample = file.read(SAMPLE_BYTES)
        encoding = encoding_of(io.BytesIO(_whole_lines(sample)))
        stream = io.BufferedReader(_Chained((sample,), file))  # type: ignore[type-var]
    decoded = sample.decode(encoding, errors="replace")
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=""), delimiter_of(decoded), encoding


def _whole_lines(sample: bytes) -> bytes:
    cut = sample.rfind(b"\n")
    return sample[: cut + 1] if cut >= 0 and len(sample) == SAMPLE_BYTES else sample


class _Chained(io.RawIOBase):
    """First some bytes in hand, then a stream."""

    def __init__(self, head: Sequence[bytes], rest: BinaryIO) -> None:
        self._head = b"".join(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            part = self._rest.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)
