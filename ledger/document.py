"""``DocumentRecord``: what the book knows of a document that was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

BUNDLE = "application/vnd.tillproof.bundle+json"
"""Media type of a document that lists the files of a set."""

NOTE = "text/vnd.tillproof.note"
"""Media type of a note or policy that was uploaded to be found and quoted; nothing is posted from it."""

ATTACHED = "application/vnd.tillproof.attachment"
"""Media type of a file that was attached to a case; nothing is posted from it."""


@dataclass(frozen=True)
class DocumentRecord:
    """A document as it was kept.

    ``id`` is the SHA-256 (hex) of the bytes as they are stored, after card numbers were masked; ``masked`` is how
    many were. ``size_bytes`` is the length before compression, ``received_at`` when it was first kept.
    """

    id: str
    name: str
    media_type: str
    size_bytes: int
    masked: int
    received_at: datetime


def stored_at(folder: Path, document_id: str) -> Path:
    """Where the compressed bytes of a document are kept in the folder of a book."""
    return folder / "documents" / document_id[:2] / f"{document_id}.zst"


def bundled(content: bytes) -> dict[str, str]:
    """The files that a bundle lists: name -> id of the document. Of bytes that are none, ValueError or KeyError."""
    return {member["name"]: member["document"] for member in json.loads(content)["files"]}
