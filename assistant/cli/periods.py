"""``period``: what is open, soft-closed and locked, and changing it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from assistant.cli.app import AsJson, BookPath, app, opened
from ledger.periods import BEGINNING, State

CHANGES: dict[str, State] = {"close": "soft_closed", "lock": "locked", "open": "open"}
WORDS: dict[State, str] = {"open": "open", "soft_closed": "soft-closed", "locked": "locked"}


@app.command()
def period(
    book: BookPath,
    change: Annotated[
        str | None, typer.Argument(metavar="[close|lock|open]", help="Soft-close, lock or open; without it, list.")
    ] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First business date.")] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last business date.")] = None,
    by: Annotated[str, typer.Option(help="In whose name.")] = "",
    reason: Annotated[str, typer.Option(help="Why; needed to open what was closed.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the periods that are not open, or change one. What is late for a locked one is posted after it."""
    if change is not None and change not in CHANGES:
        raise typer.BadParameter(f"{change!r} is none of {', '.join(CHANGES)}")
    if change is not None and end is None:
        raise typer.BadParameter("say up to which business date with --to")
    with opened(book) as of:
        if change is not None and end is not None:
            first = start.date() if start else BEGINNING
            of.change_period(first, end.date(), CHANGES[change], by=by, reason=reason, at=datetime.now(UTC))
        periods = of.periods()
    spans = periods.spans()
    if as_json:
        listed = [{"from": first, "to": last, "state": state} for first, last, state in spans]
        print(json.dumps({"periods": listed, "changes": [asdict(one) for one in periods.changes]}, default=_text))
        return
    for first, last, state in spans:
        print(f"{_stretch(first, last)}  {WORDS[state]}")
    if not spans:
        print("Every period is open.")
    for one in periods.changes:
        why = f": {one.reason}" if one.reason else ""
        print(f"  {one.at:%Y-%m-%d %H:%M} {one.by} made {_stretch(one.start, one.end)} {WORDS[one.state]}{why}")


def _stretch(first: date, last: date) -> str:
    return f"up to {last}" if first == BEGINNING else f"{first} to {last}"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
