"""A statement as it is asked for, on the command line, at an address or in a form, as its plan."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import Period
from ledger.statements import STATEMENTS, StatementKind, StatementPlan

Against = Literal["", "previous", "year"]
"""What a period is compared with: nothing, the period before it, or the same dates a year before."""

COMMIT_DIGITS_MAX = 18


def statement_plan(
    book: Book,
    kind: StatementKind,
    *,
    start: date | None,
    end: date | None,
    stores: tuple[str, ...] = (),
    against: Against = "",
    as_of: str = "",
) -> StatementPlan:
    """The plan of a statement. PlanError says what does not go together."""
    if start and end and end < start:
        raise PlanError(f"the period ends ({end}) before it starts ({start})")
    if against and not STATEMENTS[kind].compares:
        raise PlanError(f"the {STATEMENTS[kind].title.lower()} compares no periods; ask for each by itself")
    if against and not (start and end):
        raise PlanError("a comparison needs a period with a first and a last day")
    return StatementPlan(
        kind=kind,
        period=Period(start=start, end=end),
        stores=stores,
        comparison=compared_with(start, end, against) if against and start and end else None,
        as_of=commit_as_of(book, as_of),
    )


def compared_with(start: date, end: date, against: Against) -> Period:
    """The period that another is compared with. Before whole months come as many whole months, before other days as
    many days."""
    try:
        if against == "year":
            return Period(start=_months_before(start, 12), end=_months_before(end, 12))
        last_of_month = monthrange(end.year, end.month)[1]
        if start.day == 1 and end.day == last_of_month:
            months = (end.year - start.year) * 12 + end.month - start.month + 1
            return Period(start=_months_before(start, months), end=start - timedelta(days=1))
        return Period(start=start - (end - start) - timedelta(days=1), end=start - timedelta(days=1))
    except (OverflowError, ValueError):
        raise PlanError(f"there is no period before {start} to compare with") from None


def _months_before(day: date, months: int) -> date:
    """The same day some months before; the last of that month where it has no such day, or ``day`` is the last."""
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    last = monthrange(year, month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month, last if is_last else min(day.day, last))


def commit_as_of(book: Book, text: str) -> int | None:
    """The commit that an as-of means; None for the present, where the text is empty.

    ``"12"`` is commit 12; ``"2026-10-31"`` the last one recorded by the end of that day where the business is, and
    ``"2026-10-31T12:00"`` the last one recorded by then, on the business's clock unless the text has an offset.
    Raises PlanError when the text is none of these.
    """
    given = text.strip()
    if not given:
        return None
    if given.isascii() and given.isdigit() and len(given) <= COMMIT_DIGITS_MAX:
        return int(given)
    zone = ZoneInfo(book.settings.book.time_zone)
    try:
        if len(given) == len("2026-10-31"):
            next_midnight = datetime.combine(date.fromisoformat(given) + timedelta(days=1), time(), zone)
            return book.head_at(next_midnight - timedelta(microseconds=1)).seq
        instant = datetime.fromisoformat(given)
        return book.head_at(instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)).seq
    except (ValueError, OverflowError):
        raise PlanError(
            f"{given[:40]!r} is no commit and no date; write as-of as 12, as 2026-10-31 or as 2026-10-31T12:00"
        ) from None
