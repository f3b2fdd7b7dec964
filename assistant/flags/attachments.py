"""Files that belong to a case: kept as documents of the book, listed, and given back as they were kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.flags.desk import SHORT, Desk
from ingest.documents import keep, reading
from ledger.cases.case import Case
from ledger.cases.events import Attached
from ledger.document import ATTACHED
from ledger.errors import CaseError, NoCase

BYTES_MAX = 10 * 1024 * 1024
NAME_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class Attachment:
    """A file of a case: the document that it is kept as, what it was called, who attached it and when."""

    document: str
    name: str
    size_bytes: int
    masked: int
    """How many card numbers in it were masked."""
    by: str
    at: datetime


def attach(desk: Desk, case: str, name: str, content: bytes, *, by: str, at: datetime) -> Case:
    """Keep a file and attach it to a case, the case as it is then; card numbers in it are masked as everywhere.

    CaseError where it is empty or larger than ``BYTES_MAX``.
    """
    name = _name(name)
    if not content:
        raise CaseError(f"{name} is empty; choose another file")
    if len(content) > BYTES_MAX:
        raise CaseError(f"{name} has more than {BYTES_MAX // 2**20} MiB; attach a smaller file")
    found = desk.find(case)
    with tempfile.TemporaryDirectory() as scratch:
        given = Path(scratch, "given")
        given.write_bytes(content)
        Path(scratch, "plain").mkdir()
        kept = keep(desk.book, given, Path(scratch, "plain"), at=at, name=name, media_type=ATTACHED)
    desk.record(found.id, [Attached(kept.record.id, name)], by=by, at=at)
    return desk.find(found.id)


def attachments(desk: Desk, case: str) -> list[Attachment]:
    """The files of a case in the order in which they were attached."""
    found = []
    for one in desk.find(case).history:
        if isinstance(one.event, Attached):
            record = desk.book.document(one.event.document)
            size, masked = (record.size_bytes, record.masked) if record is not None else (0, 0)
            found.append(Attachment(one.event.document, one.event.name, size, masked, one.by, one.at))
    return found


def fetch(desk: Desk, case: str, document: str) -> tuple[Attachment, bytes]:
    """A file of a case and its bytes, by its document's id or as much of its beginning as no other has; NoCase where
    the case has no such file."""
    found = {one.document: one for one in attachments(desk, case) if one.document.startswith(document)}
    if len(document) < 4 or len(found) != 1:
        raise NoCase(f"the case {desk.find(case).id[:SHORT]} has no attachment {document[:SHORT]!r}")
    [attachment] = found.values()
    record = desk.book.document(attachment.document)
    if record is None:
        raise NoCase(f"the book has no document {attachment.document[:SHORT]} any more")
    with reading(desk.book, record) as plain:
        return attachment, plain.read()


def _name(given: str) -> str:
    """The last part of a file's name without what steers a terminal or a header."""
    last = Path(given.replace("\\", "/")).name
    return "".join(one for one in last if one.isprintable())[:NAME_CHARACTERS_MAX] or "attachment"
