"""Ways to explain a question with whether each gives the truth: what ``assistant/ask/weights.json`` is learnt from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.ask import Asker
from assistant.ask.answer import Status
from assistant.ask.choose import Run, choose, values
from assistant.ask.draft import Context
from assistant.ask.follow_up import Last
from assistant.ask.interpret import Heard, hear, read
from assistant.ask.reading import Reading, Trouble
from assistant.ask.spans import Cover, covers, features
from assistant.ask.weights import DOUBTS, SIGNS, Weights
from assistant.evaluation.mark import mark
from assistant.evaluation.questions import Question, Split
from ledger.errors import PlanError

WAYS, WAYS_WITHOUT = 12, 2
"""How many ways are looked at, and how many of those that go without one of the spans of the best."""
FEWEST_SPANS = Weights(
    spans={name: {"words": 20, "spans": -10}.get(name, 0) for name in SIGNS},
    doubts=dict.fromkeys(DOUBTS, 0.0), intercept=1.0, near=1, margin_max=60, threshold=0.5,
)  # fmt: skip
"""What the ways are found with: as many words as can be, with as few spans; so that what is learnt does not depend on
what was learnt before."""


@dataclass(frozen=True)
class Candidate:
    """A way to explain a question: its features by ``weights.SIGNS``, what else its reading rests on by
    ``weights.DOUBTS`` (nothing where it makes no reading), the status of the answer that it gives, the figures of that
    (None where it is no plan's, and none of them where the book has nothing there), and whether it is as expected."""

    features: Mapping[str, int]
    doubts: Mapping[str, float]
    status: Status
    figures: frozenset[object] | None
    right: bool


@dataclass(frozen=True)
class Explained:
    """A question of a book with the candidates for it; ``misspelt`` where a letter of it was made wrong."""

    book: str
    split: Split
    id: str
    misspelt: bool
    candidates: tuple[Candidate, ...]


def explained(
    asker: Asker, run: Run, book: str, question: Question, last: Last | None, *, misspelt: bool = False
) -> Explained:
    """All ways to explain a question that are tried, likely or not. ``run`` gives the figures of a plan."""
    context = replace(asker.context(question.today), weights=FEWEST_SPANS)
    found: list[Candidate] = []
    known: list[tuple[Reading, Status, frozenset[object] | None, bool]] = []
    try:
        heard = hear(question.question, context, going_on=last is not None)
    except Trouble:
        return Explained(book, question.split, question.id, misspelt, ())
    for way in _ways(heard, context):
        weighed = _features(way)
        try:
            reading = read(heard, way, context, last)
        except Trouble as trouble:
            right = trouble.status in question.expect.status
            found.append(Candidate(weighed, {}, trouble.status, None, right))
            continue
        same = next((one for one in known if one[0].is_as(reading)), None)
        if same is None:
            same = (reading, *_judged(asker, run, question, reading))
            known.append(same)
        found.append(Candidate(weighed, reading.doubts.counted, *same[1:]))
    return Explained(book, question.split, question.id, misspelt, tuple(found))


def _judged(
    asker: Asker, run: Run, question: Question, reading: Reading
) -> tuple[Status, frozenset[object] | None, bool]:
    """The status of a reading's answer, its figures where a plan gives some, and whether it is as expected."""
    try:
        chosen = choose([reading], run, FEWEST_SPANS)
        answer = asker.told(chosen)
    except Trouble as trouble:
        return trouble.status, None, trouble.status in question.expect.status
    except PlanError:
        return "abstained", None, "abstained" in question.expect.status
    figures = None if chosen.result is None else values(chosen.result) if chosen.result.tickets else frozenset()
    return answer.status, figures, mark(answer, question.expect).expected


def _ways(heard: Heard, context: Context) -> list[Cover]:
    """The best ways, and those that go without one of the spans of the best."""
    texts, possible = heard.texts, heard.possible
    best = covers(texts, possible, WAYS, context.weights)
    found = list(best)
    for left_out in best[0].spans:
        rest = [span for span in possible if span is not left_out]
        found += [one for one in covers(texts, rest, WAYS_WITHOUT, context.weights) if one.left == best[0].left]
    return list(dict.fromkeys(found))


def _features(way: Cover) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for span in way.spans:
        counted.update(features(span))
    return dict(counted)
