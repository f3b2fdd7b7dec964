"""Whether a sentence is true of the figures in it: ``checked`` lets it through, or raises ``Unsaid``.

Each figure has to be what the words around it say: its metric, the names, the period. What the sentence leaves unsaid is
taken from what the answer is about. A name, date, metric or direction that belongs to no figure is a claim without
proof. Where words could belong to several figures, the nearest rule decides, and what it does not bear out is refused:
a true sentence that is written oddly is lost, and an untrue one is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import islice, product

from assistant.model import orders
from assistant.model.evidence import Dates, Evidence, Known, Narrowed, Topic, derive, filtered
from assistant.model.sentence import Item, Unsaid, agreeing, is_small_whole
from assistant.model.vocabulary import nouns_of_change
from ledger.errors import PlanError

MOVES = ("change", "change_rate", "difference")
CHANGING = ("up", "down", "moved", "difference")
ASSIGNMENTS_MAX = 64
FACTOR_TOLERANCE = Decimal("0.025")
LOOSE_FACTOR_TOLERANCE = Decimal("0.06")
_WEAK = ("on", "from", "over", "since")
_LINKS = frozenset({"the", "a", "an", "in", "at", "of", "by", "for", "on", "its", "their", "that", "'s", "’s", "was", "were",
                    "had", "with", "it", "they", "what", "to", "which", "s"})  # fmt: skip
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


@dataclass
class Checked:
    """A sentence that was let through: the figure at each place, those shown without their sign, others relied on."""

    items: list[Item]
    figures: dict[int, Known]
    sizes: set[int] = field(default_factory=set)
    also: list[Known] = field(default_factory=list)


def checked(items: list[Item], evidence: Evidence, topic: Topic, context: Context) -> Checked:
    """A sentence with its figures, when all that it says of them is so; Unsaid otherwise."""
    places = [place for place, item in enumerate(items) if item.kind == "figure"]
    _apart(items)
    tried: Unsaid | None = None
    for kinds, chosen in islice(_assignments(items, places, evidence, topic), ASSIGNMENTS_MAX):
        try:
            return _Claims(kinds, chosen, evidence, topic, context).checked()
        except Unsaid as unsaid:
            tried = tried or unsaid
    raise tried or Unsaid("wrong_number", "a number in it is no figure that was computed")


def _apart(items: Sequence[Item]) -> None:
    for one, other in zip(items, items[1:], strict=False):
        if one.kind == other.kind == "figure":
            raise Unsaid("touched_figure", "two figures stand side by side")
        pair = {one.kind, other.kind}
        number = one if one.kind == "figure" else other
        if pair == {"figure", "when"} and number.numeral is not None:
            raise Unsaid("wrong_date", "a number stands beside a date")
        if one.kind == "ordinal" and other.kind == "when":
            raise Unsaid("wrong_date", "a number stands beside a date")


def _assignments(
    items: list[Item], places: list[int], evidence: Evidence, topic: Topic
) -> Iterator[tuple[list[Item], dict[int, Known]]]:
    """The figures that the numbers of a sentence may be. A number may count rows, too: then it is no figure."""
    fixed = [items[place].figures[0] for place in places if items[place].numeral is None]
    options: list[list[Known | int]] = []
    for place in places:
        item = items[place]
        if item.numeral is None:
            options.append([item.figures[0]])
            continue
        counted: list[Known | int] = []
        if is_small_whole(item.numeral) and _counts(items, place):
            counted = [int(item.numeral.value)]
        found = agreeing(item, evidence.known.values())
        if not found:
            found = _derived(items, item, fixed or _written(items, places, evidence), evidence, topic)
        options.append([*counted, *found])
    for choice in product(*options):
        kinds = list(items)
        chosen: dict[int, Known] = {}
        for place, one in zip(places, choice, strict=True):
            if isinstance(one, int):
                kinds[place] = replace(items[place], kind="count", number=one)
            else:
                chosen[place] = one
        yield kinds, chosen


def _counts(items: Sequence[Item], place: int) -> bool:
    after = items[place + 1] if place + 1 < len(items) else None
    before = items[place - 1] if place else None
    return (after is not None and (after.kind == "dimension" or after.text.lower() in ("ticket", "tickets"))) or (
        before is not None and before.kind in ("highest", "lowest", "best", "worst")
    )


def _written(items: Sequence[Item], places: Sequence[int], evidence: Evidence) -> list[Known]:
    """The figures that the other written numbers of a sentence agree with, where each agrees with one only."""
    found = [agreeing(items[place], evidence.known.values()) for place in places if items[place].numeral is not None]
    return [one[0] for one in found if len(one) == 1]


def _derived(
    items: Sequence[Item], item: Item, others: Sequence[Known], evidence: Evidence, topic: Topic
) -> list[Known]:
    """Sums, differences and shares of a sentence's other figures that a written number agrees with."""
    kinds = {one.kind for one in items}
    made: list[Known] = []
    values = [one for one in others if one.kind in ("value", "before")]

    def attempt(kind: str, parts: Sequence[Known]) -> None:
        try:
            made.append(derive(kind, parts))  # type: ignore[arg-type]
        except PlanError:
            return

    if "together" in kinds or "whole" in kinds:
        attempt("sum", values)
    if kinds & {"difference", "up", "down"}:
        for one, other in ((one, other) for one in values for other in values if one is not other):
            attempt("difference", (one, other))
    if item.numeral is not None and item.numeral.unit == "%" and kinds & {"whole", "share"}:
        for one in values:
            for whole in evidence.known.values():
                if dict(whole.where) == dict(topic.where) and whole.metric == one.metric:
                    attempt("share", (one, whole))
    return agreeing(item, made)


