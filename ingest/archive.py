"""ZIP archives as they come from outside: bounded in size and number, and never written to a path of theirs."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from ledger.errors import DocumentError

MAGIC = b"PK\x03\x04"
FILES_MAX = 2_000
BYTES_MAX = 1 << 30
"""Of all files of an archive together, unpacked."""
RATIO_MAX = 300
"""How many times larger than its archive a file may be; text of tills packs to a twentieth."""
SMALL_BYTES = 1 << 20
"""A file up to this size may be of any ratio."""


def infos(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """The files of an archive that may be unpacked. DocumentError where it would grow beyond what a till exports."""
    found = [one for one in archive.infolist() if not one.is_dir()]
    if len(found) > FILES_MAX:
        raise DocumentError(f"{name} holds {len(found):,} files, more than the {FILES_MAX:,} of any export")
    total = sum(one.file_size for one in found)
    if total > BYTES_MAX:
        raise DocumentError(
            f"{name} would unpack to {total:,} bytes, more than {BYTES_MAX:,}; give its parts by themselves"
        )
    for one in found:
        if one.file_size > max(SMALL_BYTES, one.compress_size * RATIO_MAX):
            raise DocumentError(f"{name} is refused: {one.filename[:80]!r} would unpack to {one.file_size:,} bytes")
    return found


def files(content: bytes, name: str) -> Mapping[str, bytes]:
    """The files of an archive by name. DocumentError where it cannot be read, or has names that are paths."""
    unpacked: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for one in infos(archive, name):
                if "\\" in one.filename or ":" in one.filename or one.filename.startswith("/") or ".." in one.filename:
                    raise DocumentError(f"{name} is refused: {one.filename[:80]!r} in it is no plain name")
                if one.filename in unpacked:
                    raise DocumentError(f"{name} is refused: it holds {one.filename[:80]!r} twice")
                unpacked[one.filename] = archive.read(one)
    except UNREADABLE as error:
        raise DocumentError(f"{name} is no readable ZIP archive: {error}") from None
    return unpacked


UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What the standard library raises for archives that are damaged, encrypted or packed in ways that it does not know."""
