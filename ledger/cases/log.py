"""The events of cases in truth: reading them back, and recording some as one commit of the book's chain.

Every function works on a connection whose transaction is its caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, insert, select

from ledger import tables as t
from ledger import writing
from ledger.cases.events import Filed, Recorded, Suppressed, kind_of, read, written
from ledger.cases.people import People
from ledger.cases.worked import Worked
from ledger.errors import CaseMoved
from ledger.reading import instant
from ledger.seals import case_payload

SUBJECTS_AT_ONCE = 500
Decide = Callable[[Worked], Sequence[Filed]]

_EVENTS = (
    select(*(t.case_events.c[name] for name in ("seq", "n", "subject", "number", "kind", "by", "detail")))
    .add_columns(t.commits.c.recorded_at)
    .join(t.commits, and_(t.commits.c.book_id == t.case_events.c.book_id, t.commits.c.seq == t.case_events.c.seq))
    .where(t.case_events.c.book_id == bindparam("book"))
    .order_by(t.case_events.c.seq, t.case_events.c.n)
)


def events(
    connection: Connection,
    book_id: str,
    *,
    after: int = 0,
    upto: int | None = None,
    subjects: Sequence[str] | None = None,
) -> list[Recorded]:
    """The events that commits after ``after`` up to ``upto`` recorded, in order; or all that are filed under
    ``subjects``."""
    if subjects is None:
        query = _EVENTS.where(t.case_events.c.seq > after)
        return _read(connection, query if upto is None else query.where(t.case_events.c.seq <= upto), book_id)
    found: list[Recorded] = []
    for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
        wanted = t.case_events.c.subject.in_(subjects[start : start + SUBJECTS_AT_ONCE])
        found += _read(connection, _EVENTS.where(wanted), book_id)
    return found


def record(
    connection: Connection,
    book_id: str,
    wanted: Sequence[Filed] | Decide,
    *,
    at: datetime,
    people: People,
    seen: Mapping[str, int],
) -> list[Recorded]:
    """Record events as one commit; what was recorded. See ``Book.record_cases``."""
    head = writing.locked_head(connection, book_id)
    if callable(wanted):
        worked = Worked(events(connection, book_id))
        filed: Sequence[Filed] = wanted(worked)
    else:
        filed = wanted
        cases = {one.event.case for one in filed if isinstance(one.event, Suppressed) and one.event.case}
        worked = Worked(events(connection, book_id, subjects=sorted({one.subject for one in filed} | cases)))
    for subject, number in seen.items():
        if worked.next_number(subject) != number + 1:
            raise CaseMoved("somebody has worked the case since it was shown; look at it again and decide then")
    if not filed:
        return []
    seq = head[0] + 1
    made = []
    for n, one in enumerate(filed):
        about = one.event.case if isinstance(one.event, Suppressed) else one.subject
        people.refuse(one.by, one.event, worked.cases.get(about or ""))
        new = Recorded(seq, n, one.subject, worked.next_number(one.subject), one.by, at, one.event)
        worked.add(new)
        made.append(new)
    sealed = [(one.n, one.subject, one.number, kind_of(one.event), one.by, written(one.event)) for one in made]
    names = ("n", "subject", "number", "kind", "by", "detail")
    rows = [dict(zip(names, row, strict=True), book_id=book_id, seq=seq) for row in sealed]
    connection.execute(insert(t.case_events), rows)
    writing.append_note(connection, book_id, head, at, case_payload(sealed))
    return made


def _read(connection: Connection, query: object, book_id: str) -> list[Recorded]:
    rows: Iterable[tuple[int, int, str, int, str, str, str, int]] = connection.execute(query, {"book": book_id})  # type: ignore[call-overload]
    return [
        Recorded(seq, n, subject, number, by, instant(at), read(kind, detail))
        for seq, n, subject, number, kind, by, detail, at in rows
    ]
