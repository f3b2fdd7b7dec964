"""``eval``: how good the answers are, over a file of questions with their truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, service


@app.command(name="eval")
def evaluate(
    book: BookPath,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Questions with what is expected, one JSON object a line.")
    ],
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also ask the three baselines, on the questions kept for validation.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the questions of a file and score the answers: right +1, none 0, a wrong stated figure -1."""
    from assistant.evaluation import ask_all, read_questions, report
    from assistant.evaluation.baselines import contest

    questions = read_questions(file)
    with service(book) as asked_of:
        asker = asked_of.asker
        asked = ask_all(
            questions, lambda one: asker.ask(one.question, today=one.today, conversation=one.conversation, id=one.id)
        )
        reports = {"interpreter": report(asked)}
        if baselines:
            reports |= contest(asked, asked_of.figures)
    if as_json:
        print(json.dumps({name: one.as_json() for name, one in reports.items()}, ensure_ascii=False))
        return
    for name, one in reports.items():
        print("\n".join(one.lines() if len(reports) == 1 else [f"== {name} ==", *one.lines(), ""]))
