"""Summaries of store-days, store-weeks, store-months, items by month, cashiers by week, and the tickets that stand out,
written from figures.

Every number comes from ``Figures.run``. It is cited by the narrow plan that gives it by itself (this store, this day),
so that it opens to its own entries and to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import get_args

from assistant.recall.page import Page, Scope
from assistant.recall.sheets import DAY, ITEM_METRICS, METRICS, Row, Sheets, month_end, month_start
from assistant.recall.wording import Kind, Summary, day_in_full, month_in_full, plain
from ledger.figures import Figures, Filter, Period

KINDS: tuple[Kind, ...] = get_args(Kind)
VERSION = 2
"""Of what summaries say: another number has those that are kept written anew."""
HISTORY_WEEKS = 8
"""What is usual is the median of the same weekday (or of whole weeks) over this many weeks before."""
HISTORY_MONTHS = 6
"""What is usual for a month, or for an item in a month, is the median of this many months before."""
TOP_ITEMS, TOP_CATEGORIES = 3, 2
ITEMS_MAX = 100
"""Items of one store and month that have a summary: those with the largest net sales."""

NOTABLE = {
    "net_sales": ("Largest sale", "big sale, high spend"),
    "returns": ("Largest return", "big refund, money given back"),
    "discounts": ("Largest discount", "big discount, markdown, comp"),
    "void_value": ("Largest void", "voided, cancelled ticket"),
}


class SummaryWriter:
    """Writes the summaries of a book from its figures, as of the commit that they have reached."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        business = figures.book.settings.book
        self._locale = business.locale
        self._shift = timedelta(days={"monday": 0, "sunday": 1, "saturday": 2}[business.week_starts])

    def write(self, stores: Sequence[str], start: date, end: date, kinds: Sequence[Kind] = KINDS) -> list[Summary]:
        """The summaries of some stores that lie within two dates: days by store and date, then weeks, months, items,
        cashiers and tickets.

        A week or a month lies within where all its days that the book has do. A day on which nothing happened has none.
        """
        span = self._figures.span()
        if span is None or span.start is None or span.end is None or not stores:
            return []
        start, end = max(start, span.start), min(end, span.end)
        if end < start:
            return []
        sheets = Sheets(self._figures, self._figures.seq, tuple(sorted(stores)))
        made: list[Summary] = []
        if {"day", "week"} & set(kinds):
            days = sheets.sheet("business_date", start - HISTORY_WEEKS * 7 * DAY, end)
            if "day" in kinds:
                made += self._days(sheets, start, end, days)
            if "week" in kinds:
                made += self._weeks(sheets, start, end, days, span)
        if "month" in kinds:
            made += self._months(sheets, start, end, span)
        if "item_month" in kinds:
            made += self._items(sheets, start, end, span)
        if "cashier_week" in kinds:
            made += self._cashiers(sheets, start, end, span)
        if "ticket" in kinds:
            made += self._tickets(sheets, start, end)
        return made

    def week_start(self, day: date) -> date:
        """The first day of a day's week, as the book's weeks start."""
        return day - timedelta(days=(day + self._shift).weekday())

    def _days(self, sheets: Sheets, start: date, end: date, days: dict[tuple[str, str], Row]) -> Iterator[Summary]:
        items = sheets.top("business_date", "item", start, end, TOP_ITEMS)
        categories = sheets.top("business_date", "category", start, end, TOP_CATEGORIES)
        hours = sheets.top("business_date", "hour", start, end, 1)
        for key in sorted(key for key in days if key[1] >= start.isoformat()):
            store, day = key[0], date.fromisoformat(key[1])
            before = [(store, (day - n * 7 * DAY).isoformat()) for n in range(1, HISTORY_WEEKS + 1)]
            earlier = [days[one] for one in before if one in days]
            written_out = day_in_full(day)
            page = Page(self._locale, sheets.seq, Scope(store, day, day))
            page.sales(days[key], earlier, f"the median of the {written_out.split()[0]}s before")
            page.top("item", items.get(key, []), "Best sellers")
            page.top("category", categories.get(key, []), "Largest categories")
            page.busiest(hours.get(key, []))
            page.rest(days[key], earlier)
            yield page.summary("day", f"day|{day}|{store}", f"{plain(store)}, {written_out}", "Day.")

    def _weeks(
        self, sheets: Sheets, start: date, end: date, days: dict[tuple[str, str], Row], span: Period
    ) -> Iterator[Summary]:
        weeks_within = self._weeks_within(start, end, span)
        if not weeks_within:
            return
        begins, ends = weeks_within[0][0], weeks_within[-1][0] + 6 * DAY
        weeks = sheets.sheet("week", begins - HISTORY_WEEKS * 7 * DAY, ends)
        items = sheets.top("week", "item", begins, ends, TOP_ITEMS)
        categories = sheets.top("week", "category", begins, ends, TOP_CATEGORIES)
        for opens, first, last in weeks_within:
            for store in sheets.stores:
                key = (store, self._week_name(opens))
                if key not in weeks:
                    continue
                before = [(store, self._week_name(opens - n * 7 * DAY)) for n in range(1, HISTORY_WEEKS + 1)]
                whole = last - first == 6 * DAY
                earlier = [weeks[one] for one in before if one in weeks] if whole else []
                page = Page(self._locale, sheets.seq, Scope(store, first, last))
                page.sales(weeks[key], earlier, "the median of the weeks before")
                page.best_day(store, first, last, days)
                page.top("item", items.get(key, []), "Best sellers")
                page.top("category", categories.get(key, []), "Largest categories")
                page.rest(weeks[key], earlier)
                title = f"{plain(store)}, {_week_in_full(first, last)}"
                yield page.summary("week", f"week|{opens}|{store}", title, "Whole week.")

    def _months(self, sheets: Sheets, start: date, end: date, span: Period) -> Iterator[Summary]:
        for opens, first, last in _months_within(start, end, span):
            months = sheets.sheet("month", month_start(opens, -HISTORY_MONTHS), last)
            days = sheets.sheet("business_date", first, last)
            items = sheets.top("month", "item", first, last, TOP_ITEMS)
            categories = sheets.top("month", "category", first, last, TOP_CATEGORIES)
            for store in sheets.stores:
                key = (store, f"{opens:%Y-%m}")
                if key not in months:
                    continue
                whole = (first, last) == (opens, month_end(opens))
                earlier = _earlier(months, store, opens) if whole else []
                page = Page(self._locale, sheets.seq, Scope(store, first, last))
                page.sales(months[key], earlier, "the median of the months before")
                page.best_day(store, first, last, days)
                page.top("item", items.get(key, []), "Best sellers")
                page.top("category", categories.get(key, []), "Largest categories")
                page.rest(months[key], earlier)
                title = f"{plain(store)}, {month_in_full(opens)}{_part_of_month(opens, first, last)}"
                yield page.summary("month", f"month|{opens:%Y-%m}|{store}", title, "Whole month.")

    def _items(self, sheets: Sheets, start: date, end: date, span: Period) -> Iterator[Summary]:
        for opens, first, last in _months_within(start, end, span):
            months = sheets.split(ITEM_METRICS, "month", "item", month_start(opens, -HISTORY_MONTHS), last)
            name = f"{opens:%Y-%m}"
            whole = (first, last) == (opens, month_end(opens))
            by_store: dict[str, list[tuple[str, Row]]] = {}
            for (store, month, item), row in months.items():
                if month == name:
                    by_store.setdefault(store, []).append((item, row))
            for store, rows in sorted(by_store.items()):
                rows.sort(key=lambda one: (-(one[1]["net_sales"].value or 0), one[0]))
                for item, row in rows[:ITEMS_MAX]:
                    before = [(store, f"{month_start(opens, -n):%Y-%m}", item) for n in range(1, HISTORY_MONTHS + 1)]
                    earlier = [months[one] for one in before if one in months] if whole else []
                    scope = Scope(store, first, last, (Filter(dimension="item", values=(item,)),))
                    page = Page(self._locale, sheets.seq, scope)
                    page.sold(row, earlier, "the median of the months before")
                    if row is rows[0][1]:
                        page.say("It was the best seller.")
                        page.hint("Best seller.")
                    title = f"{plain(item)} at {plain(store)}, {month_in_full(opens)}"
                    title += _part_of_month(opens, first, last)
                    identity = f"item_month|{name}|{store}|{item}"
                    yield page.summary("item_month", identity, title, "Item, month.", item=item)

    def _cashiers(self, sheets: Sheets, start: date, end: date, span: Period) -> Iterator[Summary]:
        weeks_within = self._weeks_within(start, end, span)
        if not weeks_within:
            return
        begins, ends = weeks_within[0][0], weeks_within[-1][0] + 6 * DAY
        weeks = sheets.split(METRICS, "week", "cashier", begins - HISTORY_WEEKS * 7 * DAY, ends)
        people = sorted({(store, cashier) for store, _, cashier in weeks})
        for opens, first, last in weeks_within:
            for store, cashier in people:
                row = weeks.get((store, self._week_name(opens), cashier))
                if row is None:
                    continue
                before = [(store, self._week_name(opens - n * 7 * DAY), cashier) for n in range(1, HISTORY_WEEKS + 1)]
                whole = last - first == 6 * DAY
                earlier = [weeks[one] for one in before if one in weeks] if whole else []
                scope = Scope(store, first, last, (Filter(dimension="cashier", values=(cashier,)),))
                page = Page(self._locale, sheets.seq, scope)
                page.sales(row, earlier, "the median of their weeks before")
                page.rest(row, earlier)
                title = f"{plain(cashier)}, cashier at {plain(store)}, {_week_in_full(first, last)}"
                identity = f"cashier_week|{opens}|{store}|{cashier}"
                yield page.summary("cashier_week", identity, title, "One person's week.", cashier=cashier)

    def _tickets(self, sheets: Sheets, start: date, end: date) -> Iterator[Summary]:
        """The tickets that stand out in their store's week: those of the days between two dates."""
        opens = self.week_start(start)
        while opens <= end:
            best = sheets.largest(tuple(NOTABLE), opens, opens + 6 * DAY)
            for (store, metric), (figure, day, ticket) in sorted(best.items(), key=lambda one: one[0]):
                if not start <= day <= end:
                    continue
                said, meaning = NOTABLE[metric]
                page = Page(self._locale, sheets.seq, Scope(store, day, day).and_only("ticket", ticket))
                page.say(
                    f"{said} of the week: ticket {plain(ticket)} with {figure.label} of ", page.number(figure), "."
                )
                page.hint(f"{said}: {meaning}. Ticket {plain(ticket)}.")
                title = f"{plain(store)}, {day_in_full(day)}"
                yield page.summary("ticket", f"ticket|{metric}|{opens}|{store}", title, "One ticket.")
            opens += 7 * DAY

    def _weeks_within(self, start: date, end: date, span: Period) -> list[tuple[date, date, date]]:
        """The weeks whose days that the book has all lie within two dates: when each opens, and its first and last
        day that the book has."""
        assert span.start is not None and span.end is not None
        begins, ends = self.week_start(start), self.week_start(end) + 6 * DAY
        if max(begins, span.start) < start:
            begins += 7 * DAY
        if min(ends, span.end) > end:
            ends -= 7 * DAY
        weeks = ((ends - begins).days + 1) // 7
        opening = [begins + n * 7 * DAY for n in range(weeks)]
        return [(opens, max(opens, span.start), min(opens + 6 * DAY, span.end)) for opens in opening]

    def _week_name(self, opens: date) -> str:
        """A week as the figures name it: the ISO week of its fourth day."""
        return f"{opens + self._shift:%G-W%V}"


def _months_within(start: date, end: date, span: Period) -> Iterator[tuple[date, date, date]]:
    """The same of months."""
    assert span.start is not None and span.end is not None
    opens = month_start(start)
    while opens <= end:
        first, last = max(opens, span.start), min(month_end(opens), span.end)
        if start <= first and last <= end:
            yield opens, first, last
        opens = month_start(opens, 1)


def _earlier(months: dict[tuple[str, str], Row], store: str, opens: date) -> list[Row]:
    before = [(store, f"{month_start(opens, -n):%Y-%m}") for n in range(1, HISTORY_MONTHS + 1)]
    return [months[one] for one in before if one in months]


def _week_in_full(first: date, last: date) -> str:
    return f"week from {day_in_full(first)} to {day_in_full(last)}"


def _part_of_month(opens: date, first: date, last: date) -> str:
    """What to say of a month of which the book has a part only."""
    return "" if (first, last) == (opens, month_end(opens)) else f", {first.day} to {last.day}"
