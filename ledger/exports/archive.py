"""Several files of an export as one: a ZIP with the same bytes each time.

The files lie in it by name alone, as they are (what is packed is compressed already), under the one date and the one
kind of permissions that a ZIP can have without telling when and where it was made.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

MEDIA_TYPE = "application/zip"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date of a file in a ZIP."""
UNIX = 3
READABLE = 0o100644 << 16
COPIED_AT_ONCE = 1 << 20


def pack(files: Iterable[Path], into: BinaryIO) -> None:
    """Write files into a ZIP, in order of their names, which must differ."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files, key=lambda one: one.name):
            member = zipfile.ZipInfo(path.name, EPOCH)
            member.create_system, member.external_attr = UNIX, READABLE
            member.file_size = path.stat().st_size  # so that only a file of more than 4 GB is written as such
            with path.open("rb") as file, archive.open(member, "w") as packed:
                shutil.copyfileobj(file, packed, COPIED_AT_ONCE)
