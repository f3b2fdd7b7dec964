"""Shorthand that no grammar reads, written out before a question is read: "# tickets", "top5"."""

from __future__ import annotations

import re

_NUMBER_OF = re.compile(r"#\s*(?=[^\W\d])")
_TOP = re.compile(r"\b(top|bottom)(\d{1,3})\b", re.IGNORECASE)


def written_out(question: str) -> str:
    """A question without shorthand: ``"number of tickets"`` for ``"# tickets"``, ``"top 5"`` for ``"top5"``."""
    return _TOP.sub(r"\1 \2", _NUMBER_OF.sub("number of ", question))
