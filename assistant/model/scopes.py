"""What a figure is of: its metric, its period, its names. Each has to be what the words that belong to it say.

What is said of no figure in a sentence is taken from its context; a figure that is of something else is then untrue.
"""

from __future__ import annotations

from assistant.model.evidence import Known, Narrowed
from assistant.model.sentence import Unsaid
from assistant.model.wording import Wording
from ledger.figures import METRICS


def check_scope(words: Wording, place: int, one: Known) -> None:
    """Unsaid where the words say that the figure at a place is of something that it is not of."""
    _metric(words, place, one)
    _when(words, place, one)
    _where(words, place, one)
    _led_in(words, place, one)


def _metric(words: Wording, place: int, one: Known) -> None:
    base = _base_after(words, place, one)

    def fits(at: int) -> bool:
        return words.items[at].kind == "metric" and at != base

    at = words.bound(place, fits)
    if at is None:
        verb = words.bound(place, lambda at: words.items[at].kind == "verb")
        implied = words.items[verb].meaning.metrics if verb is not None else frozenset()
        main = words.context.metrics
        if one.metric not in main or (len(main) > 1 and (one.metric not in implied or len(main & implied) > 1)):
            raise Unsaid("wrong_metric", f"nothing says that {one.id} is {one.label}")
        return
    if one.metric not in words.items[at].meaning.metrics:
        raise Unsaid("wrong_metric", f"{one.id} is {one.label}, not {words.items[at].text}")
    words.used.add(at)


def _base_after(words: Wording, place: int, one: Known) -> int | None:
    """The place of what a rate is said to be of, and is: "a return rate of 2.1% of gross sales"."""
    after = words.items[place + 1 : place + 3]
    if len(after) < 2 or after[0].text.lower() != "of" or after[1].kind != "metric" or one.kind != "value":
        return None
    per = METRICS[one.metric].per
    if not per or one.unit != "%" or not any(METRICS[name].sum == per for name in after[1].meaning.metrics):
        return None
    words.used.add(place + 2)
    return place + 2


def _when(words: Wording, place: int, one: Known) -> None:
    def base(at: int) -> bool:
        return words.items[at].kind == "when" and at not in words.frames

    at = words.bound(place, base)
    cue = words.cue(place)
    if one.kind == "before" and cue and (at is None or not words.close(place, at)):
        if one.when != words.topic.against and not any(other.against == one.when for other in words.chosen.values()):
            raise Unsaid("wrong_period", f"nothing says of which period {one.id} is")
        return
    if at is None:
        spanned = one.kind == "sum" and words.together(one)
        if one.when != words.context.when and not spanned:
            raise Unsaid("wrong_period", f"{one.id} is of another period, and nothing says so")
    elif words.items[at].meaning.when != one.when:
        raise Unsaid("wrong_period", f"{one.id} is of another period than {words.items[at].text}")
    else:
        words.used.add(at)
    if one.against is not None:
        _compared_when(words, place, one)


def _compared_when(words: Wording, place: int, one: Known) -> None:
    against = [at for at in words.compared if words.items[at].kind == "when"]
    if not against:
        if one.against != words.topic.against:
            raise Unsaid("wrong_period", f"nothing says what {one.id} is compared with")
        return
    nearest = min(against, key=lambda at: (at < place, abs(at - place)))
    if words.items[nearest].meaning.when != one.against:
        raise Unsaid("wrong_period", f"{one.id} is not compared with {words.items[nearest].text}")
    words.used.add(nearest)


def _where(words: Wording, place: int, one: Known) -> None:
    mentioned = {name for item in words.items if item.kind == "name" for name, _ in item.meaning.names}
    for dimension in sorted({*mentioned, *one.where, *words.context.where}):
        _where_in(words, dimension, place, one)


def _where_in(words: Wording, dimension: str, place: int, one: Known) -> None:
    def fits(at: int) -> bool:
        item = words.items[at]
        if item.kind in ("whole", "ours"):
            return one.kind != "share" and not words.shared(at)
        if at in words.everything:
            return dimension in item.meaning.dimensions
        return item.kind == "name" and any(name == dimension for name, _ in item.meaning.names)

    narrowed = one.where.get(dimension)
    if one.kind == "sum" and words.together(one):
        return None
    if one.kind == "difference" and dimension in _differs(words, one):
        return _difference(words, dimension, place, one)
    at = words.bound(place, fits)
    if at is None:
        if narrowed != words.context.where.get(dimension):
            raise Unsaid("wrong_place", f"{one.id} is of another {dimension}, and nothing says so")
        return None
    item = words.items[at]
    if at in words.everything:
        if narrowed is not None:
            raise Unsaid("wrong_place", f"{one.id} is not of all of them")
        words.used.add(at)
        return None
    if item.kind in ("whole", "ours"):
        if narrowed != words.topic.where.get(dimension):
            raise Unsaid("wrong_place", f"{one.id} is not of the whole")
        return None
    said = words.said(at)
    if (dimension, narrowed) in said:
        words.used.add(at)
        return None
    if narrowed is None and any(one.where.get(name) == values for name, values in said if name != dimension):
        return None  # a name of two dimensions, and of this figure in the other one
    raise Unsaid("wrong_place", f"{one.id} is not of {item.text or 'those'}")


def _differs(words: Wording, one: Known) -> list[str]:
    first, second = one.parts
    return [name for name in {*first.where, *second.where} if first.where.get(name) != second.where.get(name)]


def _difference(words: Wording, dimension: str, place: int, one: Known) -> None:
    first, second = (part.where.get(dimension) for part in one.parts)
    if first is None or second is None:
        raise Unsaid("wrong_place", "a difference from a whole is not said of a part")
    both = Narrowed(first.values | second.values)
    named = [
        at
        for at, item in enumerate(words.items)
        if item.kind == "name" and any(d == dimension for d, _ in item.meaning.names)
    ]
    if any(item.kind == "difference" for item in words.items):
        groups = [at for at in named if (dimension, both) in words.said(at)]
        present = {part.id for part in one.parts} <= {other.id for other in words.chosen.values()}
        if groups or present:
            words.used.update(groups)
            return
    subjects = [at for at in named if at not in words.compared]
    objects = [at for at in named if at in words.compared]
    if len(subjects) != 1 or len(objects) != 1:
        raise Unsaid("wrong_place", "it is not plain between what the difference is")
    if (dimension, first) not in words.said(subjects[0]) or (dimension, second) not in words.said(objects[0]):
        raise Unsaid("wrong_place", f"{one.id} is not the difference between those")
    words.used.update((subjects[0], objects[0]))


def _led_in(words: Wording, place: int, one: Known) -> None:
    """A figure right after "from" or "than" is the one that is compared with, and one after "to" is not."""
    if one.kind == "before" and place and words.items[place - 1].text.lower() == "to":
        raise Unsaid("wrong_direction", f"{one.id} is what it came from")
    if one.kind != "value" or not words.cue(place):
        return
    names = [at for at, item in enumerate(words.items) if item.kind in ("name", "when") and at in words.used]
    if not any(words.close(place, at) for at in names):
        raise Unsaid("wrong_direction", f"{one.id} is not what is compared with")
