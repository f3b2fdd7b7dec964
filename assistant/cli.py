"""The command line: thin commands over the floors below. Exit status 0 done, 1 a problem said in one line, 2 wrong
usage.

Heavy libraries are imported inside the commands that need them, so that ``--help`` and ``ingest`` start at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import SettingsError, TillproofError

if TYPE_CHECKING:
    from assistant.ask import Answer
    from assistant.service import Service
    from ledger.batch import Held

HELD_SHOWN_MAX = 20

app = typer.Typer(
    name="tillproof",
    help="From a till's export to answers whose every figure opens down to the line it came from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

BookPath = Annotated[Path, typer.Argument(metavar="BOOK", help="The book's folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Entry point: a TillproofError becomes one line on stderr and exit status 1."""
    try:
        app()
    except TillproofError as error:
        sys.exit(_complain(str(error)))
    except KeyboardInterrupt:
        _complain("interrupted; what was committed stays, and the same command completes the rest")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


@app.command()
def init(
    book: BookPath,
    name: Annotated[str | None, typer.Option(help="Name of the business.")] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "USD",
    time_zone: Annotated[str, typer.Option(help="IANA zone of the stores.")] = "UTC",
) -> None:
    """Make a new, empty book."""
    from ledger.book import Book
    from ledger.settings import parse, slug

    title = name or book.resolve().name
    settings = parse({"book": {"id": slug(title), "name": title, "currency": currency.upper(), "time_zone": time_zone}})
    Book.create(book, settings.book).close()
    print(f"Made the book {book}. Its settings are in {book / 'book.toml'}; next: tillproof ingest {book} FILE")


@app.command()
def ingest(
    book: BookPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="One file, or the files of one set.")],
    source: Annotated[str, typer.Option(help="Name of the till or system that the files come from.")] = "till",
    mapping: Annotated[
        Path | None,
        typer.Option(help="How to read the files; remembered for the source. 'tillproof map' drafts one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take export files into the book; what was taken before is not posted again."""
    from ingest.pipeline import take
    from ledger.book import Book

    opened = Book.open(book)
    try:
        with _progress(as_json) as on_commit:
            report = take(opened, files, source=source, mapping=mapping, at=datetime.now(UTC), on_commit=on_commit)
    finally:
        opened.close()
    counts = {
        key: getattr(report, key)
        for key in ("documents", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "seconds")
    }
    if as_json:
        print(json.dumps(counts))
        return
    print(
        "{records:,} records = {posted:,} posted + {duplicates:,} already there + {versions:,} new versions "
        "+ {quarantined:,} quarantined + {ignored:,} ignored, in {seconds:.1f} s".format(**counts)
    )
    for note in report.notes:
        print(note)
    _print_held(report.held, report.quarantined + report.ignored)


@app.command("map")
def map_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="One flat file, or the files of one set.")],
    out: Annotated[Path | None, typer.Option(help="Write the draft there instead of printing it.")] = None,
) -> None:
    """Draft a mapping by looking at the headers and values of files."""
    from ingest.draft import draft

    text, notes = draft(files)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
    for note in notes:
        print(note, file=sys.stderr)


@app.command()
def held(book: BookPath) -> None:
    """List what is quarantined: why, and where in which document."""
    from ledger.book import Book

    opened = Book.open(book)
    try:
        rows = opened.held()
    finally:
        opened.close()
    _print_held(rows, len(rows))
    if not rows:
        print("Nothing is held.")


@app.command()
def release(book: BookPath) -> None:
    """Take the documents of held tickets again, after a mapping, a rule or a setting was mended."""
    from ingest.hold import release as release_held
    from ledger.book import Book

    opened = Book.open(book)
    try:
        report = release_held(opened, at=datetime.now(UTC))
    finally:
        opened.close()
    print(f"{report.posted + report.versions:,} posted; {report.quarantined:,} still held.")
    _print_held(report.held, report.quarantined)


