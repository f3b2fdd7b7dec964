"""From a question to plans. One plan, or a few where the words allow several, or what stands in the way.

Every word that means something has to be explained by a span; what is left over forbids an answer, and is named.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.ask.draft import Context
from assistant.ask.follow_up import FILLING, Last, continued, goes_on, with_other
from assistant.ask.hours import HoursSpan
from assistant.ask.lexicon import lexicon
from assistant.ask.names import CHOICES_MAX, Name, Names, singular_of
from assistant.ask.period_words import DAYS, MONTHS
from assistant.ask.periods import PeriodSpan
from assistant.ask.planner import Planner
from assistant.ask.reading import Doubts, NotUnderstood, Reading, Trouble
from assistant.ask.shorthand import as_written, written_out, years_of_months
from assistant.ask.spans import Cover, NamedSpan, Span, WordSpan, covers, in_part, spans, unexplained
from assistant.ask.spelling import ordinary_words
from assistant.ask.tokens import Token, normalised, tokens, words

CURRENCIES = {
    **dict.fromkeys(("dollar", "dollars"), ("USD", "CAD", "AUD", "NZD", "SGD", "HKD")),
    **dict.fromkeys(("eur", "euro", "euros"), ("EUR",)), **dict.fromkeys(("gbp", "sterling", "quid"), ("GBP",)),
    **{code.lower(): (code,) for code in ("USD", "JPY", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN")},
    "yen": ("JPY",), "francs": ("CHF",),
}  # fmt: skip
"""Words for money, and the currencies that they can be of."""
COVERS = 6
"""How many ways to explain a question are tried, the best first."""


@dataclass(frozen=True)
class Heard:
    """A question as words, with everything that they can mean. ``wrong`` are the times in it that do not exist;
    ``mended`` says how many words were misspelt, and ``notes`` which."""

    question: str
    tokens: tuple[Token, ...]
    texts: list[str]
    commas: Collection[int]
    possible: list[Span]
    wrong: Sequence[tuple[int, ValueError]]
    notes: tuple[str, ...]
    mended: int


def interpret(question: str, context: Context, last: Last | None = None) -> Reading:
    """The likeliest reading of a question. Trouble as of ``readings``."""
    return readings(question, context, last)[0]


def readings(question: str, context: Context, last: Last | None = None) -> list[Reading]:
    """The readings of a question, the likeliest first; with what was asked ``last``, as one that may go on from it.

    Each is a way to explain its words that makes a plan, and no two make the same. Trouble, where none does, says what
    stands in the way of the best. That is said, too, where the next that makes a plan is nearly as likely as one that
    has to be asked back.
    """
    context = as_written(question, context)
    heard = hear(question, context, going_on=last is not None)
    if last is not None:
        plan = with_other(heard.texts, last, context)
        if plan is not None:
            return [Reading(plans=(plan,), notes=heard.notes, doubts=Doubts(mended=heard.mended, goes_on=True))]
    found: list[Reading] = []
    trouble: Trouble | None = None
    for way in covers(heard.texts, heard.possible, COVERS, context.weights):
        try:
            reading = read(heard, way, context, last)
        except Trouble as one:
            if one.status == "abstained":
                trouble = trouble or one
                continue
            if trouble is not None and found and found[0].doubts.score - way.score < context.weights.near:
                raise trouble from None  # the best way makes no plan, and of the next two one is asked back
            trouble = trouble or one
            break
        else:
            found += [reading] if all(not reading.is_as(other) for other in found) else []
    if not found:
        assert trouble is not None
        raise trouble
    return found


def hear(question: str, context: Context, *, going_on: bool) -> Heard:
    """The words of a question and what they can mean. Trouble where it is none, or an order, or a word can be a
    misspelling of several."""
    question, of_years = years_of_months(written_out(question), context.calendar)
    found = _words(question)
    if not found:
        raise Trouble("abstained", "There is no question.")
    first = [token.text for token in found if token.text not in ("please", "can", "could", "you", "kindly", "now")][:2]
    if first and first[0] in lexicon().orders_given and not (first[1:] and first[1] in lexicon().no_order):
        raise Trouble("refused", lexicon().refusals["write"])
    said = [token.text for token in found]
    _refuse_other_money(said, context.names)
    texts, notes = _spelled(said, context, going_on=going_on)
    text = normalised(question)
    commas = {i for i, token in enumerate(found[:-1]) if "," in text[token.end : found[i + 1].start]}
    possible, wrong = spans(texts, context.names, context.calendar, commas)
    return Heard(question, found, texts, commas, possible, wrong, (*of_years, *notes), len(notes))


def _refuse_other_money(said: Sequence[str], names: Names) -> None:
    """Trouble where another currency is named than that of the book, which nothing here converts."""
    for word in said:
        meant = CURRENCIES.get(word)
        if meant and names.currency not in meant and not names.knows(word):
            raise Trouble("abstained", f"The book is kept in {names.currency}; I convert nothing into “{word}”.")


def read(heard: Heard, way: Cover, context: Context, last: Last | None) -> Reading:
    """One way to explain a question, as plans. Trouble says what stands in the way."""
    texts, chosen = heard.texts, list(way.spans)
    for place, error in heard.wrong:
        if not any(_explains(span, place) for span in chosen):
            raise Trouble("clarify", str(error))
    for span in chosen:
        if isinstance(span, WordSpan) and span.meaning.kind == "refuse":
            raise Trouble("refused", lexicon().refusals[span.meaning.value])
    _day_or_month(texts, chosen, context)
    left = unexplained(texts, chosen)
    whole = len(left)
    chosen, left = _with_parts(texts, chosen, left, context.names)
    doubts = Doubts(
        score=way.score,
        mended=heard.mended,
        parts=whole - len(left),
        assumed=sum(len(span.assumptions) for span in chosen if isinstance(span, PeriodSpan)),
        bare=len(texts) - sum(span.last - span.first for span in chosen),
    )
    why = any(isinstance(span, WordSpan) and span.meaning.kind == "why" for span in chosen)
    if last is not None and goes_on(texts, chosen):
        left = [run for run in left if not set(texts[run[0] : run[1]]) <= FILLING]
        if left:
            raise NotUnderstood(_not_understood(heard, left))
        plan = continued(texts, chosen, context, last)
        return Reading(plans=(plan,), notes=heard.notes, why=why, doubts=replace(doubts, goes_on=True))
    planner = Planner(texts, chosen, context, heard.commas)
    if planner.is_open:
        return Reading(open=planner.open_question(heard.question), notes=heard.notes, doubts=doubts)
    left = [run for run in left if not planner.takes(run)]
    if left:
        raise NotUnderstood(_not_understood(heard, left))
    about = planner.about()
    if about is not None:
        return Reading(about=about, notes=heard.notes, doubts=doubts)
    plans = planner.plans()
    return Reading(plans=plans, notes=(*heard.notes, *planner.notes), why=why, doubts=doubts)


def _day_or_month(texts: list[str], chosen: Sequence[Span], context: Context) -> None:
    """Trouble for "jun 26" in 2026: the 26th of June, or June of this year."""
    year = context.calendar.today.year
    for span in chosen:
        said = texts[span.first : span.last]
        if not isinstance(span, PeriodSpan) or len(said) != 2 or said[0] not in MONTHS or not said[1].isdigit():
            continue
        years = [one for one in (year, year - 1) if said[1] == f"{one % 100:02}"]
        if years and texts[span.first - 1 : span.first] != ["on"]:
            readings = (f"{said[1]} {said[0]}", f"{said[0]} {years[0]}")
            raise Trouble(
                "clarify",
                f"“{' '.join(said)}” can be a day or a month. Which is meant?",
                [" ".join([*texts[: span.first], one, *texts[span.last :]]) for one in readings],
            )


def _words(question: str) -> tuple[Token, ...]:
    """The words of a question; a dash between words that are no ends of a range joins them, and is none of them."""
    found = tokens(question)
    return tuple(
        token
        for place, token in enumerate(found)
        if token.text != "-" or not (found[place - 1].text.isalpha() and found[place + 1].text.isalpha())
        or (_is_a_time(found[place - 1].text) and _is_a_time(found[place + 1].text))
    )  # fmt: skip


def _is_a_time(word: str) -> bool:
    return word in MONTHS or word in DAYS


def _spelled(texts: list[str], context: Context, *, going_on: bool) -> tuple[list[str], tuple[str, ...]]:
    """The words with misspellings mended, each said; only words that nothing explains are looked at."""
    names = context.names
    chosen = covers(texts, spans(texts, names, context.calendar)[0], learnt=context.weights)[0].spans
    mended, notes = list(texts), []
    for first, last in unexplained(texts, chosen):
        for place in range(first, last):
            if going_on and texts[place] == "other":
                continue
            if names.knows(texts[place]):
                continue
            (single,) = singular_of((texts[place],))
            if names.knows(single):
                mended[place] = single
                continue
            near = names.spelled(texts[place])
            alike = [one for one in near if len(one) == len(texts[place])]
            near = alike if len(alike) == 1 else near
            plain = [one for one in near if one in ordinary_words()]
            near = plain if len(plain) == 1 else near
            if len(near) == 1:
                mended[place] = near[0]
                notes.append(f"Read “{texts[place]}” as “{near[0]}”.")
            elif 1 < len(near) <= CHOICES_MAX:
                raise Trouble(
                    "clarify",
                    f"I do not know the word “{texts[place]}”. Which is meant?",
                    [" ".join([*texts[:place], one, *texts[place + 1 :]]) for one in near],
                )
    return mended, tuple(notes)


def _explains(span: Span, place: int) -> bool:
    """Whether a time that does not exist is no time at all: a part of a longer one ("9:00 to 9:59"), or of a name whose
    dimension was said ("weekday Sunday, 5 October")."""
    if isinstance(span, NamedSpan):
        return span.explicit and span.first <= place < span.last
    return isinstance(span, PeriodSpan | HoursSpan) and span.first < place < span.last


def _with_parts(
    texts: list[str], chosen: list[Span], left: list[tuple[int, int]], names: Names
) -> tuple[list[Span], list[tuple[int, int]]]:
    """The spans with names of which the question says a part; a part of many names asks back."""
    still = []
    for run in left:
        span = in_part(texts, run, chosen, names)
        if span is None:
            still.append(run)
            continue
        said = " ".join(texts[run[0] : run[1]])
        if not span.explicit and len(span.names) <= CHOICES_MAX and _is_thin(texts, run, span.names):
            raise Trouble(
                "clarify",
                f"“{said}” is only a part of {span.names[0].dimension} {span.names[0].values[0].split(' / ')[-1]}. "
                "Is that what is meant?",
                [_replaced(texts, run, one) for one in span.names[:CHOICES_MAX]],
            )
        if len(span.names) > CHOICES_MAX:
            shown = ", ".join(f"{one.dimension} {one.values[0]}" for one in span.names[:CHOICES_MAX])
            raise Trouble(
                "clarify",
                f"{len(span.names)} names in the book contain “{said}”: {shown} and others. Say the whole name.",
                [_replaced(texts, run, one) for one in span.names[:CHOICES_MAX]],
            )
        chosen = [one for one in chosen if not (one.first < span.last and span.first < one.last)]
        chosen = sorted([*chosen, span], key=lambda one: one.first)
    return chosen, still


def _is_thin(texts: list[str], run: tuple[int, int], found: Sequence[Name]) -> bool:
    """Whether words are less than half of the names of goods that have them: too little to take one for the other."""
    goods = [one for one in found if one.dimension in ("item", "category", "subcategory")]
    said = run[1] - run[0]
    return bool(goods) and all(2 * said < len(words(one.values[0].split(" / ")[-1])) for one in goods)


def _replaced(texts: list[str], run: tuple[int, int], name: Name) -> str:
    return " ".join([*texts[: run[0]], name.dimension, name.values[0].split(" / ")[-1], *texts[run[1] :]])


def _not_understood(heard: Heard, left: list[tuple[int, int]]) -> str:
    question, text = heard.question, normalised(heard.question)
    pieces = []
    for first, last in left:
        begin, end = heard.tokens[first].start, heard.tokens[last - 1].end
        pieces.append(f"“{(question if len(question) == len(text) else text)[begin:end]}”")
    listed = pieces[0] if len(pieces) == 1 else ", ".join(pieces[:-1]) + " and " + pieces[-1]
    return (
        f"I did not understand {listed}, so I give no figure. I know metrics such as net sales, transactions or tips, "
        "over a period, by or for a store, item, category, tender, cashier, hour or weekday of this book."
    )
