"""The digest of a day: the queue in short, as an e-mail that lies in a file, or as JSON for a webhook.

Nothing is sent from here. Words of a till are data: they are escaped in the HTML part, and stand in no header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from assistant.flags.desk import SHORT, Desk
from assistant.flags.queue import Ranked
from assistant.flags.words import status_of, title_of
from ledger.errors import SettingsError
from ledger.money import display, to_major

LISTED_MAX = 20
SENDER = "tillproof@localhost"


@dataclass(frozen=True)
class Line:
    """A case in the digest. ``money`` is for people, ``money_at_risk`` a decimal text in major units."""

    id: str
    title: str
    reason: str
    status: str
    assignee: str
    money: str
    money_at_risk: str | None
    score: float
    days: int
    url: str


@dataclass(frozen=True)
class Digest:
    """What a day has in store. ``oldest_days`` is how long the oldest undecided case has been there; ``money`` is what
    is at risk in all of them, in the book's currency."""

    book: str
    name: str
    day: date
    queue: tuple[Line, ...]
    today: int
    closed: int
    beyond: int
    waiting: int
    suppressed: int
    oldest_days: int | None
    money: str
    currency: str
    url: str


def digest(desk: Desk, today: date, *, base_url: str) -> Digest:
    """The digest of a day; ``base_url`` is where the book's pages are."""
    business, currency = desk.book.settings.book, desk.book.currency
    worked, queue = desk.worked(), desk.queue(today)
    undecided = [*queue.today, *queue.waiting, *queue.beyond]
    at_risk = sum(one.money_minor or 0 for one in undecided)
    base = base_url.rstrip("/")
    return Digest(
        book=business.id,
        name=business.name,
        day=today,
        queue=tuple(_line(one, currency, business.locale, today, base) for one in queue.today[:LISTED_MAX]),
        today=len(queue.today),
        closed=queue.closed,
        beyond=len(queue.beyond),
        waiting=len(queue.waiting),
        suppressed=sum(len(one.flags) for one in worked.suppressions.values() if one.in_force(today)),
        oldest_days=max((_age(one, today) for one in undecided), default=None),
        money=display(at_risk, currency, business.locale),
        currency=currency,
        url=f"{base}/flags",
    )


def to_json(made: Digest) -> str:
    """The digest as one JSON object, for a webhook."""
    whole = {**vars(made), "day": made.day.isoformat(), "queue": [vars(one) for one in made.queue]}
    return json.dumps(whole, ensure_ascii=False)


def to_eml(made: Digest, *, sender: str | None, to: Sequence[str], at: datetime) -> bytes:
    """The digest as an e-mail (RFC 5322), text and HTML; the same digest has the same Message-ID.

    SettingsError where nobody is named whom it is for.
    """
    if not to:
        raise SettingsError("the digest is for nobody: set digest_to under [cases] in book.toml, or give --to")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender or SENDER
    message["To"] = ", ".join(to)
    message["Subject"] = " ".join(f"{made.name}: {_summary(made)}".split())
    message["Date"] = format_datetime(at)
    identity = hashlib.sha256(to_json(made).encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{identity}@tillproof.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(made))
    message.add_alternative(_html(made), subtype="html")
    message.set_boundary(f"=={identity}==")
    return message.as_bytes()


def _summary(made: Digest) -> str:
    return f"{made.today} {'case' if made.today == 1 else 'cases'} to look at, {made.money} at risk"


def _more(made: Digest) -> list[str]:
    """What else there is to say, a sentence each."""
    said = []
    if made.closed:
        said.append(f"{made.closed} closed today.")
    if made.waiting:
        said.append(f"{made.waiting} waiting for a store.")
    if made.beyond:
        said.append(f"{made.beyond} more for later days.")
    if made.oldest_days:
        said.append(f"The oldest has been open for {made.oldest_days} days.")
    if made.suppressed:
        said.append(f"{made.suppressed} flags are suppressed.")
    return said


def _text(made: Digest) -> str:
    rows = [
        f"{number}. {one.title}  {one.money}\n   {' '.join(one.reason.split())}\n   {one.url}"
        for number, one in enumerate(made.queue, start=1)
    ]
    cut = [f"and {made.today - len(made.queue)} more"] if made.today > len(made.queue) else []
    return "\n\n".join([f"{_summary(made)}.", *rows, *cut, " ".join(_more(made)), made.url]) + "\n"


def _html(made: Digest) -> str:
    rows = "".join(
        f'<tr><td><a href="{escape(one.url)}">{escape(one.title)}</a><br>{escape(one.reason)}</td>'
        f'<td align="right">{escape(one.money)}</td></tr>'
        for one in made.queue
    )
    return (
        f'<!doctype html><html lang="en"><body><p>{escape(_summary(made))}.</p>'
        f'<table cellpadding="6">{rows}</table><p>{escape(" ".join(_more(made)))}</p>'
        f'<p><a href="{escape(made.url)}">The queue</a></p></body></html>'
    )


def _line(one: Ranked, currency: str, locale: str, today: date, base: str) -> Line:
    return Line(
        id=one.case.id,
        title=title_of(one.case),
        reason=one.head.reason,
        status=status_of(one.case),
        assignee=one.case.assignee,
        money="" if one.money_minor is None else display(one.money_minor, currency, locale),
        money_at_risk=None if one.money_minor is None else str(to_major(one.money_minor, currency)),
        score=one.score,
        days=_age(one, today),
        url=f"{base}/flags/cases/{one.case.id[:SHORT]}",
    )


def _age(one: Ranked, today: date) -> int:
    """Days since a case was opened."""
    return max(0, (today - one.case.history[0].at.date()).days)
