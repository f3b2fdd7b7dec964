"""The events of cases: what may happen, each as a typed record, and the text that it is kept and sealed as.

An event is filed under a *subject*: the id of the case, of the suppression or of the sample that it belongs to, or
``WEIGHTS``. Who and when is not in it: that is the name and the commit that it was recorded with. The text is JSON with
the kind's fields in the order of this module.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from ledger.errors import CaseError
from ledger.seals import framed

Step = Literal["in_review", "waiting", "reopened"]
Confirmed = Literal["loss", "error", "policy"]
Dismissed = Literal["expected", "wrong_data", "duplicate"]
Outcome = Confirmed | Dismissed
CONFIRMED: tuple[Confirmed, ...] = get_args(Confirmed)
DISMISSED: tuple[Dismissed, ...] = get_args(Dismissed)

WEIGHTS = "weights"
"""The subject of what is changed about the ranking."""
TEXT_CHARACTERS_MAX = 4000
NAME_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class Opened:
    """A case begins: what its flags have in common. ``about`` is what else makes the cause (a check's id, a delivery);
    ``first`` and ``last`` are the window's business dates; ``follows`` is the closed case of the same cause."""

    store: str | None
    person: str | None
    family: str
    about: str | None
    first: date | None
    last: date | None
    follows: str | None


@dataclass(frozen=True)
class FlagAdded:
    """A flag joins a case: its id, the person it is about, and all that the detector said of it, as a text."""

    flag: str
    person: str | None
    facts: str


@dataclass(frozen=True)
class FlagGone:
    """The detector does not find a flag of the case any more, such as a missing day that came late."""

    flag: str


@dataclass(frozen=True)
class Assigned:
    """Somebody is to look at the case; an empty name: nobody any more."""

    to: str


@dataclass(frozen=True)
class Commented:
    text: str


@dataclass(frozen=True)
class Attached:
    """A kept document belongs to the case."""

    document: str
    name: str


@dataclass(frozen=True)
class Stepped:
    """The case is in review, waits for the store, or is reopened (which needs a reason)."""

    state: Step
    reason: str


@dataclass(frozen=True)
class Verdict:
    """The case is closed: confirmed or dismissed, by its outcome."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class Suppressed:
    """Flags of a scope make no cases until the end of a day. What is None leaves all; ``score`` is the highest that was
    seen, ``case`` the one that it was made from."""

    family: str | None
    kind: str | None
    store: str | None
    person: str | None
    register: str | None
    until: date
    owner: str
    reason: str
    score: float
    case: str | None


@dataclass(frozen=True)
class FlagSuppressed:
    """A flag that a suppression kept from making a case."""

    flag: str
    facts: str


@dataclass(frozen=True)
class SuppressionEnded:
    reason: str


@dataclass(frozen=True)
class WeightsAdopted:
    """From here on cases are ranked by these weights of rules and, where there are coefficients, by the re-ranker that
    has them. ``upto`` is the commit whose verdicts they were learnt from."""

    upto: int
    confirmed: int
    dismissed: int
    weights: tuple[tuple[str, float], ...]
    coefficients: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True)
class WeightsReverted:
    """The adoption that is in force is taken back; the one before it is in force again."""

    reason: str


@dataclass(frozen=True)
class SampleDrawn:
    """Some of the tickets that nothing flagged were drawn for review: of ``unflagged`` on the days ``first`` to
    ``last``, the ``drawn``, each of which makes a case of the sample's."""

    first: date
    last: date
    unflagged: int
    drawn: int


Event = (
    Opened
    | FlagAdded
    | FlagGone
    | Assigned
    | Commented
    | Attached
    | Stepped
    | Verdict
    | Suppressed
    | FlagSuppressed
    | SuppressionEnded
    | WeightsAdopted
    | WeightsReverted
    | SampleDrawn
)
KINDS: dict[str, type[Event]] = {
    "opened": Opened,
    "flag_added": FlagAdded,
    "flag_gone": FlagGone,
    "assigned": Assigned,
    "commented": Commented,
    "attached": Attached,
    "stepped": Stepped,
    "verdict": Verdict,
    "suppressed": Suppressed,
    "flag_suppressed": FlagSuppressed,
    "suppression_ended": SuppressionEnded,
    "weights_adopted": WeightsAdopted,
    "weights_reverted": WeightsReverted,
    "sample_drawn": SampleDrawn,
}
_NAMES: dict[type[Event], str] = {kind: name for name, kind in KINDS.items()}
_READERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Filed:
    """An event that is to be recorded under a subject, in somebody's name."""

    subject: str
    by: str
    event: Event


@dataclass(frozen=True)
class Recorded:
    """An event as it stands in truth: its place in the book (``seq``, ``n``), its number among those of its subject,
    from 1, and who recorded it when."""

    seq: int
    n: int
    subject: str
    number: int
    by: str
    at: datetime
    event: Event

    @property
    def kind(self) -> str:
        return kind_of(self.event)


def kind_of(event: Event) -> str:
    """The name of an event's kind: ``kind_of(Commented("so")) == "commented"``."""
    return _NAMES[type(event)]


def written(event: Event) -> str:
    """The text of an event."""
    return json.dumps(asdict(event), ensure_ascii=False, separators=(",", ":"), default=_dated)


def read(kind: str, text: str) -> Event:
    """The event that a text says; CaseError where it is no such event."""
    if kind not in _READERS:
        raise CaseError(f"an event of a case is of the kind {kind!r}, which this Tillproof does not know; upgrade it")
    try:
        found: Event = _READERS[kind].validate_json(text)
    except ValidationError as error:
        raise CaseError(f"an event of the kind {kind} cannot be read: {error.errors()[0]['msg']}") from None
    return found


def subject_of(*parts: str | int | date | None) -> str:
    """An id from content (64 hex digits): SHA-256 over the parts, each with its type and length."""
    plain = (part.isoformat() if isinstance(part, date) else part for part in parts)
    return hashlib.sha256(b"tillproof/case/1" + b"".join(map(framed, plain))).hexdigest()


def _dated(value: Any) -> str:
    assert isinstance(value, date), value
    return value.isoformat()