@app.command()
def ask(
    book: BookPath,
    question: Annotated[str | None, typer.Argument(help="A question in plain language.")] = None,
    today: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day that 'yesterday' is relative to.")
    ] = None,
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
    with _service(book) as service:
        if question is not None:
            day = today.date() if today else service.today()
            answer = service.asker.ask(question, today=day, conversation=conversation)
            print(answer.model_dump_json(exclude_none=True) if as_json else _readable(answer))
        elif batch is not None and out is not None:
            with out.open("w", encoding="utf-8") as lines:
                for asked in _questions(batch):
                    lines.write(_answer_line(service, asked) + "\n")


@app.command()
def serve(
    book: BookPath,
    host: Annotated[str | None, typer.Option(help="Address to listen on; TILLPROOF_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; TILLPROOF_PORT.")] = None,
) -> None:
    """Open the pages and the API of a book."""
    from assistant.server.run import serve as run_server
    from assistant.settings import InstallationSettings

    given: dict[str, Any] = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    run_server(book, InstallationSettings(**given).checked())


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the sample files and their book go.")] = Path("tillproof-demo"),
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Make a sample book, once, by the ordinary path, and open it."""
    from assistant.demo import prepare

    serve(prepare(folder, datetime.now(UTC), say=print), host=host, port=port)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where the export files go.")],
    tickets: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many tickets, about.")] = 25_000,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days of trade.")] = 120,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of trade.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 7,
    layout: Annotated[str, typer.Option(help="demo (both layouts), flat or set.")] = "demo",
) -> None:
    """Write export files of a made-up group of stores, as tills write them."""
    from assistant.sample import DEFAULT_END, write

    last = end.date() if end else DEFAULT_END
    report = write(folder, days=days, tickets=tickets, seed=seed, end=last, layout=layout)
    print(f"{report.tickets:,} tickets in {len(report.files)} files under {folder}")


@app.command()
def verify(book: BookPath, as_json: AsJson = False) -> None:
    """Replay the whole book against its seals; name the first record that does not match."""
    from ledger.book import Book

    opened = Book.open(book)
    try:
        outcome = opened.verify()
    finally:
        opened.close()
    if as_json:
        print(json.dumps(asdict(outcome), default=str))
    elif outcome.ok:
        print(
            f"Verified: {outcome.commits:,} commits, {outcome.entries:,} entries, {outcome.documents:,} documents; "
            "every seal, balance and document matches."
        )
    else:
        _complain(outcome.problems[0])
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


@contextmanager
def _service(path: Path) -> Iterator[Service]:
    from assistant.service import Service
    from assistant.settings import InstallationSettings

    service = Service.open(path, InstallationSettings())
    try:
        yield service
    finally:
        service.close()


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Any], None] | None]:
    """A running count on a terminal's stderr, and nothing anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    done = 0

    def show(commit: Any) -> None:
        nonlocal done
        done += commit.records
        print(f"\r{done:,} records", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


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


def _answer_line(service: Service, asked: dict[str, Any]) -> str:
    answer = service.asker.ask(
        asked["question"],
        today=asked["today"] or service.today(),
        conversation=asked.get("conversation"),
        id=None if asked.get("id") is None else str(asked["id"]),
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
    parts += [f"  {number}. {choice}" for number, choice in enumerate(answer.choices, start=1)]
    return "\n".join(parts)


def _print_held(rows: Any, total: int) -> None:
    for row in rows[:HELD_SHOWN_MAX]:
        _print_one_held(row)
    if total > HELD_SHOWN_MAX:
        print(f"  ... and {total - HELD_SHOWN_MAX:,} more: tillproof held BOOK")


def _print_one_held(row: Held) -> None:
    print(f"  {row.disposition}: {row.reason}")


def _complain(sentence: str) -> int:
    print(f"tillproof: {' '.join(sentence.split())}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
