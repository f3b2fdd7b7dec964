"""Card numbers: found and masked before anything is stored.

A card number is 14 to 19 digits, alone or in groups parted by single spaces or hyphens, that touches no other
letter or digit, begins like a card of a known scheme (ISO/IEC 7812 ranges) and passes the Luhn check. All but its
first six and last four digits become ``*``; the length stays, so that rows and columns keep their places. A number of
JSON (``"id":4111...``) would be none any more with stars in it: its digits become ``0``.

No hash of the unmasked bytes is kept: the few missing digits could be guessed from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_CANDIDATE = re.compile(rb"(?<![0-9A-Za-z])(?<![0-9][-. ])[2-6][0-9](?:[ -]?[0-9]){12,17}(?![0-9A-Za-z])(?![-.][0-9])")
_SCHEME = re.compile(
    rb"4(?:\d{15}|\d{18})"  # Visa
    rb"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    rb"|3[47]\d{13}"  # American Express
    rb"|6(?:011|4[4-9]\d|5\d\d)\d{12}"  # Discover
    rb"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    rb"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    rb"|62\d{14,17}"  # UnionPay
    rb"|(?:50|5[6-8]|6\d)\d{14,17}"  # Maestro
)
_ONLY_DIGITS = bytes(ord("0") if chr(c).isdigit() else c for c in range(256))
_LONG_RUN = b"0" * 14
OVERLAP = 64
"""More than the longest card number with its separators."""


@dataclass
class Masking:
    """How many card numbers were masked, and on which lines of the file the first of them stood."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    LINES_MAX = 5


def mask(parts: Iterable[bytes], found: Masking) -> Iterator[bytes]:
    """The same bytes with card numbers masked, part by part; what was found is added to ``found``."""
    waiting, line = b"", 1
    for part in parts:
        waiting += part
        if len(waiting) <= OVERLAP:
            continue
        cut = _safe_cut(waiting)
        ready, waiting = waiting[:cut], waiting[cut:]
        yield _masked(ready, found, line)
        line += ready.count(b"\n")
    if waiting:
        yield _masked(waiting, found, line)


def mask_text(text: str) -> str:
    """A text with card numbers masked."""
    return _masked(text.encode(), Masking(), 1).decode()


def _safe_cut(data: bytes) -> int:
    """Where to cut so that no card number is cut in two: after the last line break, else before the last few bytes."""
    newline = data.rfind(b"\n", len(data) - (1 << 16))
    if newline >= 0:
        return newline + 1
    cut = len(data) - OVERLAP
    while cut > 0 and (data[cut - 1 : cut].isalnum() or data[cut - 1 : cut] in b" -."):
        cut -= 1
    return cut or len(data) - OVERLAP


def _masked(data: bytes, found: Masking, line: int) -> bytes:
    if _LONG_RUN not in data.translate(_ONLY_DIGITS, b" -"):
        return data

    def replace(match: re.Match[bytes]) -> bytes:
        digits = re.sub(rb"[ -]", b"", match[0])
        if not _SCHEME.fullmatch(digits) or not _luhn(digits):
            return match[0]
        found.count += 1
        if len(found.lines) < Masking.LINES_MAX:
            found.lines.append(line + data.count(b"\n", 0, match.start()))
        hidden, seen = bytearray(match[0]), 0
        bare = data[max(match.start() - 8, 0) : match.start()].rstrip().endswith(b'":')
        for place, byte in enumerate(hidden):
            if chr(byte).isdigit():
                seen += 1
                if 6 < seen <= len(digits) - 4:
                    hidden[place] = ord("0" if bare else "*")
        return bytes(hidden)

    return _CANDIDATE.sub(replace, data)


def _luhn(digits: bytes) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, byte in enumerate(reversed(digits)):
        value = byte - ord("0")
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0
