"""Commands for an auditor: ``verify``, ``checkpoint``, ``keygen``, ``prove``, ``verify-proof``, ``doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from assistant.cli.app import AsJson, BookPath, app, complain, opened
from ledger.errors import ProofError

if TYPE_CHECKING:
    from ledger.book import Book
    from ledger.proofs.checkpoint import Checkpoint
    from ledger.verify import Verification

PublicKey = Annotated[
    str | None,
    typer.Option("--key", metavar="PUBLIC", help="The public key that must have signed: a .pub file, or its hex."),
]


@app.command()
def verify(
    book: BookPath,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="COMMIT|DATE|CHECKPOINT",
            help="Replay only what came after that commit, the commits before that date, or that checkpoint file.",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="A checkpoint that was kept elsewhere: the book must still have it."),
    ] = None,
    key: PublicKey = None,
    as_json: AsJson = False,
) -> None:
    """Replay the book against its seals; name the first record that does not match."""
    if key is not None and against is None:
        raise typer.BadParameter("it says who signed a checkpoint, so it needs --against too", param_hint="--key")
    kept = _checkpoint(against) if against else None
    with opened(book) as audited:
        differences = _differences(audited, kept, key) if kept else []
        begin, since_problems = _since(audited, since)
        outcome = audited.verify(begin)
    problems = [*differences, *since_problems, *outcome.problems]
    if as_json:
        said = asdict(outcome) | {"problems": problems, "against": kept.seq if kept else None}
        print(json.dumps(said, default=str))
    elif problems:
        complain(problems[0])
    else:
        _say(outcome, kept, key)
    if problems:
        raise typer.Exit(1)


@app.command()
def keygen(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key goes: not into a book's folder.")],
    as_json: AsJson = False,
) -> None:
    """Make a key that signs checkpoints, and FILE.pub, which checks them."""
    from assistant import keys

    public = keys.make(file).hex()
    if as_json:
        print(json.dumps({"private_key": str(file), "public_key": public, "public_file": str(keys.public_path(file))}))
    else:
        print(f"Made the key {file}, for you alone, and {keys.public_path(file)}, for whoever checks: {public}")


@app.command()
def checkpoint(
    book: BookPath,
    key: Annotated[Path, typer.Option(metavar="FILE", help="The key that signs; 'tillproof keygen' makes one.")],
    out: Annotated[Path | None, typer.Option(help="Write it there instead of printing it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write down, signed, what the book is now. Keep it where nobody who can change the book can change it."""
    from assistant import keys

    signer = keys.private(key)
    with opened(book) as audited:
        made = audited.checkpoint().signed(signer)
    _write(made.json_text(), out)
    if out is not None and as_json:
        print(json.dumps(made.model_dump()))
    elif out is not None:
        print(f"Wrote {out}: commit {made.seq:,}, {made.entries:,} entries, {made.store_days:,} store-days.")


@app.command()
def prove(
    book: BookPath,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help="Its number at the till.")],
    source: Annotated[str | None, typer.Option(help="Of which source, where several have that number.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it there instead of printing it.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Prove that it was in the book that this checkpoint has, and put that in.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the proof of one ticket, all its versions with it: a file that can be checked without the book."""
    with opened(book) as audited:
        made = audited.prove(ticket, source, at=_checkpoint(checkpoint) if checkpoint else None)
    _write(made.json_text(), out)
    if out is not None and as_json:
        print(json.dumps(made.model_dump()))
    elif out is not None:
        print(f"Wrote {out}: {_in_words(len(made.versions), made.live)}, as of commit {made.book.seq:,}.")


@app.command("verify-proof")
def verify_proof(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'tillproof prove' wrote.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="A signed checkpoint of the book that the proof must lead to.")
    ] = None,
    key: PublicKey = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof without the book: compute everything anew from what can be read in it."""
    from assistant import keys
    from ledger.proofs.check import check
    from ledger.proofs.receipt import read

    proof = read(_read(file), str(file))
    kept = _checkpoint(checkpoint) if checkpoint else None
    problems = check(proof, checkpoint=kept, public_key=keys.public(key) if key else None)
    if as_json:
        said = {
            "ok": not problems, "problems": problems, "source": proof.source, "ticket": proof.external_id,
            "versions": len(proof.versions), "live": proof.live, "book": proof.book.book, "seq": proof.book.seq,
            "hash": proof.book.hash, "root": proof.book.root,
        }  # fmt: skip
        print(json.dumps(said))
    elif problems:
        complain(problems[0])
    else:
        print(f"The proof holds: ticket {proof.external_id}, {_in_words(len(proof.versions), proof.live)}.")
        print(_bound_to(proof.book, kept, key))
    if problems:
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


def _say(outcome: Verification, kept: Checkpoint | None, key: str | None) -> None:
    counted = f"{outcome.commits:,} commits, {outcome.entries:,} entries, {outcome.documents:,} documents"
    if outcome.since:
        print(
            f"Verified since commit {outcome.since:,}: {counted}; every seal and document matches. Not checked: the "
            f"commits up to {outcome.since:,}, whose link was trusted, the documents kept before, and of the balances "
            "more than that their debits and credits are equal."
        )
    else:
        print(f"Verified: {counted}; every seal, balance and document matches.")
    if kept is not None and kept.public_key is not None:
        by = "the key that was given" if key else f"the key {kept.public_key[:16]} (say whose it must be with --key)"
        print(f"The book still has what the checkpoint of commit {kept.seq:,} has, which is signed with {by}.")


def _differences(book: Book, kept: Checkpoint, key: str | None) -> list[str]:
    """What is wrong with a checkpoint; where nothing is, how the book differs from it."""
    from assistant import keys
    from ledger.proofs.checkpoint import flaws

    return flaws(kept, public_key=keys.public(key) if key else None) or book.compare(kept)


def _since(book: Book, given: str | None) -> tuple[int, list[str]]:
    """The commit that ``--since`` means, and what is wrong with it."""
    if given is None:
        return 0, []
    if given.isdecimal():
        return int(given), []
    try:
        day = date.fromisoformat(given)
    except ValueError:
        kept = _checkpoint(Path(given))
        return kept.seq, _differences(book, kept, None)
    return book.commit_before(datetime.combine(day, time(), ZoneInfo(book.settings.book.time_zone))), []


def _in_words(versions: int, live: int | None) -> str:
    if live is None:
        return f"{versions} versions, none in force" if versions > 1 else "reversed, and no longer in force"
    return f"{versions} versions, version {live} in force" if versions > 1 else "one version, in force"


def _bound_to(book: Checkpoint, kept: Checkpoint | None, key: str | None) -> str:
    """What a proof that holds says about the book, and what it leaves open."""
    where = f"the book {book.book} after commit {book.seq:,}"
    signed = kept or book
    if signed.public_key is None:
        return (
            f"It leads to the root {book.root[:16]} of {where}. Nobody has signed that: compare it with a checkpoint "
            "(--checkpoint) that you have kept."
        )
    by = "the key that was given" if key else f"the key {signed.public_key[:16]} (say whose it must be with --key)"
    return f"It leads to {where}, which is signed with {by}."


def _checkpoint(path: Path) -> Checkpoint:
    from ledger.proofs.checkpoint import read

    return read(_read(path), str(path))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProofError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProofError(f"{path} is not a text file") from None


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProofError(f"{out} cannot be written: {error.strerror}") from None
