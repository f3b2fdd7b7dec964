"""``Wording``: a sentence's items under one choice of its figures, and which words belong to which figure.

Where words could belong to several figures, the nearest rule decides: a mention that follows a figure closely, else the
nearest before it, else the next one after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assistant.model.evidence import Dates, Evidence, Known, Narrowed, Topic
from assistant.model.sentence import Item

MOVES = ("change", "change_rate", "difference")
"""Kinds of figures that have a direction."""
_WEAK = ("on", "from", "over", "since")
"""Words of comparison that mean something else where nothing moves."""
_SINCE_BEFORE = re.compile(r"[ -](over|on)[ -]")
_LINKS = frozenset({"the", "a", "an", "in", "at", "of", "by", "for", "on", "its", "their", "that", "'s", "’s", "was",
                    "were", "had", "with", "it", "they", "what", "to", "which", "s"})  # fmt: skip
"""Words that may stand between a cue and what it points to."""


@dataclass(frozen=True)
class Context:
    """What a sentence need not say: taken from the answer's topic, then from the sentence before."""

    metrics: frozenset[str]
    where: Mapping[str, Narrowed]
    when: Dates
    against: Dates | None

    @classmethod
    def of(cls, topic: Topic) -> Context:
        return cls(topic.metrics, topic.where, topic.when, topic.against)


class Wording:
    """A sentence with its figures by place. The checks mark the mentions that they have used, and what is shown how."""

    def __init__(
        self, items: list[Item], chosen: dict[int, Known], evidence: Evidence, topic: Topic, context: Context
    ) -> None:
        self.items = items
        self.chosen = chosen
        self.evidence = evidence
        self.topic = topic
        self.context = context
        self.used: set[int] = set()
        self.sizes: set[int] = set()
        self.also: list[Known] = []
        self.excluded = {place + 1 for place, item in enumerate(items) if item.kind == "except"}
        self.everything = {place for place, item in enumerate(items) if item.kind == "dimension" and self.is_all(place)}
        self.compared = {place for place, item in enumerate(items) if item.kind in ("name", "when") and self.cue(place)}
        self.frames = {place for place, item in enumerate(items) if item.kind == "when" and self.is_frame(place)}

    def bound(self, place: int, fits: Callable[[int], bool]) -> int | None:
        """The mention that belongs to a figure: one that follows it closely, the nearest before, the nearest after."""
        for after in range(place + 1, len(self.items)):
            opened = after == place + 1 and self.items[after].text == "("
            if not opened and (self.items[after].kind in ("pause", "stop", "figure", "clause") or self.joins(after)):
                break
            if fits(after) and after not in self.compared:
                return after
        for before in range(place - 1, -1, -1):
            if before in self.compared and (self.is_adverb(before) or not self.leads_to(before, place)):
                continue
            if fits(before):
                return before
        for after in range(place + 1, len(self.items)):
            if self.items[after].kind in ("figure", "clause", "stop"):
                break
            if fits(after) and after not in self.compared:
                return after
        return None

    def joins(self, place: int) -> bool:
        """Whether a word begins another saying."""
        return self.items[place].text.lower() in ("and", "or", "plus", "which", "where")

    def leads_to(self, place: int, figure: int) -> bool:
        """Whether only plain words stand between a mention and a figure after it."""
        between = self.items[place + 1 : figure]
        return all(one.kind in ("plain", "metric", "verb") or one.text in "(:" for one in between) and not any(
            one.text.lower() == "and" for one in between
        )

    def said(self, at: int) -> list[tuple[str, Narrowed | None]]:
        """What a mention of names says, by dimension."""
        excluded = at in self.excluded
        return [(name, replace(values, excluded=excluded)) for name, values in self.items[at].meaning.names]

    def together(self, one: Known) -> bool:
        """Whether a sum is said to be one, of figures that the sentence has."""
        has = any(item.kind in ("together", "whole") for item in self.items)
        return has and {part.id for part in one.parts} <= {other.id for other in self.chosen.values()}

    def shared(self, at: int) -> bool:
        """Whether words for the whole say what a share is of."""
        nearest = min(self.chosen, key=lambda place: abs(place - at), default=None)
        return nearest is not None and nearest < at and self.chosen[nearest].kind == "share"

    def is_adverb(self, place: int) -> bool:
        """Whether a period is named as what is compared with and nothing else: "month over month"."""
        item = self.items[place]
        return item.kind == "when" and _SINCE_BEFORE.search(item.text.lower()) is not None

    def is_all(self, place: int) -> bool:
        """Whether "all" stands before the name of a dimension: "all stores", "all of the 3 stores"."""
        for before in range(place - 1, -1, -1):
            if self.items[before].kind == "all" or self.items[before].text.lower() == "in all":
                return True
            if self.items[before].kind != "count" and self.items[before].text.lower() not in ("the", "our", "your"):
                return False
        return False

    def cue(self, place: int) -> bool:
        """Whether words of comparison point to an item: "than in September", "up on the week before"."""
        item = self.items[place]
        if self.is_adverb(place):
            return True
        for before in range(place - 1, -1, -1):
            one = self.items[before]
            word = one.text.lower()
            if one.kind == "than" or word in ("ahead of", "behind"):
                if word not in _WEAK:
                    return True
                return self.moving(before) and not (word == "on" and _is_day(item))
            if word not in _LINKS and not (one.kind == "verb" and before > 0 and self.items[before - 1].kind == "than"):
                return False
        return False

    def moving(self, place: int) -> bool:
        """Whether something moves in the sentence, before a place or by a figure."""
        return any(one.kind in ("up", "down", "level") for one in self.items[:place]) or any(
            known.kind in MOVES for known in self.chosen.values()
        )

    def close(self, place: int, at: int) -> bool:
        """Whether a mention belongs to a figure without a doubt: right after it, or right before it."""
        if at > place:
            return not any(
                self.items[between].kind in ("pause", "figure", "clause") for between in range(place + 1, at)
            )
        return self.leads_to(at, place)

    def is_frame(self, place: int) -> bool:
        """Whether a period says among what days something is the highest: "the best day of last week"."""
        if place < 2 or self.items[place - 1].text.lower() not in ("of", "in", "during"):
            return False
        before = self.items[place - 2]
        return before.kind == "dimension" and self.items[place].meaning.when == self.topic.when

    def beside(self, at: int) -> list[int]:
        """The figures in the same clause as a word."""
        first = max((place for place in range(at) if self.parts(place)), default=-1)
        last = min((place for place in range(at + 1, len(self.items)) if self.parts(place)), default=len(self.items))
        return [place for place in self.chosen if first < place < last]

    def parts(self, place: int) -> bool:
        """Whether an item ends a clause."""
        return self.items[place].kind == "clause" or self.items[place].text == ";"

    def when_compared_otherwise(self, change: Known) -> bool:
        """Whether the sentence compares with another period than a change does."""
        against = [at for at in self.compared if self.items[at].kind == "when"]
        self.used.update(at for at in against if self.items[at].meaning.when == change.against)
        return any(self.items[at].meaning.when != change.against for at in against) or (
            not against and change.against != self.topic.against
        )


def _is_day(item: Item) -> bool:
    return item.kind == "when" and item.meaning.when[0] is not None and item.meaning.when[0] == item.meaning.when[1]
