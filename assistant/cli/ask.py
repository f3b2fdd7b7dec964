"""``ask``: a question, or a file of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, service
from ledger.errors import SettingsError

if TYPE_CHECKING:
    from assistant.ask import Answer
    from assistant.ask.answer import Offer
    from assistant.known_on import KnownOn
    from assistant.service import Service


@app.command()
def ask(
    book: BookPath,
    question: Annotated[str | None, typer.Argument(help="A question in plain language.")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that 'yesterday' is relative to.")
    ] = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="COMMIT|DATE", help="As it was known at a commit, a day or a time.")
    ] = "",
    conversation: Annotated[str | None, typer.Option(help="Name of the conversation that this continues.")] = None,
    batch: Annotated[Path | None, typer.Option(help="Questions, one JSON object a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers to --batch go.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question, or with --batch a file of them."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give a QUESTION or --batch FILE")
    if (batch is None) != (out is None):
        raise typer.BadParameter("--batch and --out go together")
    from assistant.known_on import known_on

    with service(book) as asked_of:
        known = known_on(asked_of.book, as_of)
        if question is not None:
            day = today.date() if today else asked_of.today()
            answer = asked_of.asker.ask(question, today=day, conversation=conversation, as_of=known)
            print(answer.model_dump_json(exclude_none=True) if as_json else _readable(answer))
        elif batch is not None and out is not None:
            with out.open("w", encoding="utf-8") as lines:
                for asked in _questions(batch):
                    lines.write(_answer_line(asked_of, asked, known) + "\n")


def _questions(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            asked["today"] = date.fromisoformat(asked["today"]) if asked.get("today") else None
            if not isinstance(asked["question"], str):
                raise TypeError("'question' is not a text")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"{path} line {number}: not a question ({error}); a line is a JSON object with id, question and today"
            ) from None
        yield asked


def _answer_line(service: Service, asked: dict[str, Any], known: KnownOn | None) -> str:
    if asked.get("conversation") is not None and str(asked.get("turn", "")) in ("0", "1"):
        service.asker.conversations.forget(str(asked["conversation"]))
    answer = service.asker.ask(
        asked["question"],
        today=asked["today"] or service.today(),
        conversation=asked.get("conversation"),
        id=None if asked.get("id") is None else str(asked["id"]),
        as_of=known,
    )
    return answer.model_dump_json(exclude_none=True)


def _readable(answer: Answer) -> str:
    parts = [answer.text]
    if answer.table is not None:
        rows = [answer.table.columns, *answer.table.rows]
        widths = [max(len(str(row[i])) for row in rows) for i in range(len(answer.table.columns))]
        parts += ["  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    if answer.reading:
        parts.append(f"Read as: {answer.reading}")
    given = [_given(offer) for offer in answer.offers] or [""] * len(answer.choices)
    parts += [f"  {n}. {choice}{gives}" for n, (choice, gives) in enumerate(zip(answer.choices, given, strict=True), 1)]
    return "\n".join(parts)


def _given(offer: Offer) -> str:
    """What a choice would give: ``: 12.50 USD, 3 tickets``."""
    if offer.tickets is None:
        return ""
    figure = f"{offer.figure.value} {offer.figure.unit}, " if offer.figure else ""
    rows = f"{offer.rows:,} rows, " if offer.rows != 1 and not figure else ""
    return f": {figure}{rows}{offer.tickets:,} ticket{'s' if offer.tickets != 1 else ''}"
