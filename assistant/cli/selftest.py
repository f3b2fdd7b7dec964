"""``selftest``: kill, cut off, repeat, reorder and damage scratch books, and see whether every promise holds."""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.app import AsJson, app, complain

KILLS, CUTS, FLIPS = 20, 16, 100
"""How many of each there are when nothing is asked for: a minute's worth."""


@app.command()
def selftest(
    kill: Annotated[int, typer.Option(min=0, metavar="N", help="Kill a process that posts N times.")] = 0,
    power: Annotated[int, typer.Option(min=0, metavar="N", help="Damage a database N times behind its last sync.")] = 0,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Deliver everything 1 to 5 times at once.")] = False,
    reorder: Annotated[bool, typer.Option("--reorder", help="Deliver a small history in all its orders.")] = False,
    flips: Annotated[int, typer.Option(min=0, metavar="N", help="Change N single bits; verify must name each.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Draw the same chances again.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Make the scratch books on this disk, in a new folder in FOLDER.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try the ledger's promises on scratch books; with no kind of run named, a little of each. No real book is
    touched."""
    if sys.platform == "win32":
        raise typer.BadParameter("a self-test forks and kills processes as POSIX systems do; Windows has no such thing")
    from assistant.selftest import runs

    if not (kill or power or duplicate or reorder or flips):
        kill, power, flips, duplicate, reorder = KILLS, CUTS, FLIPS, True, True
    drawn = seed if seed is not None else secrets.randbelow(1_000_000)
    if not as_json:
        print(f"seed {drawn}", flush=True)
    outcomes = []
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillproof-selftest-", dir=folder)))
        for run in runs(place, seed=drawn, kills=kill, cuts=power, duplicates=duplicate, orders=reorder, bits=flips):
            outcomes.append(run())
            if not as_json:
                _print(outcomes[-1].sentence, outcomes[-1].problems, outcomes[-1].seconds)
    problems = [f"{one.kind}: {problem}" for one in outcomes for problem in one.problems]
    if as_json:
        print(json.dumps({"seed": drawn, "ok": not problems, "runs": [asdict(one) for one in outcomes]}))
    if problems:
        complain(f"{problems[0]} (seed {drawn}; {len(problems)} problems in all)")
        raise typer.Exit(1)


def _print(sentence: str, problems: tuple[str, ...], seconds: float) -> None:
    print(f"{'ok   ' if not problems else 'wrong'}  {sentence}, in {seconds:.0f} s", flush=True)
    for problem in problems:
        print(f"       {problem}")
