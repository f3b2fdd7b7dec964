"""From a question's words to spans that mean something, and the best way to cover the question with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from assistant.ask import amounts, hours, periods
from assistant.ask.amounts import BoundSpan
from assistant.ask.hours import HoursError, HoursSpan
from assistant.ask.lexicon import Meaning, lexicon
from assistant.ask.names import Name, Names, dimension, singular_of
from assistant.ask.period_words import DAYS
from assistant.ask.periods import Calendar, PeriodError, PeriodSpan
from assistant.ask.tokens import NUMBERS
from assistant.ask.weights import Weights, weights
from ledger.figures.calendar import WEEKDAYS
from ledger.figures.plan import Dimension

NAME_WORDS_MAX = 12

_WEEKDAY_WORDS: dict[str, tuple[str, ...]] = {f"{name.lower()}s": (name,) for name in WEEKDAYS}
_WEEKDAY_WORDS |= {"weekends": WEEKDAYS[5:], "weekdays": WEEKDAYS[:5]}
_OF_A_WEEK = (["this"], ["last"], ["next"], ["of"])
_DAYS = {name.lower(): name for name in WEEKDAYS}
_JOINS = ("or", "and")
_TIME_UNITS = frozenset({"days", "weeks", "months", "quarters", "years"})
_THINGS = frozenset({"items", "pieces", "units"})


@dataclass(frozen=True)
class NamedSpan:
    """A name that the book has. ``names`` are the dimensions that it may be of; ``explicit`` where the dimension was
    said, too ("store 343")."""

    first: int
    last: int
    names: tuple[Name, ...]
    explicit: bool = False


@dataclass(frozen=True)
class WordSpan:
    """A phrase of the lexicon; ``number`` of a ranking is how many rows are wanted."""

    first: int
    last: int
    meaning: Meaning
    number: int | None = None


Span = PeriodSpan | HoursSpan | NamedSpan | BoundSpan | WordSpan


def spans(
    texts: Sequence[str], names: Names, calendar: Calendar, commas: Collection[int] = ()
) -> tuple[list[Span], list[tuple[int, ValueError]]]:
    """Everything that the words of a question can mean, and the times in it that do not exist, by their first word.

    ``commas`` are the words that a comma follows: no phrase of the lexicon goes over one.
    """
    found: list[Span] = []
    wrong: list[tuple[int, ValueError]] = []
    listed = list(texts)
    for place in range(len(listed)):
        # A number after "transaction" is its name; after a comma it begins anew: "per transaction, 1-15 October".
        apart = [*listed[: place - 1], ",", *listed[place:]] if place - 1 in commas else listed
        times: tuple[Callable[[], Span | None], ...] = (
            lambda place=place, apart=apart: periods.find(apart, place, calendar),  # type: ignore[misc]
            lambda place=place: hours.find(listed, place),  # type: ignore[misc]
        )
        for find in times:
            try:
                span = find()
            except (PeriodError, HoursError) as error:
                wrong.append((place, error))
            else:
                found += [span] if span is not None and not _is_no_time(listed, span) else []
        bound = amounts.find(listed, place)
        found += [bound] if bound is not None else []
        for last, meaning in lexicon().at(listed, place):
            if any(place <= comma < last - 1 for comma in commas):
                continue
            if (
                meaning.kind == "metric"
                and place
                and listed[place] in _THINGS
                and listed[place - 1] in ("which", "what")
            ):
                continue  # "which items sold ...": not the metric "items sold"
            found.append(_word(listed, place, last, meaning))
            if meaning.kind == "dimension":
                explicit = _explicit(listed, place, last, meaning.value, names, commas)
                if explicit is not None:
                    found.append(explicit)
        found += _names(listed, place, names)
        run = _weekdays(listed, place)
        if run is not None and listed[place + 3 : place + 4] not in _OF_A_WEEK:
            found.append(NamedSpan(place, place + 3, (Name("weekday", run),), explicit=True))
        if listed[place] in _WEEKDAY_WORDS:
            named = Name("weekday", _WEEKDAY_WORDS[listed[place]])
            found.append(NamedSpan(place, place + 1, (named,), explicit=True))
    return _without_beaten(found), wrong


def _weekdays(texts: Sequence[str], place: int) -> tuple[str, ...] | None:
    """The weekdays from one to another: "Monday to Friday", "Fri - Sun"."""
    if place + 2 >= len(texts) or texts[place + 1] not in ("to", "-", "through", "till", "until"):
        return None
    first, last = DAYS.get(texts[place]), DAYS.get(texts[place + 2])
    if first is None or last is None or first == last:
        return None
    return tuple(WEEKDAYS[(first + n) % 7] for n in range((last - first) % 7 + 1))


def _without_beaten(found: list[Span]) -> list[Span]:
    """The spans without the times that are none beside another time: weekdays from one to another, which narrow it, and
    a month within a longer name ("April Scarf in June")."""
    times = [span for span in found if isinstance(span, PeriodSpan)]
    names = [span for span in found if isinstance(span, NamedSpan) and span.last - span.first > 1]

    def beaten(time: PeriodSpan) -> bool:
        within = [one for one in names if one.first <= time.first and time.last <= one.last]
        elsewhere = [one for one in times if any(one.last <= name.first or name.last <= one.first for name in within)]
        return any(one.weekday is None for one in elsewhere)

    return [span for span in found if not (isinstance(span, PeriodSpan) and beaten(span))]


def _is_no_time(texts: Sequence[str], span: Span) -> bool:
    """Whether the words of a time mean something else here: "the last day with a refund", "now as tickets"."""
    said = tuple(texts[span.first : span.last])
    if said in (("now",), ("right", "now"), ("last", "day"), ("first", "day")):
        return True
    pairs = zip(texts[max(0, span.first - 1) : span.last], texts[span.first : span.last], strict=False)
    return any(one in _TIME_UNITS and other == "up" for one, other in pairs)  # "three weeks up to 13 September"


@dataclass(frozen=True)
class Cover:
    """One way to explain a question: spans that do not overlap, in order, how many words that mean something it leaves,
    and how much speaks for it."""

    spans: tuple[Span, ...]
    left: int
    score: int


def covers(texts: Sequence[str], found: Sequence[Span], count: int = 1, learnt: Weights | None = None) -> list[Cover]:
    """The best ways to explain a question with spans that do not overlap, by the learnt weights, those shipped unless
    others are given.

    What a way leaves is unexplained; one that leaves more than another can is none. The ways come in the order of their
    scores, none of them twice, and none whose score is so far below the best that it changes nothing.
    """
    stop = lexicon().stop
    learnt = learnt or weights()
    by_last: dict[int, list[tuple[int, Span]]] = {}
    for span in found:
        gain = sum(learnt.spans[name] * n for name, n in features(span).items())
        by_last.setdefault(span.last, []).append((gain, span))
    best: list[list[Cover]] = [[Cover((), 0, 0)]]
    for end in range(1, len(texts) + 1):
        unknown = int(texts[end - 1] not in stop)
        options = [Cover(one.spans, one.left + unknown, one.score) for one in best[end - 1]]
        for gain, span in by_last.get(end, ()):
            options += [Cover((*one.spans, span), one.left, one.score + gain) for one in best[span.first]]
        best.append(sorted(options, key=lambda one: (one.left, -one.score))[:count])
    first = best[-1][0]
    floor = first.score - learnt.margin_max
    return [one for one in best[-1] if one.left == first.left and one.score > floor]


def cover(texts: Sequence[str], found: Sequence[Span]) -> tuple[Span, ...]:
    """The best way to explain a question."""
    return covers(texts, found)[0].spans


def features(span: Span) -> dict[str, int]:
    """What a span adds to a way that it is a part of; the names are those of ``weights.SIGNS``."""
    found = {"words": span.last - span.first, "spans": 1}
    kind = _kind(span)
    return found if kind is None else found | {kind: 1}


def unexplained(texts: Sequence[str], chosen: Sequence[Span]) -> list[tuple[int, int]]:
    """Runs of words that no span covers and that mean something: (first, index after the last)."""
    covered = {place for span in chosen for place in range(span.first, span.last)}
    stop = lexicon().stop
    runs: list[tuple[int, int]] = []
    for place, word in enumerate(texts):
        if place in covered or word in stop or word == "-":
            continue
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def in_part(texts: Sequence[str], run: tuple[int, int], chosen: Sequence[Span], names: Names) -> NamedSpan | None:
    """A name of which the question says a part: of the dimension that was said just before, if one was."""
    before = next((span for span in chosen if span.last == run[0]), None)
    excludes = isinstance(before, WordSpan) and before.meaning.kind == "exclude"
    if excludes and before is not None:  # "all stores but 367"
        earlier = next((span for span in chosen if span.last == before.first), None)
        kinds = earlier.meaning.kind if isinstance(earlier, WordSpan) else ""
        said = earlier.meaning.value if kinds == "dimension" and isinstance(earlier, WordSpan) else None
        among = None if said is None else (dimension(said),)
        exact = names.whole(tuple(texts[run[0] : run[1]]), among) if among else []
        if exact:
            return NamedSpan(run[0], run[1], tuple(exact), explicit=True)
    said = before.meaning.value if isinstance(before, WordSpan) and before.meaning.kind == "dimension" else None
    among = None if said is None else (dimension(said),)
    counted = _counted(texts, run, names, among)
    if counted is not None:
        return counted
    for phrase in (tuple(texts[run[0] : run[1]]), singular_of(texts[run[0] : run[1]])):
        found = names.part(phrase, among)
        if found:
            first = before.first if said is not None and before is not None else run[0]
            return NamedSpan(first, run[1], tuple(found), explicit=said is not None)
    beside = [span for span in chosen if isinstance(span, NamedSpan) and (span.first == run[1] or span.last == run[0])]
    windows = [run, *((min(run[0], span.first), max(run[1], span.last)) for span in beside)]
    for first, last in windows:
        similar = names.similar(tuple(texts[first:last])) if last - first > 1 else None
        if similar is not None:
            return NamedSpan(first, last, (similar,))
    return None


def _counted(
    texts: Sequence[str], run: tuple[int, int], names: Names, among: Sequence[Dimension] | None
) -> NamedSpan | None:
    """ "The two Lyon ones", "both Lyon stores": all the names that hold the words, where they are as many as said."""
    said = list(texts[run[0] : run[1]])
    number = _count("2" if said[0] == "both" else said[0])
    words = tuple(said[1:-1] if said[-1] == "ones" else said[1:])
    if number is None or not words:
        return None
    found = names.part(words, among)
    values = tuple(value for one in found for value in one.values)
    if len({one.dimension for one in found}) != 1 or len(values) != number:
        return None
    return NamedSpan(run[0], run[1], (Name(found[0].dimension, values),), explicit=True)


def _word(texts: list[str], first: int, last: int, meaning: Meaning) -> WordSpan | HoursSpan:
    """A phrase of the lexicon; a number beside a ranking belongs to it: "top 5", "5 best"."""
    if meaning.kind == "hours":
        begin, end = lexicon().hours[meaning.value]
        return HoursSpan(first, last, tuple((begin + n) % 24 for n in range((end - begin) % 24)))
    if meaning.kind not in ("rank", "mover"):
        return WordSpan(first, last, meaning)
    after = _count(texts[last]) if last < len(texts) else None
    if after is not None:
        return WordSpan(first, last + 1, meaning, after)
    earlier = _count(texts[first - 1]) if first else None
    return WordSpan(first - 1 if earlier is not None else first, last, meaning, earlier)


def _count(word: str) -> int | None:
    number = NUMBERS.get(word, word)
    return int(number) if number.isdigit() and 1 <= int(number) <= 1000 else None


def _explicit(
    texts: list[str], first: int, last: int, said: str, names: Names, commas: Collection[int]
) -> NamedSpan | None:
    """A dimension and one or more of its values: "store 343", "category Food or Drinks", "weekday Saturday"."""
    if said == "weekday":
        values = [_DAYS[texts[last]]] if last < len(texts) and texts[last] in _DAYS else []
        place = last + 1
        while values and place + 1 < len(texts) and texts[place] in _JOINS and texts[place + 1] in _DAYS:
            values.append(_DAYS[texts[place + 1]])
            place += 2
        return NamedSpan(first, place, (Name("weekday", tuple(values)),), explicit=True) if values else None
    found: list[str] = []
    place = last
    while place < len(texts):
        begin = place + 1 if found and texts[place] in _JOINS else place
        end, name = _longest(texts, begin, said, names)
        if name is None or (found and begin == place and place - 1 not in commas):
            break
        found += [value for value in name.values if value not in found]
        place = end
    of = dimension("category" if said == "subcategory" else said)  # a category's filter keeps what lies below it
    return NamedSpan(first, place, (Name(of, tuple(found)),), explicit=True) if found else None


def _longest(texts: list[str], first: int, said: str, names: Names) -> tuple[int, Name | None]:
    among = ("category",) if said == "subcategory" else (said,)
    for last in range(min(len(texts), first + min(names.longest, NAME_WORDS_MAX)), first, -1):
        found = names.whole(tuple(texts[first:last]), tuple(dimension(one) for one in among))
        if found:
            return last, found[0]
    return first, None


def _names(texts: list[str], first: int, names: Names) -> list[Span]:
    found: list[Span] = []
    for last in range(first + 1, min(len(texts), first + min(names.longest, NAME_WORDS_MAX)) + 1):
        phrase = tuple(texts[first:last])
        if len(phrase) == 1 and phrase[0] in lexicon().stop:
            continue
        known = names.whole(phrase) or names.whole(singular_of(phrase))
        if not known and not names.knows(phrase[-1]):
            known = names.whole(
                (*phrase[:-1], f"{phrase[-1]}s")
            )  # "dessert" for Desserts, if nothing else has the word
        if not known and len(phrase) == 2:
            known = names.whole(("".join(phrase),))  # "take-away" for "Takeaway"
        if not known:
            continue
        found.append(NamedSpan(first, last, tuple(known)))
        for after, meaning in lexicon().at(texts, last) if last < len(texts) else ():
            of_it = [one for one in known if meaning.kind == "dimension" and one.dimension == meaning.value]
            if _below(of_it, texts[after - 1]):
                continue
            if of_it and not names.whole(tuple(texts[first:after])):  # the "Lakefront District" is no region Lakefront
                found.append(NamedSpan(first, after, tuple(of_it), explicit=True))
    return found


def _below(found: Sequence[Name], said: str) -> bool:
    """Whether categories are said to be several of one that has a name: "the drink categories" are those of Drinks."""
    return said.endswith("s") and [(one.dimension, len(one.values)) for one in found] == [("category", 1)]


def _kind(span: Span) -> str | None:
    """The kind of a span as the weights have it; None for a name, to which the others are compared."""
    if isinstance(span, NamedSpan):
        return "explicit" if span.explicit else None
    if isinstance(span, PeriodSpan | HoursSpan):
        return "time"
    if isinstance(span, BoundSpan):
        return "bound" if span.certain else "unsure"
    kinds = {"refuse": "refuse", "unknown": "unheld", "metric": "figure", "rank": "figure", "grain": "figure"}
    return kinds.get(span.meaning.kind, "phrase")
