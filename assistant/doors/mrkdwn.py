"""An answer as a message of Slack: sections of its markup, ``mrkdwn``, in which what comes from documents is text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from assistant.doors.linked import Line, Linked, Piece

SECTION_CHARACTERS_MAX = 2900
"""Slack takes 3,000 characters a section, links and all."""
SECTIONS_MAX = 45
"""Slack takes 50 blocks a message."""
PIECE_CHARACTERS_MAX = 400
"""A longer piece of text is cut in several, so that it fits a section however much of it has to be escaped."""

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOOKALIKES = {"*": "∗", "~": "∼", "`": "ˋ", "_": "＿"}
"""Slack has no way to escape the signs of its markup."""
_SIGNS = re.compile(r"[&<>*~`]|(?<![^\W_])_|_(?![^\W_])")


def message(shown: Linked, *, in_channel: bool, more_url: str) -> dict[str, Any]:
    """The answer to a slash command, for its asker alone unless ``in_channel``. Slack is told to fetch no link."""
    sections = list(_sections(_lines(shown, more_url)))
    cut = len(sections) > SECTIONS_MAX
    shown_sections = (
        [*sections[: SECTIONS_MAX - 1], f"The whole answer is {link(more_url, 'here')}."] if cut else sections
    )
    return {
        "response_type": "in_channel" if in_channel else "ephemeral",
        "text": "\n".join("".join(escaped(piece.text) for piece in line) for line in shown.lines)[:2900],
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}} for text in shown_sections
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def sentence(text: str) -> dict[str, Any]:
    """A sentence to the asker alone."""
    return {"response_type": "ephemeral", "text": escaped(text)}


def escaped(text: str) -> str:
    """A text that Slack shows as it is: no link, no mention, no markup."""
    return _SIGNS.sub(lambda found: _ESCAPED.get(found[0]) or _LOOKALIKES[found[0]], text)


def link(url: str, text: str) -> str:
    """A link; ``url`` has no sign that ends it, for it is one of this service's own."""
    return f"<{url.replace('&', '&amp;')}|{escaped(text)}>"


def _lines(shown: Linked, more_url: str) -> Iterator[Line]:
    yield from shown.lines
    named = 0 if not shown.rows else min(next((i for i, cell in enumerate(shown.rows[0]) if cell.url), 1), 99)
    for row in shown.rows:
        yield tuple(_row(row, shown.columns, named))
    if shown.row_count > len(shown.rows):
        yield (
            Piece(f"{len(shown.rows)} of {shown.row_count} rows are shown; the whole table is "),
            Piece("here", more_url),
        )
    for number, choice in enumerate(shown.choices, start=1):
        yield (Piece(f"{number}. {choice}"),)
    if shown.reading:
        yield (Piece(f"Read as: {shown.reading}"),)


def _row(row: Line, columns: tuple[str, ...], named: int) -> Iterator[Piece]:
    """A row as a line: its names, and then its values, each with its column where there is more than one."""
    yield Piece("• " + " · ".join(cell.text for cell in row[:named]) + ": ")
    values = list(zip(row[named:], columns[named:], strict=True))
    for place, (cell, column) in enumerate(values):
        if place:
            yield Piece(", ")
        if len(values) > 1:
            yield Piece(f"{column} ")
        yield cell


def _sections(lines: Iterable[Line]) -> Iterator[str]:
    """Lines as texts that each fit a section; a line is broken only where it fits none."""
    section = ""
    for line in lines:
        texts = list(_texts(line))
        start = "\n" if section else ""
        if len(section) + 1 + sum(map(len, texts)) > SECTION_CHARACTERS_MAX and section:
            yield section
            section = start = ""
        for text in texts:
            if len(section) + len(start) + len(text) > SECTION_CHARACTERS_MAX:
                yield section
                section = start = ""
            section += start + text
            start = ""
    if section.strip():
        yield section


def _texts(line: Line) -> Iterator[str]:
    for piece in line:
        if piece.url is not None:
            yield link(piece.url, piece.text)
            continue
        for start in range(0, len(piece.text), PIECE_CHARACTERS_MAX):
            yield escaped(piece.text[start : start + PIECE_CHARACTERS_MAX])
