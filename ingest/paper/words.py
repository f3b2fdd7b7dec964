"""``Sheet``: the words of a document on paper, each with its place on the page and how sure it is.

A box is (left, top, right, bottom) in ten-thousandths of the page's width and height, so that it fits any picture of
the page. ``row`` numbers the lines of text of a page from the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCALE = 10_000
Box = tuple[int, int, int, int]

NAME = "paper"
"""The source that documents on paper are posted under."""

_HEADS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*")
HEAD_BYTES = 1024


@dataclass(frozen=True)
class Word:
    """A word as it is printed. ``confidence`` is 1 for text that a file holds, Tesseract's own for what it read."""

    text: str
    page: int
    row: int
    box: Box
    confidence: float


@dataclass(frozen=True)
class Page:
    """A page, from 1: the size of its picture in pixels, and whether its words were read from the picture."""

    number: int
    width: int
    height: int
    scanned: bool


@dataclass(frozen=True)
class Sheet:
    """All pages of a document and their words, in the order of rows."""

    pages: tuple[Page, ...]
    words: tuple[Word, ...]

    def plain(self) -> dict[str, Any]:
        """As values of JSON."""
        return {
            "pages": [[one.number, one.width, one.height, one.scanned] for one in self.pages],
            "words": [[one.text, one.page, one.row, list(one.box), one.confidence] for one in self.words],
        }

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> Sheet:
        """The sheet that ``plain`` made values of."""
        return cls(
            tuple(Page(int(n), int(width), int(height), bool(scanned)) for n, width, height, scanned in plain["pages"]),
            tuple(
                Word(str(text), int(page), int(row), _box(box), float(confidence))
                for text, page, row, box, confidence in plain["words"]
            ),
        )


def is_paper(head: bytes) -> bool:
    """Whether a file begins like a PDF or a picture (JPEG, PNG, TIFF). Some programs put bytes before ``%PDF-``."""
    return head.startswith(_HEADS) or b"%PDF-" in head[:HEAD_BYTES]


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box around some."""
    return (
        min(one[0] for one in boxes),
        min(one[1] for one in boxes),
        max(one[2] for one in boxes),
        max(one[3] for one in boxes),
    )


def _box(values: Sequence[Any]) -> Box:
    left, top, right, bottom = (int(one) for one in values)
    return (left, top, right, bottom)
