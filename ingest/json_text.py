"""JSON documents as streams of values, each with its place: one value, a list of them, or one a line.

A value's place is a JSON pointer (RFC 6901), ``/3`` in a list; in a document of one value a line it begins with the
line, ``line 3``. Numbers with a fraction become ``Decimal``. Memory holds some values at a time, however large the
document; a single value is bounded.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn

from ledger.errors import DocumentError

VALUE_CHARS_MAX = 64 << 20
CHUNK_BYTES = 4 << 20
_GAP = re.compile(r"[ \t\r\n]*")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


class _Text:
    """The text of a stream, decoded ahead of a place that only goes forward."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self.name = name
        self._first = stream.read(CHUNK_BYTES)
        encoding = next((told for mark, told in _BOMS if self._first.startswith(mark)), "utf-8")
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self.buffer = ""
        self.at = 0
        self.line = 1
        self._counted = 0
        self.ended = False
        self.more()

    def more(self) -> bool:
        """Decode the next part, as much again as waits; False where there is none. A long value is looked at anew with
        each part, so that parts of one size would take time by its square."""
        if self.ended:
            return False
        part = self._first or self._stream.read(max(CHUNK_BYTES, len(self.buffer) - self.at))
        self._first = b""
        try:
            decoded = self._decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            raise DocumentError(
                f"{self.name} is not UTF-8 text ({error.reason} after line {self.here}); export it as UTF-8"
            ) from None
        self.ended = not part
        self.line = self.here
        self.buffer = self.buffer[self.at :] + decoded
        self.at = self._counted = 0
        return bool(part)

    @property
    def here(self) -> int:
        """The line of the present place, from 1. Each part of the text is counted once."""
        self.line += self.buffer.count("\n", self._counted, self.at)
        self._counted = self.at
        return self.line

    def peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            found = _GAP.match(self.buffer, self.at)
            assert found is not None
            self.at = found.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                made, end = _DECODER.raw_decode(self.buffer, self.at)
            except RecursionError:
                raise DocumentError(f"{self.name}, line {self.here}: it is nested too deeply to be a till's") from None
            except json.JSONDecodeError as error:
                if len(self.buffer) - self.at <= VALUE_CHARS_MAX:
                    if self.more():
                        continue
                    whole = not self.buffer[error.pos :].strip() or error.msg.startswith("Unterminated")
                    why = "it ends in the middle" if whole else error.msg.lower()
                    line = self.here + self.buffer.count("\n", self.at, error.pos)
                    raise DocumentError(f"{self.name} is no whole JSON: {why} (line {line}); export it again") from None
                raise DocumentError(
                    f"{self.name}, line {self.here}: one record has more than {VALUE_CHARS_MAX >> 20} MiB; give it in "
                    "pages, or with one record a line"
                ) from None
            except ValueError as error:  # a number of thousands of digits, or NaN
                raise DocumentError(f"{self.name}, line {self.here}: {str(error).split(':')[0].lower()}") from None
            if end == len(self.buffer) and not self.ended:  # a number may go on in the next part
                self.more()
                continue
            self.at = end
            return made


def values(stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    """The values of a document with their places. DocumentError says on which line it is no JSON."""
    text = _Text(stream, name)
    first = text.peek()
    if not first:
        raise DocumentError(f"{name} is empty")
    if first == "[":
        yield from _list(text)
        if text.peek():
            raise DocumentError(f"{name}, line {text.here}: there is more after the end of its list")
        return
    line, one = text.here, text.value()
    if not text.peek():
        yield "", one
        return
    yield f"line {line}", one
    while text.peek():
        line = text.here
        yield f"line {line}", text.value()


def _list(text: _Text) -> Iterator[tuple[str, Any]]:
    text.at += 1
    number = 0
    if text.peek() == "]":
        text.at += 1
        return
    while True:
        text.peek()
        yield f"/{number}", text.value()
        number += 1
        mark = text.peek()
        if mark not in (",", "]"):
            why = "it ends in the middle" if not mark else "a comma is missing"
            raise DocumentError(f"{text.name} is no whole JSON: {why} (line {text.here}); export it again")
        text.at += 1
        if mark == "]":
            return


def value(text: str) -> Any:
    """One JSON value from a text, read as those of documents are. ValueError where it is none."""
    try:
        made, end = _DECODER.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))
    except RecursionError:
        raise ValueError("it is nested too deeply to be a till's") from None
    if text[end:].strip():
        raise ValueError("there is more after its end")
    return made


def at(value: Any, pointer: str) -> Any:
    """What a JSON pointer points at within a value. KeyError where it points at nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if (
            isinstance(value, list)
            and name.isascii()
            and name.isdecimal()
            and len(name) < 10
            and int(name) < len(value)
        ):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            raise KeyError(pointer)
    return value


def fields(value: Any) -> dict[str, str]:
    """A value for a person: the fields of a record, those of records in it as ``total_money.amount``, lists as they
    are written."""
    if not isinstance(value, dict):
        return {"value": _written(value)}
    found: dict[str, str] = {}
    for name, part in value.items():
        if isinstance(part, dict) and part:
            found |= {f"{name}.{key}": told for key, told in fields(part).items()}
        else:
            found[name] = _written(part)
    return found


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
