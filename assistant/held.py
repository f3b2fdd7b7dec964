"""What is held, for whoever looks at it: what differs in a conflict, and what a person can do."""

from __future__ import annotations

from typing import Any

from ingest.answers import BY_NAME
from ingest.paper.taken import BESIDE_TICKETS, TO_CONFIRM
from ledger import conflicts
from ledger.batch import Held
from ledger.commit import SOFT_CLOSED
from ledger.conflicts import CONFLICT
from ledger.money import to_major
from ledger.reading import HeldRow

_ADVICE = {
    CONFLICT: "If what is held is right, correct the ticket at the till and export it anew with a newer time of "
    "change, or let it in with 'tillproof accept BOOK TICKET --source NAME --by NAME --reason TEXT': it becomes the "
    "new version, and what was posted is reversed. If the export that came second is wrong, there is nothing to do: "
    "what was posted stays. 'tillproof release' cannot settle it.",
    **dict.fromkeys(
        (TO_CONFIRM, BESIDE_TICKETS),
        "Look at it beside its picture under Feeds, Paper (or with 'tillproof paper show'), correct what was read "
        "wrongly, and confirm or reject it.",
    ),
    SOFT_CLOSED: "Open the period, or let it in with 'tillproof release BOOK --into-soft-closed'.",
}
_NAME = (
    "Say what the name means, on the page 'Held' or with 'tillproof names BOOK set', and all that is held for it is "
    "posted; or mend book.toml or the mapping, then 'tillproof release BOOK'."
)
_MEND = "Mend the mapping, the rule or book.toml, then 'tillproof release BOOK' posts what is right then."
_IGNORED = "Nothing: a rule leaves it out on purpose."


def advice(held: Held) -> str:
    """What a person can do about something held, in a sentence or two."""
    if held.disposition == "ignored":
        return _IGNORED
    return _NAME if held.rule in BY_NAME else _ADVICE.get(held.rule, _MEND)


def record(held: HeldRow, currency: str) -> dict[str, Any]:
    """Something held as plain values, its amount in major units of the book's ``currency``.

    ``differences`` are the parts of a conflict, as the fields of a ticket name them (``_minor`` in minor units);
    ``differences_more`` counts those beyond what its reason could hold.
    """
    conflict = conflicts.read(held) or conflicts.Conflict(())
    names = ("disposition", "rule", "reason", "document", "locator", "source", "external_id", "store", "business_date")
    return {
        **{name: getattr(held, name) for name in names},
        "amount": None if held.amount_minor is None else str(to_major(held.amount_minor, currency)),
        "held_at": held.at,
        "released": held.released,
        "accepted": held.accepted,
        "differences": [vars(one) for one in conflict.differences],
        "differences_more": conflict.more,
        "advice": advice(held),
    }
