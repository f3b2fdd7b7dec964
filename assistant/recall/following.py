"""Which summaries are kept, and which of them a commit touches: those of figures, and those of flags.

The shelf follows the figures by sequence number. A commit touches store-days; from them follow the days, weeks and
months whose figures change, and the later ones to which these are history ("the median of the Saturdays before"). Few
are written anew at once. Many (a first export, an old year) are left *pending* by month and store, and are written
when a search wants them, the latest first, or in the background.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.flags.desk import Desk
from assistant.recall.flagged import flag_summaries
from assistant.recall.sheets import DAY, month_end, month_start
from assistant.recall.shelf import Shelf, unit_of
from assistant.recall.summaries import HISTORY_MONTHS, HISTORY_WEEKS, VERSION, SummaryWriter
from assistant.recall.wording import Kind, Summary
from ledger.figures import Figures, Period

STORE_DAYS_MAX = 1500
"""A search has no more store-days than this written before it answers, and says which it looked at; the latest month
is always among them."""
BY_WEEK: tuple[Kind, ...] = ("week", "cashier_week", "ticket")
BY_MONTH: tuple[Kind, ...] = ("month", "item_month")
DAYS_OF_MONTH = 30

StoreDay = tuple[str, date]


@dataclass(frozen=True)
class Piece:
    """Summaries of some kinds and stores whose day, week or month opens between two dates, to be written together."""

    kinds: tuple[Kind, ...]
    stores: tuple[str, ...]
    first: date
    last: date


class Following:
    """Keeps a shelf in step with the figures, and with the cases."""

    def __init__(self, figures: Figures, shelf: Shelf) -> None:
        self._figures = figures
        self._shelf = shelf
        self._writer = SummaryWriter(figures)
        self._desk = Desk(figures.book)

    def catch_up(self) -> None:
        """Take up the commits that the figures have and the shelf has not; a shelf of another history, of other
        settings or of another version of the summaries is begun anew."""
        seq, span, identity = self._figures.seq, self._figures.span(), self._identity()
        before = int(self._shelf.about("seq") or 0)
        if self._shelf.about("identity") != identity or not self._has_commit(before):
            self._begin(seq, span, identity)
        elif before != seq:
            touched = self._touched(before)
            touched |= self._at_the_edges(span)
            if len(touched) > STORE_DAYS_MAX:
                self._postpone(touched, span)
            else:
                self._rewrite(touched, span)
            with self._shelf.changing():
                self._tell(seq, span)

    def follow_cases(self) -> None:
        """Write the summaries of the cases that were worked since the last look, or got another flag, anew."""
        worked = self._desk.worked()
        before = int(self._shelf.about("cases_seq") or 0)
        if worked.seq == before:
            return
        touched = {one.subject for one in self._figures.book.case_events(after=before)}
        stale = [id_ for id_ in self._shelf.ids("flag") if id_.rpartition("|")[2] in touched]
        with self._shelf.changing():
            self._shelf.drop_ids(stale)
            for subject in sorted(touched & set(worked.cases)):
                self._shelf.put(flag_summaries(worked.cases[subject]))
            self._shelf.say(cases_seq=str(worked.seq))

    def bring_up(self, stores: Sequence[str], period: Period) -> Period:
        """Have what is pending of some stores (all, when none is named) within a period written, as far as the bound
        goes; the period that is covered then, no longer than the book."""
        self.catch_up()
        span = self._figures.span()
        if span is None or span.start is None or span.end is None:
            return period
        start, end = max(period.start or span.start, span.start), min(period.end or span.end, span.end)
        if end < start:
            return period
        written = 0
        for month, names in self._pending(stores, start, end):
            if written and written + len(names) * DAYS_OF_MONTH > STORE_DAYS_MAX:
                return Period(start=max(start, month_start(month, 1)), end=end)
            self._write_month(month, names)
            written += len(names) * DAYS_OF_MONTH
        return Period(start=start, end=end)

    def step(self) -> bool:
        """Write the latest of what is pending, of as many stores as the bound allows; False when nothing is."""
        self.catch_up()
        for month, names in self._pending((), date.min, date.max):
            self._write_month(month, names[: max(1, STORE_DAYS_MAX // DAYS_OF_MONTH)])
            return True
        return False

    # ----------------------------------------------------------------------------------------------------------------

    def _identity(self) -> str:
        """What every summary depends on beside the commits."""
        settings = self._figures.book.settings
        aliases = {name: list(store.aliases) for name, store in sorted(settings.stores.items())}
        business = settings.book
        return json.dumps([VERSION, business.id, business.locale, business.week_starts, aliases])

    def _has_commit(self, seq: int) -> bool:
        return seq == 0 or self._figures.book.hash_of(seq) == self._shelf.about("head")

    def _begin(self, seq: int, span: Period | None, identity: str) -> None:
        model = {name: self._shelf.about(name) for name in ("model", "generation", "dimensions")}
        with self._shelf.changing():
            self._shelf.clear()
            self._shelf.say(identity=identity, **model)
            self._shelf.set_pending((month, store) for month in self._months(span) for store in self._stores())
            self._tell(seq, span)

    def _tell(self, seq: int, span: Period | None) -> None:
        head = "" if seq == 0 else self._figures.book.hash_of(seq) or ""
        first, last = (str(span.start), str(span.end)) if span else ("", "")
        self._shelf.say(seq=str(seq), head=head, first=first, last=last)

    def _stores(self) -> tuple[str, ...]:
        return self._figures.values("store")

    def _months(self, span: Period | None) -> list[str]:
        """The months in which a day, week or month of a span opens."""
        if span is None or span.start is None or span.end is None:
            return []
        month, made = month_start(self._writer.week_start(span.start)), []
        while month <= span.end:
            made.append(f"{month:%Y-%m}")
            month = month_start(month, 1)
        return made

    def _touched(self, after: int) -> set[StoreDay]:
        """The store-days that have entries, or reversals of entries, of later commits."""
        found: set[StoreDay] = set()
        for name in ("tickets", "events"):
            table = self._figures.table(name)
            new = (table.seq > after) | (table.reversed_seq.fill_null(0) > after)
            rows = self._figures.rows(table.filter(new).select("store", "business_date").distinct())
            found |= {(row["store"], row["business_date"]) for row in rows if row["store"] and row["business_date"]}
        return found

    def _at_the_edges(self, span: Period | None) -> set[StoreDay]:
        """Where the book's first or last day has moved: the old ones, whose weeks and months have other days now."""
        now = (str(span.start), str(span.end)) if span else ("", "")
        moved = [
            date.fromisoformat(before)
            for before, after in zip((self._shelf.about("first"), self._shelf.about("last")), now, strict=True)
            if before and before != after
        ]
        return {(store, day) for store in self._stores() for day in moved}

    def _postpone(self, touched: set[StoreDay], span: Period | None) -> None:
        """Leave every month that some store-days touch pending."""
        known = set(self._months(span))
        months = {(month, store) for store, day in touched for month in self._months_after(day)}
        with self._shelf.changing():
            for month, store in months:
                first = date.fromisoformat(f"{month}-01")
                self._shelf.drop(("day", *BY_WEEK, *BY_MONTH), [store], first, month_end(first))
            self._shelf.set_pending(one for one in months if one[0] in known)

    def _months_after(self, day: date) -> Iterator[str]:
        first = month_start(self._writer.week_start(day))
        last = max(month_start(day, HISTORY_MONTHS), day + HISTORY_WEEKS * 7 * DAY)
        while first <= last:
            yield f"{first:%Y-%m}"
            first = month_start(first, 1)

    def _rewrite(self, touched: set[StoreDay], span: Period | None) -> None:
        """Write anew what some store-days touch, but for what is pending."""
        pending = set(self._shelf.pending())
        for piece in self._pieces(touched, span):
            made = [one for one in self._write(piece) if (_month_of(one), one.store) not in pending]
            with self._shelf.changing():
                self._shelf.drop(piece.kinds, piece.stores, piece.first, piece.last)
                self._shelf.put(made)

    def _pieces(self, touched: set[StoreDay], span: Period | None) -> Iterator[Piece]:
        before = self._shelf.about("last")
        last = max(span.end if span and span.end else date.min, date.fromisoformat(before) if before else date.min)
        days: dict[date, set[str]] = {}
        weeks: dict[date, set[str]] = {}
        months: dict[date, set[str]] = {}
        for store, day in touched:
            for n in range(HISTORY_WEEKS + 1):
                days.setdefault(day + 7 * n * DAY, set()).add(store)
                weeks.setdefault(self._writer.week_start(day) + 7 * n * DAY, set()).add(store)
            for n in range(HISTORY_MONTHS + 1):
                months.setdefault(month_start(day, n), set()).add(store)
        yield from _runs(("day",), days, DAY, last)
        yield from _runs(BY_WEEK, weeks, 7 * DAY, last)
        for month, stores in sorted(months.items()):
            if month <= last:
                yield Piece(BY_MONTH, tuple(sorted(stores)), month, month)

    def _pending(self, stores: Sequence[str], start: date, end: date) -> list[tuple[date, list[str]]]:
        """What is pending of some stores by month, the latest first."""
        wanted, months = set(stores), (f"{start:%Y-%m}", f"{end:%Y-%m}")
        found: dict[date, list[str]] = {}
        for month, store in self._shelf.pending():
            if months[0] <= month <= months[1] and (not wanted or store in wanted):
                found.setdefault(date.fromisoformat(f"{month}-01"), []).append(store)
        return sorted(found.items(), reverse=True)

    def _write_month(self, month: date, stores: Sequence[str]) -> None:
        last = month_end(month)
        opens = self._writer.week_start(month + 6 * DAY)
        pieces = [Piece(("day",), tuple(stores), month, last), Piece(BY_MONTH, tuple(stores), month, month)]
        pieces.append(Piece(BY_WEEK, tuple(stores), opens, self._writer.week_start(last)))
        made = [summary for piece in pieces for summary in self._write(piece)]
        with self._shelf.changing():
            for piece in pieces:
                self._shelf.drop(piece.kinds, piece.stores, piece.first, piece.last)
            self._shelf.put(made)
            self._shelf.settle((f"{month:%Y-%m}", store) for store in stores)

    def _write(self, piece: Piece) -> list[Summary]:
        """The summaries of a piece, and none of what opens before or after it."""
        last = {"day": piece.last, "week": piece.last + 6 * DAY, "month": month_end(piece.last)}[piece.kinds[0]]
        made = self._writer.write(piece.stores, piece.first, last, piece.kinds)
        first, end = piece.first.toordinal(), piece.last.toordinal()
        return [one for one in made if first <= unit_of(one) <= end]


def _runs(kinds: tuple[Kind, ...], units: dict[date, set[str]], step: timedelta, end: date) -> Iterator[Piece]:
    """Days or weeks as pieces of such as follow on each other and are of the same stores."""
    run: list[date] = []
    for unit in [*sorted(one for one in units if one <= end), None]:
        if run and (unit is None or unit - run[-1] != step or units[unit] != units[run[0]]):
            yield Piece(kinds, tuple(sorted(units[run[0]])), run[0], run[-1])
            run = []
        if unit is not None:
            run.append(unit)


def _month_of(summary: Summary) -> str:
    return f"{date.fromordinal(unit_of(summary)):%Y-%m}"
