"""Shares: which part of a question is the part, and what it is a part of."""

from __future__ import annotations

from typing import cast

from assistant.ask.draft import Draft
from assistant.ask.reading import Trouble
from assistant.ask.selection import Kept
from assistant.ask.times import Times, dimension_of
from ledger.figures import Filter
from ledger.figures.plan import Dimension, Each

SCOPES = frozenset({"store", "region", "owner", "channel"})
"""Dimensions that say where: beside another name they are what a share is taken of, not the part."""
VERBS = frozenset({"was", "were", "is", "are", "did", "does", "do", "came", "come", "comes", "went", "made", "make",
                   "paid", "from"})  # fmt: skip


def with_part(draft: Draft, found: Times) -> list[tuple[Filter, ...]]:
    """The filters of a question, with the period whose share of a longer one is asked as one of them."""
    versions = draft.chosen.filters()
    if draft.measured.share:
        versions = [_below(draft, filters) for filters in versions]
    if found.part is None:
        return versions
    named = dimension_of(found.part, draft.context.calendar)
    if named is None:
        raise Trouble("abstained", "A share of a longer period can be that of a day, week, month, quarter or year.")
    part = Filter(dimension=cast(Dimension, named[0]), values=(named[1],))
    return [(*filters, part) for filters in versions]


def share(
    draft: Draft, found: Times, splits: tuple[Dimension, ...], filters: tuple[Filter, ...], each: Each | None
) -> tuple[Dimension, ...]:
    """The dimensions that the whole lets go of; none where no share is asked. Trouble where no part is named."""
    if not draft.measured.share:
        return ()
    if found.part is not None:
        return (filters[-1].dimension,)
    if each is not None and each.conditions:
        return each.dimensions
    if splits:
        return splits
    parts = _parts(draft)
    if not parts:
        raise Trouble("clarify", "The share of what? Name a part, such as a store, or say “by store”.")
    possible = {name.dimension for one in parts for name in one.names}
    if any(one.dimension == "subcategory" for one in filters):
        return ("subcategory",)
    return tuple(dict.fromkeys(one.dimension for one in filters if one.dimension in possible))


def _parts(draft: Draft) -> list[Kept]:
    """The names that are the part: those after the verb ("was paid by cash"); else those before "as a share of"; else
    all but the places."""
    kept, texts = draft.chosen.kept, draft.items.texts
    verbs = [place for place, word in enumerate(texts) if word in VERBS and place > 1]
    after = [one for one in kept if verbs and one.first > verbs[0]]
    if after and len(after) < len(kept):
        return after
    before = [one for one in kept if one.last <= draft.measured.share_at]
    if before and len(before) < len(kept):
        return before
    other = [one for one in kept if one.names[0].dimension not in SCOPES]
    return other or kept


def _below(draft: Draft, filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """Filters in which the part of a category is not beside it but below: "what share of grocery was soft drinks"."""
    parts = _parts(draft)
    merged = next((one for one in filters if one.dimension == "category" and len(one.values) > 1), None)
    if merged is None or len(parts) == len(draft.chosen.kept):
        return filters
    inner = {value for one in parts for name in one.names if name.dimension == "category" for value in name.values}
    outer = tuple(value for value in merged.values if value not in inner)
    if not inner or not outer or not all(value.startswith(f"{outer[0]} / ") for value in inner):
        return filters
    below = Filter(dimension="subcategory", values=tuple(value for value in merged.values if value in inner))
    return (*(one for one in filters if one is not merged), Filter(dimension="category", values=outer), below)
