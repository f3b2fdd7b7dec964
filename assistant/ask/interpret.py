"""From a question to plans. One plan, or a few where the words allow several, or what stands in the way.

Every word that means something has to be explained by a span; what is left over forbids an answer, and is named.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ask.hours import HoursSpan
from assistant.ask.lexicon import lexicon
from assistant.ask.names import CHOICES_MAX, Name, Names, singular_of
from assistant.ask.parts import Parts
from assistant.ask.periods import Calendar, PeriodSpan
from assistant.ask.reading import Reading, Trouble
from assistant.ask.spans import NamedSpan, Span, WordSpan, cover, in_part, spans, unexplained
from assistant.ask.tokens import normalised, tokens


def interpret(question: str, names: Names, calendar_: Calendar) -> Reading:
    """Read a question. Trouble says what was not understood."""
    text = normalised(question)
    found = tokens(question)
    if not found:
        raise Trouble("abstained", "There is no question.")
    texts, notes = _spelled([token.text for token in found], names, calendar_)
    possible, wrong = spans(texts, names, calendar_)
    chosen = cover(texts, possible)
    for place, error in wrong:
        if not any(_explains(span, place) for span in chosen):
            raise Trouble("clarify", str(error))
    for span in chosen:
        if isinstance(span, WordSpan) and span.meaning.kind == "refuse":
            raise Trouble("refused", lexicon().refusals[span.meaning.value])
    left = unexplained(texts, chosen)
    chosen, left = _with_parts(texts, chosen, left, names)
    commas = {i for i, token in enumerate(found[:-1]) if "," in text[token.end : found[i + 1].start]}
    parts = Parts(texts, chosen, commas, names, calendar_)
    if parts.is_open:
        return Reading(open=parts.open_question(question), notes=notes)
    left = [run for run in left if not parts.takes(run)]
    if left:
        raise Trouble("abstained", _not_understood(question, text, found, left))
    return Reading(plans=parts.plans(), notes=notes)


def _spelled(texts: list[str], names: Names, calendar_: Calendar) -> tuple[list[str], tuple[str, ...]]:
    """The words with misspellings mended, each said; only words that nothing explains are looked at."""
    chosen = cover(texts, spans(texts, names, calendar_)[0])
    mended, notes = list(texts), []
    for first, last in unexplained(texts, chosen):
        for place in range(first, last):
            if names.knows(texts[place]):
                continue
            (single,) = singular_of((texts[place],))
            if names.knows(single):
                mended[place] = single
                continue
            near = names.spelled(texts[place])
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
        if len(span.names) > CHOICES_MAX:
            said = " ".join(texts[run[0] : run[1]])
            shown = ", ".join(f"{one.dimension} {one.values[0]}" for one in span.names[:CHOICES_MAX])
            raise Trouble(
                "clarify",
                f"{len(span.names)} names in the book contain “{said}”: {shown} and others. Say the whole name.",
                [_replaced(texts, run, one) for one in span.names[:CHOICES_MAX]],
            )
        chosen = [one for one in chosen if not (one.first < span.last and span.first < one.last)]
        chosen = sorted([*chosen, span], key=lambda one: one.first)
    return chosen, still


def _replaced(texts: list[str], run: tuple[int, int], name: Name) -> str:
    return " ".join([*texts[: run[0]], name.dimension, name.values[0].split(" / ")[-1], *texts[run[1] :]])


def _not_understood(question: str, text: str, found: Sequence[object], left: list[tuple[int, int]]) -> str:
    pieces = []
    for first, last in left:
        begin, end = found[first].start, found[last - 1].end  # type: ignore[attr-defined]
        pieces.append(f"“{(question if len(question) == len(text) else text)[begin:end]}”")
    listed = pieces[0] if len(pieces) == 1 else ", ".join(pieces[:-1]) + " and " + pieces[-1]
    return (
        f"I did not understand {listed}, so I give no figure. I know metrics such as net sales, transactions or tips, "
        "over a period, by or for a store, item, category, tender, cashier, hour or weekday of this book."
    )
