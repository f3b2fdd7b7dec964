"""``look``: the pages and words of a document on paper, read by a process of its own (``ingest.paper.child``).

A whole card number on a page cannot be masked in a picture or a packed PDF, so that such a document is refused before
anything of it is kept.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from ingest import cards
from ingest.paper.child import SECONDS_MAX
from ingest.paper.words import Sheet
from ledger.errors import DocumentError

BYTES_MAX = 25 << 20
_ANSWER_BYTES_MAX = 16 << 20


def look(path: Path, pictures: Path, name: str) -> Sheet:
    """The pages and words of a document; ``pictures`` is the folder that gets a PNG of each page.

    DocumentError where it is too large, damaged, takes too long, needs Tesseract where there is none, or shows a whole
    card number.
    """
    size = path.stat().st_size
    if size > BYTES_MAX:
        raise DocumentError(f"{name} has {size:,} bytes, more than the {BYTES_MAX:,} of any document on paper")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    with subprocess.Popen(  # noqa: S603 (ourselves)
        [sys.executable, "-m", "ingest.paper.child", str(path), str(pictures)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,  # so that Tesseract ends with it
    ) as process:
        try:
            answer, _ = process.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise DocumentError(f"{name} took more than {SECONDS_MAX} seconds to read; give a simpler copy") from None
        finally:
            if process.returncode != 0:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0 or len(answer) > _ANSWER_BYTES_MAX:
        raise DocumentError(f"{name} is refused: reading it took more memory or time than any document on paper needs")
    said = json.loads(answer)
    if "problem" in said:
        raise DocumentError(f"{name} {said['problem']}")
    sheet = Sheet.of_plain(said["sheet"])
    _refuse_cards(sheet, name)
    return sheet


def _refuse_cards(sheet: Sheet, name: str) -> None:
    for (page, _), row in groupby(sheet.words, key=lambda word: (word.page, word.row)):
        text = " ".join(word.text for word in row)
        if cards.mask_text(text) != text:
            raise DocumentError(
                f"{name} shows a whole card number on page {page}; nothing of it was kept: black the number out on the "
                "paper and take it again"
            )
