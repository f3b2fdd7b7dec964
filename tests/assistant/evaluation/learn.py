"""``python -m tests.assistant.evaluation.learn FOLDER``: learn the weights of the interpreter and write them.

FOLDER is one that ``python -m tests.assistant.evaluation FOLDER`` made: the books and the questions with their truths.
Only questions of the development split are learnt from. What is printed is how the weights do on the validation split,
and, learnt from all books but one, on the book left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from assistant.ask import Asker
from assistant.ask.reading import Trouble
from assistant.ask.weights import Weights
from assistant.evaluation import Question, read_questions
from assistant.evaluation.candidates import Explained, explained
from assistant.evaluation.learning import best_is_right, kept, learn, likeliest
from assistant.evaluation.misspelt import misspelt
from assistant.recall import Recall
from ledger.book import Book
from ledger.figures import Figures
from tests.assistant.evaluation.books import BOOKS

FILE = Path(__file__).parents[3] / "assistant" / "ask" / "weights.json"
SPLITS = ("development", "validation")


class Subject:
    """A book of the folder with its questions."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.questions = read_questions(folder / f"{name}.jsonl")
        self.book = Book.open(folder / name / "book")
        self.figures = Figures.open(self.book)
        self.figures.catch_up()
        self.asker = Asker(self.book, self.figures, _no_recall)
        self._run = cache(self.figures.run)  # many ways make the same plan

    def explained(self) -> list[Explained]:
        """Every question with its candidates, as it is written and with a letter wrong."""
        found = []
        for one in self.questions:
            last = self.asker.conversations.last(one.conversation) if one.conversation and one.turn != 1 else None
            found.append(explained(self.asker, self._run, self.name, one, last))
            other = misspelt(one)
            if other is not None:
                found.append(explained(self.asker, self._run, self.name, other, last, misspelt=True))
            if one.conversation:
                self._go_on(one)
        return found

    def _go_on(self, one: Question) -> None:
        assert one.conversation is not None
        if one.turn == 1:
            self.asker.conversations.forget(one.conversation)
        self.asker.ask(one.question, today=one.today, conversation=one.conversation)

    def close(self) -> None:
        self.figures.close()
        self.book.close()


def main(folder: Path) -> None:
    seen: list[Explained] = []
    for name in BOOKS:
        subject = Subject(folder, name)
        seen += subject.explained()
        subject.close()
    learnt = learn([one for one in seen if one.split == "development"])
    FILE.write_text(json.dumps(learnt.as_json(), indent=1) + "\n", encoding="utf-8")
    print(*told(learnt, seen), sep="\n")


def told(learnt: Weights, seen: Sequence[Explained]) -> list[str]:
    """How the weights do on both splits, and those learnt without a book on its development split."""
    lines = [_line(split, learnt, [one for one in seen if one.split == split]) for split in SPLITS]
    for name in BOOKS:
        ours = [one for one in seen if one.split == "development"]
        without = learn([one for one in ours if one.book != name])
        lines.append(_line(f"learnt without {name}", without, [one for one in ours if one.book == name]))
    return lines


def _line(name: str, weights: Weights, seen: Sequence[Explained]) -> str:
    best, count = best_is_right(weights.spans, [one for one in seen if not one.misspelt])
    line = f"{name}: of {count} questions with right and wrong ways the best is right of {best}"
    for wrong in (False, True):
        tried = [likeliest(one, weights.spans) for one in seen if one.misspelt is wrong]
        every, some = (kept(weights, tried, limit) for limit in (0.0, weights.threshold))
        line += (
            f"; {'misspelt' if wrong else 'as written'}, of {len(tried)}: {some.right} right and {some.wrong} wrong "
            f"({every.right} and {every.wrong} without the threshold of {weights.threshold:.2f})"
        )
    return line


def _no_recall() -> Recall:
    raise Trouble("abstained", "There are no summaries.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
