"""An answer as Markdown. What comes from documents cannot become markup: no link, no image, no heading of theirs."""

from __future__ import annotations

import re

from assistant.doors.linked import Linked, Piece

_MARKUP = re.compile(r"[\\`*\[\]<>~|]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<=:)/(?=/)|(?<=\bwww)\.")
_AT_LINE_START = re.compile(r"^(?:([#+=-])|(\d+)([.)])(?=\s|$))")


def markdown(shown: Linked, more_url: str | None) -> str:
    """The text, the table, the choices and the reading; ``more_url`` is where a table that is cut is shown whole."""
    parts = [_at_line_start("".join(_piece(piece) for piece in line).strip()) for line in shown.lines]
    if shown.rows:
        parts.append(_table(shown))
    if shown.row_count > len(shown.rows):
        where = f" The whole table is [here]({more_url})." if more_url else ""
        parts.append(f"{len(shown.rows)} of {shown.row_count} rows are shown.{where}")
    if shown.choices:
        parts.append("\n".join(f"- {_at_line_start(_inline(choice).strip())}" for choice in shown.choices))
    if shown.reading:
        parts.append(f"*Read as: {_inline(shown.reading.strip())}*")
    return "\n\n".join(parts)


def _table(shown: Linked) -> str:
    heads = [_inline(name) for name in shown.columns]
    rows = [[_piece(cell) for cell in row] for row in shown.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))


def _piece(piece: Piece) -> str:
    return f"[{_inline(piece.text)}]({piece.url})" if piece.url is not None else _inline(piece.text)


def _inline(text: str) -> str:
    """A text that Markdown shows as it is, within a line."""
    return _MARKUP.sub(lambda found: f"\\{found[0]}", re.sub(r"\s+", " ", text))


def _at_line_start(text: str) -> str:
    """The same at the start of a line, where further signs would begin a heading, a list or a rule."""
    return _AT_LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", text)
