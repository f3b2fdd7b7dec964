"""Commands for an auditor: ``verify``, ``doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened


@app.command()
def verify(book: BookPath, as_json: AsJson = False) -> None:
    """Replay the whole book against its seals; name the first record that does not match."""
    with opened(book) as audited:
        outcome = audited.verify()
    if as_json:
        print(json.dumps(asdict(outcome), default=str))
    elif outcome.ok:
        print(
            f"Verified: {outcome.commits:,} commits, {outcome.entries:,} entries, {outcome.documents:,} documents; "
            "every seal, balance and document matches."
        )
    else:
        complain(outcome.problems[0])
    if not outcome.ok:
        raise typer.Exit(1)


@app.command()
def doctor(book: BookPath) -> None:
    """Say what this installation and this book rest on, and what is wrong with either."""
    from assistant.doctor import examine

    findings = examine(book)
    for finding in findings:
        print(f"{'ok   ' if finding.ok else 'wrong'}  {finding.what}: {finding.sentence}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
