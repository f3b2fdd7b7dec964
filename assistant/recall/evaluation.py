"""How good the search is: questions in people's words, each with the summary that answers it, over the sample book.

Recall at k is the share of questions whose summary is among the first k hits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path

from assistant.recall.narrowing import Narrowing
from assistant.recall.notes import keep_note
from assistant.recall.search import Recall
from assistant.recall.wording import EVERYTHING
from ledger.book import Book
from ledger.errors import SettingsError
from ledger.figures import Period

HITS = (1, 5)
SAMPLE_DAYS, SAMPLE_TICKETS, SAMPLE_SEED = 61, 6_000, 7
SAMPLE_END = date(2026, 10, 31)
SAMPLE_AT = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
NOTES = ("cash.md", "closing.md", "refunds.md", "staff.md")
ANYWHERE = Narrowing((), Period())


@dataclass(frozen=True)
class Asked:
    """A question, and the ids of the summaries of which each answers it."""

    question: str
    right: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.right[0].split("|")[0]


@dataclass(frozen=True)
class Score:
    """How many questions there were, how many had a right summary among the first so many hits, and which had none
    among the most."""

    asked: int
    found: dict[int, int]
    missed: tuple[str, ...]

    def at(self, hits: int) -> float:
        return self.found[hits] / self.asked


def read_questions(path: Path | None = None) -> tuple[date, list[Asked]]:
    """The day on which questions are asked, and the questions of a file; of the sample book without one."""
    source = files("assistant.recall").joinpath("questions.json") if path is None else path
    try:
        told = json.loads(source.read_text("utf-8"))
        asked = [Asked(str(one["question"]), tuple(map(str, one["right"]))) for one in told["questions"]]
        if not asked or not all(one.right for one in asked):
            raise ValueError("it needs questions, and each of them an id that is right")
        return date.fromisoformat(told["today"]), asked
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f'{source}: not a file of questions ({error}); it is {{"today": DATE, "questions": [{{"question": TEXT, '
            '"right": [ID, ...]}, ...]}'
        ) from None


def evaluate(
    recall: Recall, book: Book, questions: Sequence[Asked], narrow: Callable[[str], Narrowing] | None
) -> dict[str, Score]:
    """The scores by kind, and of all (``all``); without ``narrow`` every search is over the whole book."""
    names = {record.name: record.id for record in book.documents()}
    found: dict[str, list[tuple[Asked, list[str]]]] = {"all": []}
    for asked in questions:
        to = narrow(asked.question) if narrow else ANYWHERE
        hits = recall.search(asked.question, stores=to.stores, period=to.period, limit=max(HITS), kinds=EVERYTHING).hits
        ids = [hit.summary.id for hit in hits]
        right = [_with_document(one, names) for one in asked.right]
        outcome = (Asked(asked.question, tuple(right)), ids)
        found["all"].append(outcome)
        found.setdefault(asked.kind, []).append(outcome)
    return {kind: _score(outcomes) for kind, outcomes in found.items()}


def make_sample_book(folder: Path) -> Path:
    """Make the sample book and its notes in a folder that has none; the book's folder."""
    from assistant.sample import write
    from ingest.pipeline import take

    report = write(
        folder / "exports", days=SAMPLE_DAYS, tickets=SAMPLE_TICKETS, seed=SAMPLE_SEED, end=SAMPLE_END, layout="demo"
    )
    with ExitStack() as stack:
        book = Book.create_from(folder / "book", folder / "exports" / "book.toml")
        stack.callback(book.close)
        for delivery in report.deliveries:
            take(book, delivery.files, source=delivery.source, mapping=None, at=SAMPLE_AT, on_commit=None)
        for name in NOTES:
            path = stack.enter_context(as_file(files("assistant.sample.notes").joinpath(name)))
            keep_note(book, path, at=SAMPLE_AT, name=name)
    return folder / "book"


def _score(outcomes: Sequence[tuple[Asked, list[str]]]) -> Score:
    found = {hits: sum(bool(set(ids[:hits]) & set(asked.right)) for asked, ids in outcomes) for hits in HITS}
    missed = tuple(asked.question for asked, ids in outcomes if not set(ids) & set(asked.right))
    return Score(len(outcomes), found, missed)


def _with_document(id_: str, names: dict[str, str]) -> str:
    """An id whose document is named by its file name, by the document's own id."""
    kind, *rest = id_.split("|")
    return "|".join([kind, names.get(rest[0], rest[0]), *rest[1:]]) if kind == "document" else id_
