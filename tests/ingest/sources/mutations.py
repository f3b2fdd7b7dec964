"""Damaged copies of a vendor's file: cut, flipped, of other encodings and delimiters, with other values and types.

``outcome`` reads one as the pipeline does, up to what would be posted, and asserts what must hold for any bytes: a
batch, or a sentence that names the file; nothing else, and in time.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import random
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ingest import cards
from ingest.documents import Kept
from ingest.reader import Job, Part, read
from ledger.document import DocumentRecord
from ledger.errors import InputError
from ledger.settings import BookSettings
from tests.ingest.sources.vendor import AT

SECONDS_MAX = 2.0
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**18, 10**400, 1.5, 1e308, "", " ", "0", "-0.001", "1.234,56", "12.345678901", "NaN",
    "Infinity", "1e9999", "2026-13-45", "2026-03-08T02:30:00", "yesterday", "x" * 5_000, "\0", "\ud800", "é", "💶",
    [], {}, [[]], [None], {"amount": "1"}, {"amount": 10**30, "currency": "USD"}, {"amount": 5, "currency": "XXX"},
    "=1+1", "<b>", "OTHER_KIND", "UNKNOWN", [{}], [1, 2],
)  # fmt: skip


def outcome(
    content: bytes,
    name: str,
    settings: BookSettings,
    folder: Path,
    source: str | None = None,
    beside: Sequence[Path] = (),
) -> str:
    """Read bytes as the pipeline does, with the other files of their set: ``"read"``, or the sentence of the
    refusal."""
    masking = cards.Masking()
    plain = folder / "plain"
    plain.write_bytes(content if content[:4] == b"PK\x03\x04" else b"".join(cards.mask([content], masking)))
    record = DocumentRecord(hashlib.sha256(content).hexdigest(), name, "application/octet-stream", len(content), 0, AT)
    others = [Kept(DocumentRecord("1" * 64, one.name, "text/csv", 1, 0, AT), one, masking) for one in beside]
    job = Job((Kept(record, plain, masking), *others), None, None, settings, source, AT, 1_000)
    begin = time.process_time()  # others may have the processor meanwhile
    said = "read"
    try:
        for item in read(job):
            if isinstance(item, Part):
                batch = item.prepared.batch.checked()
                for held in batch.held:
                    assert held.locator and held.reason.endswith(")"), held
                    assert held.reason[0].isupper(), held
    except InputError as error:
        said = str(error)
        assert any(one in said for one in (name, *(other.name for other in beside))), said
        assert "\n" not in said, said
    seconds = time.process_time() - begin
    assert seconds < SECONDS_MAX, f"{seconds:.1f} s"
    return said


def mutated(content: bytes, rng: random.Random) -> bytes:
    """A damaged copy of a file."""
    ways = [_cut, _flipped, _inserted, _repeated, _recoded, _random]
    if content[:1] in (b"{", b"["):
        ways += [_other_value] * 8
    elif content[:2] == b"PK":
        ways += [_in_archive] * 8
    elif content[:1] == b"<":
        ways += [_other_element] * 8
    else:
        ways += [_other_cell] * 6 + [_other_columns] * 2
    return rng.choice(ways)(content, rng)


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _flipped(content: bytes, rng: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _inserted(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.randint(1, 40)) + content[at:]


def _repeated(content: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(content)), rng.randint(1, 400)
    return content[:at] + content[at : at + size] * rng.randint(2, 5) + content[at + size :]


def _recoded(content: bytes, rng: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-8-sig", "cp1252", "utf-32", "latin-1")), "replace")


def _random(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(40)] + rng.randbytes(rng.randint(1, 2_000))


def _other_value(content: bytes, rng: random.Random) -> bytes:
    """JSON with some values replaced, taken out or doubled."""
    lines = content.splitlines() if content[:1] == b"{" and content.count(b"\n{") else [content]
    at = rng.randrange(len(lines))
    value = json.loads(lines[at])
    for _ in range(rng.randint(1, 3)):
        holders = list(_holders(value))
        holder = rng.choice(holders)
        if isinstance(holder, dict) and holder:
            key = rng.choice(list(holder))
            if rng.random() < 0.2:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(rng.choice(STRANGE))
        elif isinstance(holder, list) and holder:
            place = rng.randrange(len(holder))
            if rng.random() < 0.5:
                holder.append(holder[place])
            else:
                holder[place] = copy.deepcopy(rng.choice(STRANGE))
    lines[at] = json.dumps(value).encode()
    return b"\n".join(lines)


def _holders(value: Any) -> Any:
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _holders(part)


def _other_cell(content: bytes, rng: random.Random) -> bytes:
    """Rows with some cells replaced, or of another delimiter."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8", "replace"))))
    for _ in range(rng.randint(1, 4)):
        row = rng.choice(rows[1:] or rows)
        if row:
            row[rng.randrange(len(row))] = str(rng.choice(STRANGE)).encode("utf-8", "replace").decode()
    return _rows(rows, rng.choice((",", ",", ",", ";", "\t", "|")))


def _other_columns(content: bytes, rng: random.Random) -> bytes:
    """Rows with a column less, one more, or one twice."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8", "replace"))))
    at = rng.randrange(len(rows[0]))
    how: Callable[[list[str]], list[str]] = rng.choice(
        (
            lambda row: row[:at] + row[at + 1 :],
            lambda row: [*row[:at], "new", *row[at:]],
            lambda row: [*row, *row[at : at + 1]],
        )
    )
    return _rows([how(row) for row in rows], ",")


def _rows(rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


def _other_element(content: bytes, rng: random.Random) -> bytes:
    """XML with some texts and attributes replaced, an element taken out or doubled, or a document type before it."""
    text = content.decode("utf-8", "replace")
    for _ in range(rng.randint(1, 4)):
        found = list(re.finditer(r">([^<>]+)<|\"([^\"<>]*)\"|<(\w+)[^<>]*>[^<>]*</\3>", text))
        one = rng.choice(found)
        value = escape(str(rng.choice(STRANGE)).replace("\0", "").encode("utf-8", "replace").decode())
        if one[1] is not None:
            text = f"{text[: one.start(1)]}{value}{text[one.end(1) :]}"
        elif one[2] is not None:
            text = f"{text[: one.start(2)]}{value[:50].replace(chr(34), '')}{text[one.end(2) :]}"
        else:
            text = text[: one.start()] + one[0] * rng.choice((0, 2)) + text[one.end() :]
    if rng.random() < 0.1:
        text = re.sub(r"^<\?xml[^>]*>", lambda head: f'{head[0]}<!DOCTYPE POSLog [<!ENTITY a "aaaa">]>', text)
    return text.encode("utf-8", "replace")


def _in_archive(content: bytes, rng: random.Random) -> bytes:
    """An archive with one of its files damaged, taken out or renamed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [(one.filename, archive.read(one)) for one in archive.infolist()]
    at = rng.randrange(len(files))
    name, data = files[at]
    how = rng.randrange(6)
    if how == 0:
        del files[at]
    elif how == 1:
        files[at] = (rng.choice(("../evil.csv", "/etc/passwd", "a\\b.csv", "x" * 300, "")) or "x", data)
    elif data:
        files[at] = (name, rng.choice((_cut, _flipped, _inserted, _repeated, _recoded))(data, rng))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, data in files:
            archive.writestr(one, data)
    return out.getvalue()
