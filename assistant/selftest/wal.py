"""Where the commits in a write-ahead log of SQLite end.

https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes with the page size and two salts, then
frames of 24 bytes and a page. A frame of an earlier round of the log has other salts; the last frame of a commit
says the size of the database after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HEADER, FRAME = 32, 24


@dataclass(frozen=True)
class Log:
    """``end`` is the offset behind the last commit, ``pages`` each page of a commit with the end of its commit."""

    salt: str
    page_bytes: int
    end: int
    pages: tuple[tuple[int, int], ...]


def read_log(path: Path) -> Log | None:
    """The log in a file; None where there is none or it has not begun."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        header = file.read(HEADER)
        if len(header) < HEADER:
            return None
        page_bytes, salt = int.from_bytes(header[8:12], "big"), header[16:24]
        end, pages, waiting = HEADER, [], []
        while len(frame := file.read(FRAME)) == FRAME and frame[8:16] == salt:
            file.seek(page_bytes, 1)
            waiting.append(int.from_bytes(frame[:4], "big"))
            if frame[4:8] != bytes(4):
                end = file.tell()
                pages += [(page, end) for page in waiting]
                waiting = []
    return Log(salt.hex(), page_bytes, min(end, path.stat().st_size), tuple(pages))
