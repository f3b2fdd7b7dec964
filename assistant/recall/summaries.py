"""Summaries of store-days, store-weeks and the tickets that stand out, written from figures.

Every number comes from ``Figures.run``. It is cited by the narrow plan that gives it by itself (this store, this day),
so that it opens to its own entries and to nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from assistant.recall.page import Page, Scope
from assistant.recall.sheets import DAY, Row, Sheets
from assistant.recall.wording import Kind, Summary, day_in_full, plain
from ledger.figures import Figures, Period

KINDS: tuple[Kind, ...] = ("day", "week", "ticket")
HISTORY_WEEKS = 8
"""What is usual is the median of the same weekday (or of whole weeks) over this many weeks before."""
TOP_ITEMS, TOP_CATEGORIES = 3, 2

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
        """The summaries of some stores that lie within two dates: days by store and date, then weeks, then tickets.

        A week lies within where all its days that the book has do. A day on which nothing happened has none.
        """
        span = self._figures.span()
        if span is None or span.start is None or span.end is None or not stores:
            return []
        start, end = max(start, span.start), min(end, span.end)
        if end < start:
            return []
        sheets = Sheets(self._figures, self._figures.seq, tuple(sorted(stores)))
        days = sheets.sheet("business_date", start - HISTORY_WEEKS * 7 * DAY, end)
        made: list[Summary] = []
        if "day" in kinds:
            made += self._days(sheets, start, end, days)
        if "week" in kinds:
            made += self._weeks(sheets, start, end, days, span)
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
        assert span.start is not None and span.end is not None
        begins, ends = self.week_start(start), self.week_start(end) + 6 * DAY
        if max(begins, span.start) < start:
            begins += 7 * DAY
        if min(ends, span.end) > end:
            ends -= 7 * DAY
        if ends < begins:
            return
        weeks = sheets.sheet("week", begins - HISTORY_WEEKS * 7 * DAY, ends)
        items = sheets.top("week", "item", begins, ends, TOP_ITEMS)
        categories = sheets.top("week", "category", begins, ends, TOP_CATEGORIES)
        for number in range((ends - begins).days // 7 + 1):
            opens = begins + number * 7 * DAY
            first, last = max(opens, span.start), min(opens + 6 * DAY, span.end)
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
                title = f"{plain(store)}, week from {day_in_full(first)} to {day_in_full(last)}"
                yield page.summary("week", f"week|{opens}|{store}", title, "Whole week.")

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
                page.hint(f"{said}: {meaning}.")
                title = f"{plain(store)}, {day_in_full(day)}"
                yield page.summary("ticket", f"ticket|{metric}|{opens}|{store}", title, "One ticket.")
            opens += 7 * DAY

    def _week_name(self, opens: date) -> str:
        """A week as the figures name it: the ISO week of its fourth day."""
        return f"{opens + self._shift:%G-W%V}"