class _Claims:
    """The claims of one sentence under one choice of its figures."""

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
        self.compared = {
            place for place, item in enumerate(items) if item.kind in ("name", "when") and self._cue(place)
        }
        self.frames = {place for place, item in enumerate(items) if item.kind == "when" and self._is_frame(place)}

    def checked(self) -> Checked:
        if not self.chosen:
            self._definition()
        for place, one in self.chosen.items():
            self._metric(place, one)
            self._when(place, one)
            self._where(place, one)
            self._led_in(place, one)
            self._attached(place, one)
        self._directions()
        self._orders()
        self._factors()
        self._verbs()
        self._shares()
        self._counted()
        self._nothing_left()
        return Checked(self.items, self.chosen, self.sizes, self.also)

    # --- what a figure is of ----------------------------------------------------------------------------------------

    def _bound(self, place: int, fits: Callable[[int], bool]) -> int | None:
        """The mention that belongs to a figure: one that follows it closely, the nearest before, the nearest after."""
        for after in range(place + 1, len(self.items)):
            opened = after == place + 1 and self.items[after].text == "("
            if not opened and (self.items[after].kind in ("pause", "stop", "figure", "clause") or self._joins(after)):
                break
            if fits(after) and after not in self.compared:
                return after
        for before in range(place - 1, -1, -1):
            if fits(before) and (before not in self.compared or self._leads_to(before, place)):
                return before
        for after in range(place + 1, len(self.items)):
            if self.items[after].kind in ("figure", "clause", "stop"):
                break
            if fits(after) and after not in self.compared:
                return after
        return None

    def _joins(self, place: int) -> bool:
        return self.items[place].text.lower() in ("and", "or", "plus", "which", "where")

    def _leads_to(self, place: int, figure: int) -> bool:
        between = self.items[place + 1 : figure]
        return all(one.kind in ("plain", "metric", "verb") or one.text in "(:" for one in between) and not any(
            one.text.lower() == "and" for one in between
        )

    def _metric(self, place: int, one: Known) -> None:
        def fits(at: int) -> bool:
            return self.items[at].kind == "metric"

        at = self._bound(place, fits)
        if at is None:
            verb = self._bound(place, lambda at: self.items[at].kind == "verb")
            implied = self.items[verb].meaning.metrics if verb is not None else frozenset()
            main = self.context.metrics
            if one.metric not in main or (len(main) > 1 and (one.metric not in implied or len(main & implied) > 1)):
                raise Unsaid("wrong_metric", f"nothing says that {one.id} is {one.label}")
            return
        if one.metric not in self.items[at].meaning.metrics:
            raise Unsaid("wrong_metric", f"{one.id} is {one.label}, not {self.items[at].text}")
        self.used.add(at)

    def _when(self, place: int, one: Known) -> None:
        def base(at: int) -> bool:
            return self.items[at].kind == "when" and at not in self.frames

        at = self._bound(place, base)
        cue = self._cue(place)
        if one.kind == "before" and cue and (at is None or not self._close(place, at)):
            if one.when != self.topic.against and not any(other.against == one.when for other in self.chosen.values()):
                raise Unsaid("wrong_period", f"nothing says of which period {one.id} is")
            return
        if at is None:
            spanned = one.kind == "sum" and self._together(one)
            if one.when != self.context.when and not spanned:
                raise Unsaid("wrong_period", f"{one.id} is of another period, and nothing says so")
        elif self.items[at].meaning.when != one.when:
            raise Unsaid("wrong_period", f"{one.id} is of another period than {self.items[at].text}")
        else:
            self.used.add(at)
        if one.kind in ("change", "change_rate"):
            self._compared_when(place, one)

    def _compared_when(self, place: int, one: Known) -> None:
        against = [at for at in self.compared if self.items[at].kind == "when"]
        if not against:
            if one.against != self.topic.against:
                raise Unsaid("wrong_period", f"nothing says what {one.id} is compared with")
            return
        nearest = min(against, key=lambda at: (at < place, abs(at - place)))
        if self.items[nearest].meaning.when != one.against:
            raise Unsaid("wrong_period", f"{one.id} is not compared with {self.items[nearest].text}")
        self.used.add(nearest)

    def _where(self, place: int, one: Known) -> None:
        mentioned = {name for item in self.items if item.kind == "name" for name, _ in item.meaning.names}
        for dimension in sorted({*mentioned, *one.where, *self.context.where}):
            self._where_in(dimension, place, one)

    def _where_in(self, dimension: str, place: int, one: Known) -> None:
        def fits(at: int) -> bool:
            item = self.items[at]
            if item.kind == "whole":
                return one.kind != "share" and not self._shared(at)
            return item.kind == "name" and any(name == dimension for name, _ in item.meaning.names)

        narrowed = one.where.get(dimension)
        if one.kind == "sum" and self._together(one):
            return None
        if one.kind == "difference" and dimension in self._differs(one):
            return self._difference(dimension, place, one)
        at = self._bound(place, fits)
        if at is None:
            if narrowed != self.context.where.get(dimension):
                raise Unsaid("wrong_place", f"{one.id} is of another {dimension}, and nothing says so")
            return None
        item = self.items[at]
        if item.kind == "whole":
            if narrowed != self.topic.where.get(dimension):
                raise Unsaid("wrong_place", f"{one.id} is not of the whole")
            return None
        said = self._said(at)
        if (dimension, narrowed) in said:
            self.used.add(at)
            return None
        if narrowed is None and any(one.where.get(name) == values for name, values in said if name != dimension):
            return None  # a name of two dimensions, and of this figure in the other one
        raise Unsaid("wrong_place", f"{one.id} is not of {item.text or 'those'}")

    def _said(self, at: int) -> list[tuple[str, Narrowed | None]]:
        excluded = at in self.excluded
        return [(name, replace(values, excluded=excluded)) for name, values in self.items[at].meaning.names]

    def _together(self, one: Known) -> bool:
        """Whether a sum is said to be one, of figures that the sentence has."""
        has = any(item.kind in ("together", "whole") for item in self.items)
        return has and all(
            any(part is other or part.id == other.id for other in self.chosen.values()) for part in one.parts
        )

    # --- differences and shares -------------------------------------------------------------------------------------

    def _differs(self, one: Known) -> list[str]:
        first, second = one.parts
        return [name for name in {*first.where, *second.where} if first.where.get(name) != second.where.get(name)]

    def _difference(self, dimension: str, place: int, one: Known) -> None:
        first, second = (part.where.get(dimension) for part in one.parts)
        if first is None or second is None:
            raise Unsaid("wrong_place", "a difference from a whole is not said of a part")
        both = Narrowed(first.values | second.values)
        named = [
            at
            for at, item in enumerate(self.items)
            if item.kind == "name" and any(d == dimension for d, _ in item.meaning.names)
        ]
        if any(item.kind == "difference" for item in self.items):
            groups = [at for at in named if (dimension, both) in self._said(at)]
            present = {part.id for part in one.parts} <= {other.id for other in self.chosen.values()}
            if groups or present:
                self.used.update(groups)
                return
        subjects = [at for at in named if at not in self.compared]
        objects = [at for at in named if at in self.compared]
        if len(subjects) != 1 or len(objects) != 1:
            raise Unsaid("wrong_place", "it is not plain between what the difference is")
        if (dimension, first) not in self._said(subjects[0]) or (dimension, second) not in self._said(objects[0]):
            raise Unsaid("wrong_place", f"{one.id} is not the difference between those")
        self.used.update((subjects[0], objects[0]))

    def _shares(self) -> None:
        for place, one in self.chosen.items():
            if one.kind != "share":
                continue
            whole = one.parts[1]
            if dict(whole.where) != dict(self.topic.where) or whole.when != one.when:
                raise Unsaid("wrong_place", f"{one.id} is a share of something else than the whole")
            if not any(self._shared(at) for at, item in enumerate(self.items) if item.kind == "whole" and at > place):
                raise Unsaid("wrong_number", f"nothing says of what {one.id} is a share")

    def _shared(self, at: int) -> bool:
        """Whether words for the whole say what a share is of."""
        nearest = min(self.chosen, key=lambda place: abs(place - at), default=None)
        return nearest is not None and nearest < at and self.chosen[nearest].kind == "share"

    # --- cues -------------------------------------------------------------------------------------------------------

    def _cue(self, place: int) -> bool:
        """Whether words of comparison point to an item: "than in September", "up on the week before"."""
        item = self.items[place]
        for before in range(place - 1, -1, -1):
            one = self.items[before]
            word = one.text.lower()
            if one.kind == "than" or word in ("ahead of", "behind"):
                if word not in _WEAK:
                    return True
                return self._moving(before) and not (word == "on" and _is_day(item))
            if word not in _LINKS and not (one.kind == "verb" and before > 0 and self.items[before - 1].kind == "than"):
                return False
        return False

    def _moving(self, place: int) -> bool:
        return any(one.kind in ("up", "down", "level") for one in self.items[:place]) or any(
            known.kind in MOVES for known in self.chosen.values()
        )

    def _close(self, place: int, at: int) -> bool:
        """Whether a mention belongs to a figure without a doubt: right after it, or right before it."""
        if at > place:
            return not any(
                self.items[between].kind in ("pause", "figure", "clause") for between in range(place + 1, at)
            )
        return self._leads_to(at, place)

    def _is_frame(self, place: int) -> bool:
        """Whether a period says among what days something is the highest: "the best day of last week"."""
        if place < 2 or self.items[place - 1].text.lower() not in ("of", "in", "during"):
            return False
        before = self.items[place - 2]
        return before.kind == "dimension" and self.items[place].meaning.when == self.topic.when

    def _led_in(self, place: int, one: Known) -> None:
        """A figure right after "from" or "than" is the one that is compared with."""
        if one.kind != "value" or not self._cue(place):
            return
        names = [at for at, item in enumerate(self.items) if item.kind in ("name", "when") and at in self.used]
        if not any(self._close(place, at) for at in names):
            raise Unsaid("wrong_direction", f"{one.id} is not what is compared with")

    def _attached(self, place: int, one: Known) -> None:
        """A change stands where a change is said, "rose by", "an increase of", "more"; nothing else stands there."""
        if self._says_change(place) != (one.kind in MOVES):
            raise Unsaid("wrong_direction", f"{one.id} is {'' if one.kind in MOVES else 'not '}a change")

    def _says_change(self, place: int) -> bool:
        """Whether the words at a figure's place say that it is a change or a difference."""
        last = self.items[place - 1] if place else None
        after = place + 1
        if [one.kind if one.kind == "figure" else one.text for one in self.items[after : after + 3]] == [
            "(",
            "figure",
            ")",
        ]:
            after += 3  # "12.00 (4.2%) more"
        following = self.items[after] if after < len(self.items) else None
        if following is not None and following.kind in ("up", "down"):
            return True
        if last is None:
            return False
        word = last.text.lower()
        if last.kind in CHANGING:
            return True
        if word == "by":
            return self._noun_or_verb(place, nouns_only=False)
        if word in ("or", "and", ",", "(", ":", ";"):
            before = max((at for at in self.chosen if at < place), default=None)
            moved = before is not None and self.chosen[before].kind in MOVES and place - before <= 3
            return moved or (word == "(" and place > 1 and self.items[place - 2].kind in CHANGING)
        return word in ("of", "was", "were", "is", "came to", "to", "came") and self._noun_or_verb(
            place, nouns_only=True
        )

    def _noun_or_verb(self, place: int, *, nouns_only: bool) -> bool:
        """Whether a word of change stands before a figure, with no other figure, clause or pause between."""
        for before in range(place - 1, -1, -1):
            item = self.items[before]
            if item.kind in ("figure", "clause", "stop", "pause"):
                return False
            if item.kind in CHANGING:
                return not nouns_only or item.text.lower() in nouns_of_change()
        return False

    # --- directions -------------------------------------------------------------------------------------------------

    def _directions(self) -> None:
        words = [at for at, item in enumerate(self.items) if item.kind in ("up", "down", "level")]
        for at in words:
            moves = [place for place in self._beside(at) if self.chosen[place].kind in MOVES]
            if moves:
                near = min(abs(place - at) for place in moves)
                for place in moves:
                    if abs(place - at) == near:
                        self._goes(at, self.chosen[place].value)
            else:
                self._goes(at, self._implied(at))
        for place, one in self.chosen.items():
            if one.kind not in MOVES:
                continue
            beside = [at for at in words if place in self._beside(at)]
            if beside:
                near = min(abs(place - at) for at in beside)
                for at in beside:
                    if abs(place - at) == near:
                        self._goes(at, one.value)
                self.sizes.add(place)
            elif one.kind == "difference" and any(item.kind == "difference" for item in self.items):
                self.sizes.add(place)
            elif one.kind == "difference":
                raise Unsaid("wrong_direction", "a difference without a direction")

    def _goes(self, at: int, change: Decimal) -> None:
        kind = self.items[at].kind
        if (kind == "up" and change <= 0) or (kind == "down" and change >= 0) or (kind == "level" and change != 0):
            raise Unsaid("wrong_direction", f"{self.items[at].text!r} is not the way it went")

    def _implied(self, at: int) -> Decimal:
        """The change that a direction without a figure of its own speaks of."""
        than = next((place for place in range(at, min(at + 5, len(self.items))) if self.items[place].kind == "than"
                     or self.items[place].text.lower() in ("ahead of", "behind")), None)  # fmt: skip
        if than is not None and self.items[than].text.lower() not in ("from", "on", "over", "since"):
            return self._apart_by(at, than)
        values = [place for place in self._beside(at) if self.chosen[place].kind in ("value", "before")]
        if not values:
            raise Unsaid("wrong_direction", f"{self.items[at].text!r} without a figure")
        one = self.chosen[min(values, key=lambda place: (abs(place - at), place < at))]
        change = self.evidence.sibling(one, "change")
        if change is None or self._when_compared_otherwise(change):
            raise Unsaid("wrong_direction", f"{self.items[at].text!r} without a change that was computed")
        self.also.append(change)
        return change.value

    def _when_compared_otherwise(self, change: Known) -> bool:
        against = [at for at in self.compared if self.items[at].kind == "when"]
        self.used.update(at for at in against if self.items[at].meaning.when == change.against)
        return any(self.items[at].meaning.when != change.against for at in against) or (
            not against and change.against != self.topic.against
        )

    def _apart_by(self, at: int, than: int) -> Decimal:
        """By how much the figure before "than" is more than the one after it."""
        before = [place for place in self.chosen if place < than]
        after = [place for place in self.chosen if place > than]
        if before and after:
            one, other = self.chosen[max(before)], self.chosen[min(after)]
            if (one.metric, one.unit) == (other.metric, other.unit) and {one.kind, other.kind} <= {
                "value",
                "before",
                "sum",
            }:
                return one.value - other.value
        raise Unsaid("wrong_direction", f"{self.items[at].text!r} without two figures to compare")

    def _beside(self, at: int) -> list[int]:
        """The figures in the same clause as a word."""
        first = max((place for place in range(at) if self._parts(place)), default=-1)
        last = min((place for place in range(at + 1, len(self.items)) if self._parts(place)), default=len(self.items))
        return [place for place in self.chosen if first < place < last]

    def _parts(self, place: int) -> bool:
        return self.items[place].kind == "clause" or self.items[place].text == ";"

    # --- orders, factors, counts ------------------------------------------------------------------------------------

    def _orders(self) -> None:
        for at, item in enumerate(self.items):
            if item.kind in orders.WORDS:
                self.used |= orders.checked(self.items, self.chosen, at)

    def _factors(self) -> None:
        for at, item in enumerate(self.items):
            if item.kind != "factor":
                continue
            loose = bool(item.approximate) or item.text.lower().startswith("more")
            ratio = self._ratio(at, item)
            tolerance = LOOSE_FACTOR_TOLERANCE if loose else FACTOR_TOLERANCE
            off = ratio / item.meaning.factor - 1
            wrong_side = (off <= 0 if item.approximate == "beyond" or item.text.lower().startswith("more") else
                          off >= 0 if item.approximate == "nearly" else False)  # fmt: skip
            if abs(off) > tolerance and not (item.text.lower().startswith("more") and off > 0):
                raise Unsaid("wrong_number", f"{item.text!r} is not the ratio of the two figures")
            if wrong_side:
                raise Unsaid("wrong_number", f"{item.text!r} is not quite so")

    def _ratio(self, at: int, item: Item) -> Decimal:
        verb = item.text.lower().removeprefix("more than ") in ("doubled", "tripled", "quadrupled", "halved")
        if verb:
            values = [place for place in self._beside(at) if self.chosen[place].kind == "value"]
            one = self.chosen[min(values, key=lambda place: (abs(place - at), place < at))] if values else None
            before = self.evidence.sibling(one, "before") if one is not None else None
            change = self.evidence.sibling(one, "change") if one is not None else None
            if (
                one is None
                or before is None
                or change is None
                or before.value <= 0
                or self._when_compared_otherwise(change)
            ):
                raise Unsaid("wrong_number", f"{item.text!r} without the figure of the period before")
            self.also.append(before)
            return one.value / before.value
        before_it = [place for place in self.chosen if place < at]
        after_it = [place for place in self.chosen if place > at]
        if before_it and after_it:
            one, other = self.chosen[max(before_it)], self.chosen[min(after_it)]
            if (
                (one.metric, one.unit) == (other.metric, other.unit)
                and other.value > 0
                and {one.kind, other.kind} <= {"value", "before", "sum"}
            ):
                return one.value / other.value
        if before_it and any(each.kind == "whole" for each in self.items[at:]):
            one = self.chosen[max(before_it)]
            for whole in self.evidence.known.values():
                if (whole.kind, whole.metric, dict(whole.where), whole.when) == (
                    "value", one.metric, dict(self.topic.where), one.when
                ) and whole.value > 0:  # fmt: skip
                    self.also.append(whole)
                    return one.value / whole.value
        raise Unsaid("wrong_number", f"{item.text!r} without two figures to compare")

    def _verbs(self) -> None:
        """A verb such as "sold" has to fit the next figure, or the one before."""
        for at, item in enumerate(self.items):
            if item.kind != "verb" or not self.chosen:
                continue
            nearest = min(self.chosen, key=lambda place: (place < at, abs(place - at)))
            if self.chosen[nearest].metric not in item.meaning.metrics:
                raise Unsaid("wrong_metric", f"{item.text!r} is not what {self.chosen[nearest].label} is")

    def _counted(self) -> None:
        for at, item in enumerate(self.items):
            if item.kind != "count" or at in self.used:
                continue
            noun = self.items[at + 1] if at + 1 < len(self.items) else None
            dimensions = noun.meaning.dimensions if noun is not None else frozenset()
            self.used.add(at + 1)
            if not any(
                len(result.plan.dimensions) == 1
                and result.plan.dimensions[0] in dimensions
                and result.row_count == item.number
                and not any(one.dimension in dimensions for one in result.plan.filters)
                and filtered(result.plan.filters) == dict(self.topic.where)
                and (result.plan.period.start, result.plan.period.end) == self.topic.when
                for result in self.evidence.results.values()
            ):
                raise Unsaid("wrong_number", f"{item.text!r} is not how many there are")

    def _definition(self) -> None:
        """A sentence without a figure may only say what a metric is."""
        said = [item for item in self.items if item.kind == "definition"]
        labels = [item for item in self.items if item.kind == "metric"]
        if len(said) != 1 or len(labels) != 1 or not said[0].meaning.metrics <= labels[0].meaning.metrics:
            raise Unsaid("no_figure", "it has no figure")
        if any(item.kind not in ("definition", "metric", "plain", "stop", "pause") for item in self.items):
            raise Unsaid("no_figure", "it has no figure")
        self.used.update(at for at, item in enumerate(self.items) if item.kind == "metric")

    def _nothing_left(self) -> None:
        """Every name, period and metric that is said belongs to a figure."""
        for at, item in enumerate(self.items):
            if at in self.used:
                continue
            if item.kind == "name":
                raise Unsaid("wrong_place", f"{item.text or 'a list of names'} has no figure")
            if item.kind == "when" and at not in self.frames:
                raise Unsaid("wrong_period", f"{item.text} has no figure")
            if item.kind == "metric":
                raise Unsaid("wrong_metric", f"{item.text} has no figure")
            if item.kind == "moved" and not any(one.kind in MOVES for one in self.chosen.values()):
                raise Unsaid("wrong_direction", f"{item.text!r} without a change that was computed")
            if item.kind in ("ordinal", "share") or (item.kind == "definition" and self.chosen):
                raise Unsaid("unknown_word", f"{item.text} says something that cannot be checked")
            if item.kind == "dimension" and not self._split(item):
                raise Unsaid("wrong_place", f"nothing was split by {item.text}")
            if item.kind == "except" and at + 1 not in self.used:
                raise Unsaid("wrong_place", f"{item.text} has nothing that is left out")

    def _split(self, item: Item) -> bool:
        dimensions = item.meaning.dimensions
        return any(
            dimensions & {*(one.result.plan.dimensions if one.result is not None else ()), *one.where}
            for one in (part for known in self.chosen.values() for part in (known, *known.parts))
        )


def _is_day(item: Item) -> bool:
    return item.kind == "when" and item.meaning.when[0] is not None and item.meaning.when[0] == item.meaning.when[1]


def after(checked_sentence: Checked, topic: Topic) -> Context:
    """What the next sentence need not say: what all figures of this one have in common, else the answer's topic."""
    figures = list(checked_sentence.figures.values())
    if not figures:
        return Context.of(topic)
    first = figures[0]
    one_place = all(dict(one.where) == dict(first.where) for one in figures)
    when = {one.when for one in figures if one.kind != "before"} or {first.when}
    metrics = frozenset(one.metric for one in figures)
    return Context(
        metrics if len(metrics) == 1 else topic.metrics,
        first.where if one_place else topic.where,
        next(iter(when)) if len(when) == 1 else topic.when,
        topic.against,
    )
