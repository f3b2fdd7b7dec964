"""Tesseract, called as a process of its own: a picture in, words with boxes and confidence out (its TSV format).

Relied on: the manual page of ``tesseract(1)``, version 5 (``--psm``, ``-l``, the config ``tsv``, whose columns are
level, page_num, block_num, par_num, line_num, word_num, left, top, width, height, conf, text; a word is of level 5).
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS_MAX = 40
LANGUAGES = ("eng", "deu", "fra")
"""Those of them that are installed are read together."""
CONFIDENCE_MAX = 0.97
"""What was read from a picture is never as sure as what a file holds: another version of Tesseract may read
otherwise, so that a book with the shipped threshold never posts it unseen."""
_ROWS_OF_ONE_BLOCK = "6"


class Absent(Exception):
    """Tesseract is not installed."""


class TookTooLong(Exception):
    """Tesseract did not end in time."""


@dataclass(frozen=True)
class Seen:
    """A word in a picture: its line, its box in pixels and Tesseract's confidence, from 0 to 1."""

    text: str
    line: tuple[int, int, int]
    box: tuple[int, int, int, int]
    confidence: float


def version() -> str | None:
    """Which Tesseract is installed, and the languages that are read; None where there is none."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    told = _run([program, "--version"]).split()
    return f"{told[1] if len(told) > 1 else 'of unknown version'}, {_languages(program)}"


def read(picture: Path) -> list[Seen]:
    """The words of a picture, line by line. Raises Absent and TookTooLong."""
    program = shutil.which("tesseract")
    if program is None:
        raise Absent
    command = [program, str(picture), "stdout", "--psm", _ROWS_OF_ONE_BLOCK, "-l", _languages(program), "tsv"]
    return list(_words(_run(command)))


def _languages(program: str) -> str:
    listed = _run([program, "--list-langs"]).split()
    return "+".join(one for one in LANGUAGES if one in listed) or "eng"


def _run(command: list[str]) -> str:
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}  # its threads cost more than they give on one small page
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS_MAX, check=False, env=environment)  # noqa: S603 (our own words)
    except subprocess.TimeoutExpired:
        raise TookTooLong from None
    return done.stdout.decode("utf-8", "replace")


def _words(tsv: str) -> list[Seen]:
    found = []
    for row in csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if row.get("level") != "5" or not text:
            continue
        left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
        line = (int(row["block_num"]), int(row["par_num"]), int(row["line_num"]))
        sure = min(max(float(row["conf"]) / 100, 0.0), CONFIDENCE_MAX)
        found.append(Seen(text, line, (left, top, left + width, top + height), round(sure, 2)))
    return found
