"""Notes and the summaries that open questions are answered with: ``note``, ``recall build``, ``recall eval``."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, opened, service

if TYPE_CHECKING:
    from assistant.recall.evaluation import Score

recall_app = typer.Typer(help="The summaries of a book and their search.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(recall_app, name="recall")


@app.command()
def note(
    book: BookPath,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A note or policy: Markdown or plain text.")],
    as_json: AsJson = False,
) -> None:
    """Keep a note or policy in the book, so that open questions can quote it."""
    from assistant.recall.notes import keep_note

    with opened(book) as kept_in:
        record = keep_note(kept_in, file, at=datetime.now(UTC))
    if as_json:
        print(json.dumps({"document": record.id, "name": record.name, "masked": record.masked}))
        return
    masked = f"; {record.masked} card numbers in it were masked" if record.masked else ""
    print(f"{record.name} is kept as document {record.id}{masked}.")


@recall_app.command()
def build(book: BookPath, as_json: AsJson = False) -> None:
    """Write and embed every summary of a book now, which is done as they are asked for otherwise."""
    with service(book) as built:
        count = built.recall().complete(
            say=lambda done: None if as_json else print(f"\r{done:,} embedded", end="", file=sys.stderr, flush=True)
        )
    print(json.dumps({"summaries": count}) if as_json else f"\n{count:,} summaries are written and embedded.")


@recall_app.command("eval")
def evaluate(
    book: Annotated[Path | None, typer.Argument(metavar="[BOOK]", help="The book's folder.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Over the sample book, made for this.")] = False,
    questions: Annotated[Path | None, typer.Option(help="A file of questions with what is right.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how often the right summary is the first hit, and how often among the first five."""
    if (book is None) == (not sample) or (book is not None and questions is None):
        raise typer.BadParameter("give --sample, or a BOOK and its --questions FILE")
    if book is not None:
        _evaluated(book, questions, as_json)
        return
    from assistant.recall.evaluation import make_sample_book

    with tempfile.TemporaryDirectory() as folder:
        _evaluated(make_sample_book(Path(folder)), questions, as_json)


def _evaluated(book: Path, questions: Path | None, as_json: bool) -> None:
    from assistant.ask.names import Names
    from assistant.ask.periods import Calendar
    from assistant.recall.evaluation import HITS, evaluate, read_questions
    from assistant.recall.narrowing import narrowing

    today, asked = read_questions(questions)
    with service(book) as over:
        recall, names = over.recall(), Names(over.figures)
        calendar = Calendar(today, over.book.settings.book.week_starts)
        recall.complete()
        scores = {
            "narrowed": evaluate(recall, over.book, asked, lambda text: narrowing(text, names, calendar)),
            "whole book": evaluate(recall, over.book, asked, None),
        }
    if as_json:
        print(json.dumps({where: {k: _told(s) for k, s in by.items()} for where, by in scores.items()}))
        return
    for where, by_kind in scores.items():
        for kind, score in by_kind.items():
            shares = ", ".join(f"recall@{hits} {score.at(hits):.3f}" for hits in HITS)
            print(f"{where:>10}  {kind:<12}  {score.asked:>4} questions  {shares}")
        for question in by_kind["all"].missed:
            print(f"{'missed:':>10}  {question}")


def _told(score: Score) -> dict[str, object]:
    return asdict(score)
