"""Questions about flags: "anything odd at the bar last week?", "why is ticket 1042 flagged?".

What is told is what the last scan found and people have not dismissed; nothing is looked for here. Every sentence cites
its flag, whose case has the tickets, entries and documents behind it.
"""

from __future__ import annotations

import re

from assistant.ask.answer import Answer, Cited, Table
from assistant.ask.reading import About, Trouble
from assistant.flags.desk import Desk
from assistant.flags.flag import Flag
from assistant.flags.queue import Ranked
from ledger.figures.describe import period_words

FLAGS_TOLD = 5
ROWS_MAX = 50


def flagged(about: About, desk: Desk) -> Answer:
    """The flags of some stores, people and dates, or of one ticket, the most urgent cases first."""
    cases = desk.ranked()
    if not cases:
        raise Trouble(
            "abstained",
            f"This book has no flags: none were found, or nobody has looked ('tillproof flags scan {desk.book.path}').",
        )
    found = [flag for case in cases if not _is_dismissed(case) for flag in case.flags if _is_asked(flag, about)]
    reading = f"flags, ticket {about.ticket}" if about.ticket else f"flags, {_scope(about)}"
    if not found:
        what = f"Ticket {about.ticket} has no flag" if about.ticket else "No flag was raised there"
        return Answer(status="answered", text=f"{what} that is still open.", reading=reading)
    told = found[:FLAGS_TOLD]
    sentences = [f"{flag.reason} [{number}]" for number, flag in enumerate(told, start=1)]
    more = f" {len(found) - len(told)} more are in the table and under Flags." if len(found) > len(told) else ""
    rows = [
        [
            flag.kind,
            flag.store or "",
            str(flag.business_date or ""),
            flag.cashier or "",
            flag.external_id or "",
            flag.reason,
        ]
        for flag in found[:ROWS_MAX]
    ]
    columns = ["kind", "store", "business_date", "cashier", "ticket", "reason"]
    return Answer(
        status="answered",
        text=" ".join(sentences) + more,
        reading=reading,
        citations=[
            Cited(id=number, kind="flag", ref=flag.id, url=f"/flags/flag/{flag.id}")
            for number, flag in enumerate(told, start=1)
        ],
        table=Table(columns=columns, rows=rows) if len(found) > 1 else None,
    )


def _is_dismissed(ranked: Ranked) -> bool:
    return ranked.gone or ranked.case.state == "dismissed"


def _is_asked(flag: Flag, about: About) -> bool:
    if about.ticket:
        return re.sub(r"[\W_]", "", (flag.external_id or "").casefold()) == about.ticket
    if about.names and flag.store not in about.names:
        return False
    if about.people and flag.cashier not in about.people:
        return False
    start, end, day = about.period.start, about.period.end, flag.business_date
    if start is None and end is None:
        return True
    return day is not None and (start is None or start <= day) and (end is None or day <= end)


def _scope(about: About) -> str:
    parts = [f"store {' or '.join(about.names)}"] if about.names else []
    parts += [f"cashier {' or '.join(about.people)}"] if about.people else []
    return ", ".join([*parts, period_words(about.period)])
