"""Cases of flags: ``flags cases``, ``flags case``, ``flags verdict`` and what else a person does to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from zoneinfo import ZoneInfo

import typer

from assistant.cli.app import AsJson, BookPath, opened
from assistant.cli.flags import flags_app as group

if TYPE_CHECKING:
    from assistant.flags.desk import Desk
    from assistant.flags.queue import Ranked
    from ledger.cases.events import Outcome

_LISTS = ("today", "waiting", "beyond", "sampled", "gone", "all")
_OUTCOMES = ("loss", "error", "policy", "expected", "wrong-data", "duplicate")
_ISO = ["%Y-%m-%d"]

By = Annotated[str, typer.Option(help="In whose name.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@contextmanager
def _desk(path: Path) -> Iterator[tuple[Desk, date]]:
    """The cases of the book in a folder, and the date where the business is."""
    from assistant.flags.desk import Desk

    with opened(path) as book:
        yield Desk(book), datetime.now(ZoneInfo(book.settings.book.time_zone)).date()


@group.command()
def cases(
    book: BookPath,
    which: Annotated[str, typer.Option("--list", help=f"One of {', '.join(_LISTS)}.")] = "today",
    as_json: AsJson = False,
) -> None:
    """List the queue of today, or another list of cases, the most urgent first."""
    from assistant.flags.words import status_of, title_of

    if which not in _LISTS:
        raise typer.BadParameter(f"{which!r} is no list; choose one of {', '.join(_LISTS)}")
    with _desk(book) as (desk, today):
        queue = desk.queue(today)
        found: list[Ranked] = desk.ranked() if which == "all" else list(getattr(queue, which))
        currency = desk.book.currency
    if as_json:
        listed = [_told(one, currency) for one in found]
        print(json.dumps({"cases": listed, "a_day": queue.a_day, "closed_today": queue.closed}, default=str))
        return
    for one in found:
        print(f"{one.case.id[:12]}  {_money(one, currency):>12}  {_line(title_of(one.case))}  [{status_of(one.case)}]")
        print(f"              {_line(one.head.reason)}")
    print(
        f"{len(found)} cases; today {len(queue.today)} to look at, {queue.closed} of {queue.a_day} closed, "
        f"{len(queue.waiting)} waiting for a store, {len(queue.beyond)} for later"
    )


@group.command()
def case(
    book: BookPath,
    number: Annotated[str, typer.Argument(metavar="CASE", help="The case's number, or the beginning of it.")],
    as_json: AsJson = False,
) -> None:
    """Show one case: its flags, and all that happened to it."""
    from assistant.flags.words import status_of, title_of, what_happened

    with _desk(book) as (desk, _):
        one = desk.case(number)
        currency = desk.book.currency
    if as_json:
        events = [
            {"number": each.number, "kind": each.kind, "by": each.by, "at": each.at, **vars(each.event)}
            for each in one.case.history
        ]
        print(json.dumps(_told(one, currency) | {"found": one.flags, "events": events}, default=_plain))
        return
    print(f"{_line(title_of(one.case))}  [{status_of(one.case)}]  {_money(one, currency)}")
    for flag in one.flags:
        print(f"  {flag.score:.2f} {flag.kind}: {_line(flag.reason)}")
        print(f"       expected {_line(flag.expected)}; observed {_line(flag.observed)}")
    for each in one.case.history:
        words, text = what_happened(each.event)
        print(f"  {each.at:%Y-%m-%d %H:%M} {each.by} {_line(words)}{f': {_line(text)}' if text else ''}")


@group.command()
def verdict(
    book: BookPath,
    number: Annotated[str, typer.Argument(metavar="CASE", help="The case's number, or the beginning of it.")],
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help=f"One of {', '.join(_OUTCOMES)}.")],
    by: By = "",
    reason: Reason = "",
) -> None:
    """Close a case: confirmed (loss, error, policy) or dismissed (expected, wrong-data, duplicate)."""
    from assistant.flags.words import status_of, title_of
    from ledger.cases.events import Verdict

    if outcome not in _OUTCOMES:
        raise typer.BadParameter(f"{outcome!r} is no outcome; choose one of {', '.join(_OUTCOMES)}")
    with _desk(book) as (desk, _):
        found = desk.find(number)
        given = Verdict(cast("Outcome", outcome.replace("-", "_")), reason)
        desk.record(found.id, [given], by=by, at=datetime.now(UTC), seen=found.number)
        closed = desk.find(found.id)
    print(f"{_line(title_of(closed))}: {status_of(closed)}")


@group.command()
def attach(
    book: BookPath,
    number: Annotated[str, typer.Argument(metavar="CASE", help="The case's number, or the beginning of it.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of at most 10 MiB.")],
    by: By = "",
) -> None:
    """Attach a file to a case: it is kept as a document of the book, with card numbers masked."""
    from assistant.flags.attachments import BYTES_MAX
    from assistant.flags.attachments import attach as attach_file
    from ledger.errors import DocumentError

    try:
        with file.open("rb") as source:
            content = source.read(BYTES_MAX + 1)
    except OSError as error:
        raise DocumentError(f"{file} cannot be read: {error.strerror}") from None
    with _desk(book) as (desk, _):
        made = attach_file(desk, number, file.name, content, by=by, at=datetime.now(UTC))
    print(f"{_line(file.name)} is attached to the case {made.id[:12]}.")


@group.command()
def attachments(
    book: BookPath,
    number: Annotated[str, typer.Argument(metavar="CASE", help="The case's number, or the beginning of it.")],
    fetch: Annotated[str, typer.Option(metavar="DOCUMENT", help="Write this one to --out instead.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; a file that is there stays.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the files of a case, or save one of them."""
    from assistant.flags import attachments as files
    from ledger.errors import DocumentError

    if bool(fetch) != (out is not None):
        raise typer.BadParameter("--fetch and --out belong together")
    with _desk(book) as (desk, _):
        if fetch and out is not None:
            attachment, content = files.fetch(desk, number, fetch)
            try:
                with out.open("xb") as target:
                    target.write(content)
            except OSError as error:
                raise DocumentError(f"{out} cannot be written: {error.strerror}; choose another name") from None
            print(f"{out}: {_line(attachment.name)}, {len(content):,} bytes")
            return
        found = files.attachments(desk, number)
    if as_json:
        print(json.dumps({"attachments": [vars(one) for one in found]}, default=str))
        return
    for one in found:
        print(
            f"{one.document[:12]}  {one.size_bytes:>10,} bytes  {_line(one.name)}  ({one.by}, {one.at:%Y-%m-%d %H:%M})"
        )
    print(f"{len(found)} files")


