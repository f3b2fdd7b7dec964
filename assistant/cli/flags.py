"""What looks wrong in a book: ``flags scan``, ``flags export``."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.app import AsJson, BookPath, app, opened

SHOWN_MAX = 20

flags_app = typer.Typer(
    help="What looks wrong in a book, and what became of it.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(flags_app, name="flags")


@flags_app.command()
def scan(book: BookPath, as_json: AsJson = False) -> None:
    """Look through the whole book, list what looks wrong, the likeliest first, and take it into the book's cases."""
    from assistant.flags.look import look

    begin = time.perf_counter()
    with opened(book) as asked:
        found, _ = look(asked, at=datetime.now(UTC))
    seconds = time.perf_counter() - begin
    levels = Counter(one.level.value for one in found.flags)
    if as_json:
        told = [asdict(one) for one in found.flags]
        print(json.dumps({"flags": told, "notes": found.notes, "levels": levels, "seconds": seconds}, default=str))
        return
    for one in found.flags[:SHOWN_MAX]:
        money = "" if one.money_minor is None else f"  {_money(one.money_minor, one.currency)}"
        print(
            f"{one.score:.2f}{'!' if one.certain else ' '} {one.level.value:<11} {one.kind}{money}\n      {one.reason}"
        )
    if len(found.flags) > SHOWN_MAX:
        print(
            f"and {len(found.flags) - SHOWN_MAX:,} more; 'tillproof flags export {book} --out FILE.csv' lists them all"
        )
    counts = ", ".join(f"{count:,} {level.replace('_', '-')}" for level, count in sorted(levels.items()))
    print(f"{len(found.flags):,} flags ({counts or 'none'}), in {seconds:.1f} s")
    for note in found.notes:
        print(note, file=sys.stderr)


@flags_app.command()
def export(
    book: BookPath,
    out: Annotated[Path, typer.Option(metavar="FILE.csv", help="The file to write.")],
    as_json: AsJson = False,
) -> None:
    """Write all flags as CSV, the likeliest first."""
    from assistant.flags.export import to_csv
    from assistant.flags.scan import scanned

    with opened(book) as asked:
        found = scanned(asked)
    out.write_text(to_csv(found.flags), encoding="utf-8")
    if as_json:
        print(json.dumps({"flags": len(found.flags), "file": str(out)}))
        return
    print(f"{len(found.flags):,} flags are in {out}.")
    for note in found.notes:
        print(note, file=sys.stderr)


def _money(amount: int, currency: str | None) -> str:
    from ledger.money import to_major

    assert currency is not None, "money has a currency"
    return f"{to_major(amount, currency):,} {currency}"
