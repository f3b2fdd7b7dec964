"""Whether a sentence is true of the figures in it: ``checked`` lets it through, or raises ``Unsaid``.

Each figure has to be what the words around it say: its metric, the names, the period. What the sentence leaves unsaid
is taken from what the answer is about. A name, date, metric or direction that belongs to no figure is a claim without
proof. Where words could belong to several figures, the nearest rule decides, and what it does not bear out is refused:
a true sentence that is written oddly is lost, and an untrue one is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise, product

from assistant.model import motion, orders, ratios
from assistant.model.evidence import Evidence, Known, Topic, derive, filtered
from assistant.model.scopes import check_scope
from assistant.model.sentence import Item, Unsaid, agreeing, is_small_whole
from assistant.model.wording import MOVES, Context, Wording
from ledger.errors import PlanError

ASSIGNMENTS_MAX = 64


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
            return _said_truly(Wording(kinds, chosen, evidence, topic, context))
        except Unsaid as unsaid:
            tried = tried or unsaid
    raise tried or Unsaid("wrong_number", "a number in it is no figure that was computed")


def _apart(items: Sequence[Item]) -> None:
    for one, other in pairwise(items):
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


def _said_truly(words: Wording) -> Checked:
    """The sentence, when every claim in it is so."""
    if not words.chosen:
        _definition(words)
    for place, one in words.chosen.items():
        check_scope(words, place, one)
        motion.check_attached(words, place, one)
    motion.check_directions(words)
    for at, item in enumerate(words.items):
        if item.kind in orders.WORDS:
            words.used |= orders.checked(words.items, words.chosen, at)
    for at, item in enumerate(words.items):
        if item.kind == "ordinal" and at not in words.used:
            words.used |= orders.check_place(words.items, words.chosen, at)
    ratios.check_factors(words)
    ratios.check_shares(words)
    _verbs(words)
    _counted(words)
    _nothing_left(words)
    return Checked(words.items, words.chosen, words.sizes, words.also)


def _verbs(words: Wording) -> None:
    """A verb such as "sold" has to fit the next figure, or the one before."""
    for at, item in enumerate(words.items):
        if item.kind != "verb" or not words.chosen:
            continue
        nearest = min(words.chosen, key=lambda place: (place < at, abs(place - at)))
        if words.chosen[nearest].metric not in item.meaning.metrics:
            raise Unsaid("wrong_metric", f"{item.text!r} is not what {words.chosen[nearest].label} is")


def _counted(words: Wording) -> None:
    for at, item in enumerate(words.items):
        if item.kind != "count" or at in words.used:
            continue
        noun = words.items[at + 1] if at + 1 < len(words.items) else None
        dimensions = noun.meaning.dimensions if noun is not None else frozenset()
        words.used.add(at + 1)
        if not any(
            len(result.plan.dimensions) == 1
            and result.plan.dimensions[0] in dimensions
            and result.row_count == item.number
            and not any(one.dimension in dimensions for one in result.plan.filters)
            and filtered(result.plan.filters) == dict(words.topic.where)
            and (result.plan.period.start, result.plan.period.end) == words.topic.when
            for result in words.evidence.results.values()
        ):
            raise Unsaid("wrong_number", f"{item.text!r} is not how many there are")


def _definition(words: Wording) -> None:
    """A sentence without a figure may only say what a metric is."""
    said = [item for item in words.items if item.kind == "definition"]
    labels = [item for item in words.items if item.kind == "metric"]
    if len(said) != 1 or len(labels) != 1 or not said[0].meaning.metrics <= labels[0].meaning.metrics:
        raise Unsaid("no_figure", "it has no figure")
    if any(item.kind not in ("definition", "metric", "plain", "stop", "pause") for item in words.items):
        raise Unsaid("no_figure", "it has no figure")
    words.used.update(at for at, item in enumerate(words.items) if item.kind == "metric")


def _nothing_left(words: Wording) -> None:
    """Every name, period and metric that is said belongs to a figure."""
    for at, item in enumerate(words.items):
        if item.kind == "when" and _up_to(words, at):
            raise Unsaid("wrong_period", f"{item.text} may be meant with all that was before")
        if at in words.used:
            continue
        if item.kind == "name":
            raise Unsaid("wrong_place", f"{item.text or 'a list of names'} has no figure")
        if item.kind == "when" and at not in words.frames:
            raise Unsaid("wrong_period", f"{item.text} has no figure")
        if item.kind == "metric":
            raise Unsaid("wrong_metric", f"{item.text} has no figure")
        if item.kind == "moved" and not any(one.kind in MOVES for one in words.chosen.values()):
            raise Unsaid("wrong_direction", f"{item.text!r} without a change that was computed")
        if item.kind in ("ordinal", "share") or (item.kind == "definition" and words.chosen):
            raise Unsaid("unknown_word", f"{item.text} says something that cannot be checked")
        if item.kind == "all" and not any(place > at for place in words.everything):
            raise Unsaid("unknown_word", f"{item.text} of what is not plain")
        if item.kind == "dimension" and not _split(words, item):
            raise Unsaid("wrong_place", f"nothing was split by {item.text}")
        if item.kind == "except" and at + 1 not in words.used:
            raise Unsaid("wrong_place", f"{item.text} has nothing that is left out")


def _up_to(words: Wording, at: int) -> bool:
    """Whether "by" or "to" stands before a period, which means all up to its end; "from May to June" does not."""
    before = words.items[at - 1].text.lower() if at else ""
    return before == "by" or (before == "to" and not any(place < at for place in words.compared))


def _split(words: Wording, item: Item) -> bool:
    dimensions = item.meaning.dimensions
    return any(
        dimensions & {*(one.result.plan.dimensions if one.result is not None else ()), *one.where}
        for one in (part for known in words.chosen.values() for part in (known, *known.parts))
    )


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