@group.command()
def learn(
    book: BookPath,
    adopt: Annotated[bool, typer.Option("--adopt", help="Rank by what is learnt from here on.")] = False,
    revert: Annotated[bool, typer.Option("--revert", help="Take the last change back.")] = False,
    by: By = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Show how often each rule was right and what that teaches the ranking; adopt it, or take it back."""
    from assistant.flags import learn as learning

    if adopt and revert:
        raise typer.BadParameter("adopt or take back, not both")
    with _desk(book) as (desk, _):
        lesson = learning.lesson(desk.worked(), desk.book.currency)
        if adopt and lesson.proposal is not None:
            learning.adopt(desk, lesson.proposal, by=by, reason=reason, at=datetime.now(UTC))
        if revert:
            learning.take_back(desk, by=by, reason=reason, at=datetime.now(UTC))
        changes = len(desk.worked().weights.history)
    if as_json:
        print(json.dumps(vars(lesson) | {"changes": changes}, default=_plain))
        return
    for rule in lesson.rules:
        low, high = 100 * rule.precision.low, 100 * rule.precision.high
        print(
            f"{rule.kind:<32} {rule.precision.hits:>4} of {rule.precision.of:<4} confirmed ({low:.0f}-{high:.0f} %)  "
            f"weight {rule.weight:.2f}, learnt {rule.learnt:.2f}"
        )
    print(f"{lesson.confirmed} cases confirmed, {lesson.dismissed} dismissed, {changes} changes of the ranking")


@group.command()
def sample(
    book: BookPath,
    start: Annotated[datetime, typer.Option("--from", formats=_ISO, help="First business date.")],
    end: Annotated[datetime, typer.Option("--to", formats=_ISO, help="Last business date.")],
    by: By = "",
) -> None:
    """Draw five in a hundred of the tickets that nothing flagged, for review: it shows what is missed."""
    from assistant.flags import unflagged

    with _desk(book) as (desk, _):
        made = unflagged.draw(desk.book, start.date(), end.date(), by=by, at=datetime.now(UTC))
    print(
        f"{sum(one.kind == 'opened' for one in made)} tickets drawn; 'tillproof flags cases --list sampled' lists them"
    )


@group.command()
def digest(
    book: BookPath,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An e-mail where it ends in .eml, else JSON.")
    ] = None,
    to: Annotated[list[str] | None, typer.Option(help="Whom it is for, instead of [cases] digest_to.")] = None,
    url: Annotated[str, typer.Option(help="Where people open the book's pages.")] = "",
    webhook: Annotated[str, typer.Option(metavar="URL", help="Post it there as JSON.")] = "",
) -> None:
    """Write the digest of today's queue: an e-mail to be sent, JSON, or a message to a webhook."""
    from assistant.flags import digest as digests
    from assistant.settings import InstallationSettings

    with _desk(book) as (desk, today):
        installed = InstallationSettings()
        base = url or installed.public_url or f"http://{installed.host}:{installed.port}"
        made = digests.digest(desk, today, base_url=base)
        settings = desk.book.settings.cases
    if webhook:
        from assistant.outgoing.post import post

        post(webhook, digests.to_json(made).encode())
        print(f"posted: {made.today} to look at")
    if out is None:
        if not webhook:
            print(digests.to_json(made))
        return
    if out.suffix == ".eml":
        content = digests.to_eml(made, sender=settings.digest_from, to=to or settings.digest_to, at=datetime.now(UTC))
    else:
        content = digests.to_json(made).encode()
    out.write_bytes(content)
    print(f"{out}: {made.today} to look at")


def _told(one: Ranked, currency: str) -> dict[str, Any]:
    from assistant.flags.words import title_of
    from ledger.money import to_major

    case_, cause = one.case, one.case.cause
    return {
        "id": case_.id,
        "title": title_of(case_),
        "state": case_.state,
        "outcome": case_.outcome,
        "assignee": case_.assignee,
        "store": cause.store,
        "person": cause.person,
        "family": cause.family,
        "flags": len(one.flags),
        "money_at_risk": None if one.money_minor is None else str(to_major(one.money_minor, currency)),
        "currency": currency,
        "score": one.score,
        "chance": round(one.chance, 4),
        "reason": one.head.reason,
    }


def _line(text: str) -> str:
    """A text of a till or a person on one line of a terminal, without what steers one."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _money(one: Ranked, currency: str) -> str:
    from ledger.money import to_major

    return "-" if one.money_minor is None else f"{to_major(one.money_minor, currency)} {currency}"


def _plain(value: Any) -> Any:
    return vars(value) if hasattr(value, "__dict__") else str(value)
