"""Conflicts: a ticket that comes with other content than was posted, and no newer time of change.

It is held with what differs, field by field, in the sentence of its reason:

    Ticket 7 was posted before with other content and this one has no newer time of change: line 1 name was Apple pie,
    now Cherry pie; total_minor was 972, now 1000 (row 2)

The reason is sealed with its commit and is the one record of what differed, so the parts are read back from it. A value
that could be taken for the words between two values stands there as a JSON text, in quotes; one that is missing is
``None``. Field names are those of ``ledger.batch``, of a detail with the kind and number of its row before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ledger.batch import Held

CONFLICT = "changed-without-newer-stamp"
"""The rule that holds a changed ticket whose source gives no newer time of change."""
ACCEPTED = "accepted"
"""The disposition of the record that a person let a conflict in; its reason says who and why."""
VALUE_CHARACTERS_MAX = 200
"""A longer value is cut there in the reason, and ends in an ellipsis."""
DIFFERENCES_CHARACTERS_MAX = 10_000
"""A reason names what differs up to about this length, and then says how many fields more."""

_WORDS = "was posted before with other content and this one has no newer time of change"
_FIELD = re.compile(r"((?:(?:line|tender|tax) \d+ )?[a-z][a-z_]*) was ")
_MORE = re.compile(r"and (\d+) more")
_QUOTED = json.JSONDecoder()


@dataclass(frozen=True)
class Difference:
    """One field that differs, with its posted value before and the one of the held content; None where it has none."""

    field: str
    before: str | None
    now: str | None


@dataclass(frozen=True)
class Conflict:
    """What differs between a posted content and a held one; ``more`` fields differ beside those that are named."""

    differences: tuple[Difference, ...]
    more: int = 0


@dataclass(frozen=True)
class Acceptance:
    """A person's word that held content is right, though its source gives no newer time of change: which ticket (or
    till event) at which place of the document that is taken again, in whose name, and why."""

    external_id: str
    locator: str
    by: str
    reason: str


def accepted(held: Held, acceptance: Acceptance) -> Held:
    """The record of an acceptance, kept and sealed beside what was held."""
    return replace(held, disposition=ACCEPTED, reason=f"{acceptance.by}: {acceptance.reason}")


def reason(what: str, external_id: str, locator: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The reason of a conflict; ``what`` is ``Ticket`` or ``Till event``, ``old`` and ``new`` are values by field."""
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    named: list[Difference] = []
    length = 0
    for name in differing:
        one = Difference(name, _shown(old.get(name)), _shown(new.get(name)))
        length += len(_sentence(one))
        if named and length > DIFFERENCES_CHARACTERS_MAX:
            break
        named.append(one)
    return _reason(what, external_id, locator, Conflict(tuple(named), len(differing) - len(named)))


def read(held: Held) -> Conflict | None:
    """What differs, read back from what was held; None for what another rule holds, and for a reason that could be read
    in two ways (older versions put no value in quotes)."""
    if held.rule != CONFLICT or held.external_id is None:
        return None
    for what in ("Ticket", "Till event"):
        before, after = f"{what} {held.external_id} {_WORDS}: ", f" ({held.locator})"
        if held.reason.startswith(before) and held.reason.endswith(after):
            found = _read(held.reason[len(before) : -len(after)])
            if found and _reason(what, held.external_id, held.locator, found) == held.reason:
                return found
    return None


def _reason(what: str, external_id: str, locator: str, conflict: Conflict) -> str:
    more = f"; and {conflict.more} more" if conflict.more else ""
    return f"{what} {external_id} {_WORDS}: {_sentences(conflict.differences)}{more} ({locator})"


def _sentences(differences: Iterable[Difference]) -> str:
    return "; ".join(map(_sentence, differences))


def _sentence(one: Difference) -> str:
    return f"{one.field} was {_coded(one.before)}, now {_coded(one.now)}"


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= VALUE_CHARACTERS_MAX else f"{text[:VALUE_CHARACTERS_MAX]}…"


def _coded(value: str | None) -> str:
    if value is None:
        return "None"
    doubtful = value == "None" or value.startswith('"') or ", now " in value or "; " in value or not value.isprintable()
    return json.dumps(value, ensure_ascii=False) if doubtful else value


def _read(text: str) -> Conflict | None:
    found: list[Difference] = []
    at = 0
    while at <= len(text):
        more = _MORE.fullmatch(text, at)
        if more:
            return Conflict(tuple(found), int(more[1]))
        name = _FIELD.match(text, at)
        if name is None:
            return None
        try:
            before, at = _value(text, name.end(), ", now ")
            now, at = _value(text, at, "; ")
        except ValueError:
            return None
        found.append(Difference(name[1], before, now))
    return Conflict(tuple(found))


def _value(text: str, at: int, until: str) -> tuple[str | None, int]:
    """A value and where the next part begins, beyond the end of the text after the last; ValueError where it is cut."""
    if text.startswith('"', at):
        value, end = _QUOTED.raw_decode(text, at)
    else:
        end = text.find(until, at)
        end = len(text) if end < 0 and until == "; " else end
        if end < 0:
            raise ValueError(text)
        value = text[at:end]
        value = None if value == "None" else value
    if end < len(text) and not text.startswith(until, end):
        raise ValueError(text)
    return value, end + len(until)
