"""Names that are set against each other: "Downtown vs Airport", "how much more did A sell than B"."""

from __future__ import annotations

from assistant.ask.draft import Draft
from assistant.ask.selection import Kept
from ledger.figures import Filter

_DIFFERENCE = (
    "difference",
    "differ",
    "differs",
    "gap",
    "more",
    "less",
    "higher",
    "lower",
    "better",
    "worse",
    "beat",
    "beats",
    "exceed",
    "exceeds",
    "outsell",
)


def versus(draft: Draft) -> tuple[Kept, ...] | None:
    """Two names of one dimension that are compared; none of them where several names of one are (they are split then);
    None where nothing is."""
    chosen = draft.chosen
    if not draft.items.has("against", "both", "change"):
        return None
    plain = [one for one in chosen.kept if not one.exclude]
    for place, one in enumerate(plain):
        for other in plain[place + 1 :]:
            if one.names[0] == other.names[0]:
                continue  # "how do drinks break down over the drink categories"
            if one.names[0].dimension == other.names[0].dimension and one.names[0].dimension not in chosen.splits:
                return (one, other)
    for one in plain:
        name = one.names[0]
        if len(name.values) > 1 and name.dimension not in ("hour", "weekday", *chosen.splits):
            chosen.split(name.dimension)
            return ()
    return None


def as_difference(draft: Draft, left: tuple[Filter, ...], right: tuple[Filter, ...]) -> bool:
    """Whether their difference is asked for, or they are sets of values, such as hours or weekdays."""
    several = any(len(one.values) > 1 for one in (*left, *right))
    either = draft.items.says("or") and not draft.items.says("difference", "much")
    return several or (draft.items.says(*_DIFFERENCE) and not either)
