"""The items of a question: what its spans mean, in order, and which of them a part of the plan has taken.

Every item has to be taken by something: one that is not would be a word of the question that the plan leaves out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.ask.amounts import BoundSpan
from assistant.ask.hours import HoursSpan
from assistant.ask.periods import PeriodSpan
from assistant.ask.spans import NamedSpan, Span

_KINDS = {PeriodSpan: "period", HoursSpan: "hours", NamedSpan: "name", BoundSpan: "bound"}
NEAR = 2
"""How many words may stand between two items that belong together, such as "in the"."""


@dataclass(eq=False)
class Item:
    """A span by its kind: ``period``, ``hours``, ``name``, ``bound``, or that of the lexicon, with its value."""

    kind: str
    value: str
    span: Span
    place: int
    taken: bool = False

    @property
    def first(self) -> int:
        return self.span.first

    @property
    def last(self) -> int:
        return self.span.last


@dataclass
class Items:
    """The items of one question, and its words."""

    texts: Sequence[str]
    listed: list[Item] = field(default_factory=list)
    commas: Collection[int] = ()
    """The words that a comma follows."""

    @classmethod
    def of(cls, texts: Sequence[str], spans: Sequence[Span], commas: Collection[int] = ()) -> Items:
        found = cls(texts, commas=commas)
        for place, span in enumerate(spans):
            kind = _KINDS.get(type(span))
            if kind is None:
                found.listed.append(Item(span.meaning.kind, span.meaning.value, span, place))  # type: ignore[union-attr]
            else:
                found.listed.append(Item(kind, "", span, place))
        return found

    def __iter__(self) -> Iterator[Item]:
        return iter(self.listed)

    def free(self, *kinds: str) -> list[Item]:
        """The items of some kinds that nothing has taken yet, in order."""
        return [item for item in self.listed if item.kind in kinds and not item.taken]

    def after(self, item: Item, *kinds: str, near: int = NEAR) -> Item | None:
        """The next free item, when it is of one of some kinds and close by."""
        for other in self.listed[item.place + 1 :]:
            if other.first - item.last > near:
                return None
            if not other.taken:
                return other if not kinds or other.kind in kinds else None
        return None

    def before(self, item: Item, *kinds: str, near: int = NEAR) -> Item | None:
        """The free item just before, when it is of one of some kinds and close by."""
        for other in reversed(self.listed[: item.place]):
            if item.first - other.last > near:
                return None
            if not other.taken:
                return other if not kinds or other.kind in kinds else None
        return None

    def words(self, item: Item) -> str:
        return " ".join(self.texts[item.first : item.last])

    def is_plural(self, item: Item) -> bool:
        return self.texts[item.last - 1].endswith("s")

    def has(self, *kinds: str, value: str | None = None) -> bool:
        """Whether the question has an item of one of some kinds, taken or not; with ``value``, one of that value."""
        return any(item.kind in kinds and value in (None, item.value) for item in self.listed)

    def says(self, *words: str) -> bool:
        """Whether one of some words stands in the question."""
        return bool({*words} & {*self.texts})
