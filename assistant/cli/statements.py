"""``statement``: trial balance, profit and loss, tax, roll-forwards, journal; as a table, CSV, XLSX or JSON."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, service
from ledger.errors import InputError

if TYPE_CHECKING:
    from ledger.statements import Cited, Section, Statement, StatementKind

_KINDS = ("trial-balance", "profit-and-loss", "tax", "tenders", "tips", "gift-cards", "journal")
_AGAINST = ("previous", "year")
_ISO = ["%Y-%m-%d"]


def _kind(given: str) -> str:
    if given not in _KINDS:
        raise typer.BadParameter(f"{given!r} is no statement; choose one of {', '.join(_KINDS)}")
    return given


def _against(given: str) -> str:
    if given and given not in _AGAINST:
        raise typer.BadParameter(f"{given!r} is no comparison; choose one of {', '.join(_AGAINST)}")
    return given


@app.command()
def statement(
    book: BookPath,
    kind: Annotated[str, typer.Argument(metavar="KIND", callback=_kind, help=f"One of {', '.join(_KINDS)}.")],
    start: Annotated[datetime | None, typer.Option("--from", formats=_ISO, help="First business date.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=_ISO, help="Last business date.")] = None,
    store: Annotated[list[str] | None, typer.Option(help="Only this store; can be given again.")] = None,
    against: Annotated[
        str, typer.Option(callback=_against, help="Compare with the 'previous' period or the 'year' before.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="COMMIT|DATE", help="As it was known at a commit, a day or a time.")
    ] = "",
    csv: Annotated[Path | None, typer.Option(help="Write it there as CSV.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write it there as XLSX.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a statement; exit status 1, after it, where one of its controls does not come to zero."""
    if sum((csv is not None, xlsx is not None, as_json)) > 1:
        raise typer.BadParameter("give one of --csv, --xlsx and --json")
    from assistant.statement_request import statement_plan
    from ledger.statements import as_csv, as_xlsx, run_statement

    with service(book) as asked_of:
        plan = statement_plan(
            asked_of.book,
            cast("StatementKind", kind),
            start=start.date() if start else None,
            end=end.date() if end else None,
            stores=tuple(store or ()),
            against=cast("Any", against),
            as_of=as_of,
        )
        made = run_statement(asked_of.figures, plan)
        locale = asked_of.book.settings.book.locale
    if csv is not None:
        _write(csv, as_csv(made))
    elif xlsx is not None:
        _write(xlsx, as_xlsx(made))
    elif as_json:
        from assistant.server.api.statements import StatementAnswer

        print(StatementAnswer.of(made).model_dump_json())
    else:
        print(_readable(made, locale))
    wrong = [one for one in made.controls if not one.agrees]
    if wrong:
        raise typer.Exit(complain(f"a control is off by {wrong[0].difference}: {wrong[0].sentence}"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; give another file") from None


def _readable(made: Statement, locale: str) -> str:
    """A statement as aligned text: names to the left, amounts to the right, a rule above each total."""
    lines = [f"{made.title}", f"{made.reading}; amounts in {made.currency}"]
    widest = max((len(row.label) for section in made.sections for row in section.rows), default=0)
    widths: dict[tuple[str, ...], list[int]] = {}  # sections of the same columns stand below each other
    for section in made.sections:
        texts = [[_text(cell, locale) for cell in row.cells] for row in section.rows]
        before = widths.get(section.columns, [0] * len(section.columns))
        columns = zip(before, section.columns, *texts, strict=True)
        widths[section.columns] = [max(least, *(len(text) for text in column)) for least, *column in columns]
    for section in made.sections:
        lines += ["", section.title, *_table(section, widest, widths[section.columns], locale)]
    if not made.sections:
        lines += ["", "Nothing was posted."]
    lines.append("")
    lines += [f"{'ok   ' if one.agrees else 'WRONG'}  {one.sentence}" for one in made.controls]
    return "\n".join([*lines, *(f"note   {note}" for note in made.notes)])


def _table(section: Section, widest: int, widths: list[int], locale: str) -> list[str]:
    rule = "  ".join([" " * widest, *("-" * width for width in widths)])

    def line(name: str, cells: list[str]) -> str:
        padded = (text.rjust(width) for text, width in zip(cells, widths, strict=True))
        return f"  {name.ljust(widest)}  {'  '.join(padded)}"

    lines = [line("", list(section.columns))]
    for row in section.rows:
        lines += [f"  {rule}"] if row.total and row is not section.rows[0] else []
        lines.append(line(row.label, [_text(cell, locale) for cell in row.cells]))
    return lines


def _text(cell: Cited | None, locale: str) -> str:
    from ledger.money import display_number

    if cell is None or cell.figure.value is None:
        return "-"
    text = display_number(cell.figure.value, locale)
    return f"{text}%" if cell.figure.unit == "%" else text
