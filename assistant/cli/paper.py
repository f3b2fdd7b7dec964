"""Documents on paper: ``paper list``, ``paper show``, ``paper confirm``, ``paper reject``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened, service

if TYPE_CHECKING:
    from assistant.papers import ShownPaper

paper_app = typer.Typer(
    help="Z-reports, receipts and invoices on paper: what was read of them, and a person's word.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(paper_app, name="paper")

Document = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, or the beginning of it.")]
By = Annotated[str, typer.Option(help="In whose name.")]


@paper_app.command("list")
def list_(book: BookPath, as_json: AsJson = False) -> None:
    """List the documents on paper, and what became of each."""
    from assistant.papers import papers

    with opened(book) as asked:
        found = papers(asked)
    if as_json:
        listed = [
            {"document": one.record.id, "name": one.record.name, "status": one.status, "sentence": one.sentence}
            for one in found
        ]
        print(json.dumps({"papers": listed}))
        return
    for one in found:
        print(f"{one.record.id[:12]}  {one.status:<8} {one.sentence}")
    if not found:
        print("There are no documents on paper.")


@paper_app.command()
def show(book: BookPath, document: Document, as_json: AsJson = False) -> None:
    """Show what was read of a document, how surely, and, of a Z-report, how it agrees with its day's tickets."""
    from assistant.papers import find, record_of, shown

    with service(book) as asked:
        one = shown(asked.book, asked.figures, find(asked.book, document))
    if as_json:
        print(json.dumps(record_of(one), default=str))
        return
    print(f"{one.listed.record.name}: {one.listed.status}. {one.listed.sentence}")
    _print_fields(one)
    for check in one.paper.checks:
        print(f"  {'holds  ' if check.holds else 'DIFFERS'} {check.sentence}")
    if one.reconciled is not None:
        print(one.reconciled.sentence)


@paper_app.command()
def confirm(
    book: BookPath,
    document: Document,
    by: By,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field that was read wrongly, such as total=12.50."),
    ] = None,
) -> None:
    """Confirm a document as it was read, but for the fields that are set: a receipt posts."""
    from assistant.papers import find
    from ingest.paper.decide import confirm as confirm_paper
    from ingest.paper.decide import read_paper

    changed = {}
    for one in set_ or []:
        name, equals, value = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"{one!r} is not FIELD=VALUE", param_hint="--set")
        changed[name.strip()] = value
    with opened(book) as decided:
        record = find(decided, document)
        values = read_paper(decided, record).values | changed
        report = confirm_paper(decided, record, values, by=by, at=datetime.now(UTC))
    held = next((one.reason for one in report.held if one.disposition == "quarantined"), None)
    if held is not None:
        complain(f"it is confirmed, but the book holds it: {held}")
        raise typer.Exit(1)
    became = "it is posted" if report.posted else "it was posted before" if report.duplicates else "it posts nothing"
    print(f"Confirmed in the name of {by}; {became}.")


@paper_app.command()
def reject(book: BookPath, document: Document, by: By, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Reject a document: nothing of it is posted, and it waits no more."""
    from assistant.papers import find
    from ingest.paper.decide import reject as reject_paper

    with opened(book) as decided:
        reject_paper(decided, find(decided, document), reason, by=by, at=datetime.now(UTC))
    print(f"Rejected in the name of {by}.")


def _print_fields(one: ShownPaper) -> None:
    for field in one.paper.fields:
        value = one.values.get(field.name, "")
        read = "" if value == field.value else f" (read as {field.value})"
        print(f"  {field.name:<18} {value}{read}  {field.confidence:.0%}, page {field.page}")
