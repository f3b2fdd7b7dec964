"""Deliveries of a source within one file: a ticket that a later one brings again is held, and says which one did.

The reason is the one record of that, so the delivery is read back from it.
"""

from __future__ import annotations

import json
import re

AGAIN = "delivered-again"
"""The rule that holds a ticket which a later delivery in the same file brings again."""

_WORDS = "comes again in delivery "
_QUOTED = json.JSONDecoder()


def again_words(external_id: str | None, delivery: str | None) -> str:
    """Why such a ticket is held: ``ticket 7 comes again in delivery "B-9"``."""
    return f"ticket {external_id} {_WORDS}{json.dumps(delivery or '', ensure_ascii=False)}"


def delivery_of(reason: str) -> str | None:
    """The delivery that a reason names, the last that it does; None where it names none."""
    starts = [found.end() for found in re.finditer(re.escape(_WORDS), reason)]
    for start in reversed(starts):
        try:
            named, _ = _QUOTED.raw_decode(reason, start)
        except json.JSONDecodeError:
            continue
        if isinstance(named, str):
            return named or None
    return None
