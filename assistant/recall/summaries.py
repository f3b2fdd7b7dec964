"""Summaries of store-days, store-weeks and the tickets that stand out, written from figures.

Figures come from ``Figures.run`` alone, a few plans over a whole range and never one a day. The number that a summary
shows is cited by the narrow plan that gives it by itself (this store, this day), so that it opens to its entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from assistant.recall.wording import (
    Kind,
    Part,
    Summary,
    SummaryFigure,
    against_usual,
    day_in_full,
    is_unusual,
    listed,
    part_of_day,
    plain,
)
from ledger.figures import Citation, Figure, Figures, Filter, Period, Plan, Ranking
from ledger.figures.plan import Dimension
from ledger.money import display_value

KINDS: tuple[Kind, ...] = ("day", "week", "ticket")
HISTORY_WEEKS = 8
"""What is usual is the median of the same weekday (or of whole weeks) over this many weeks before."""
TOP_ITEMS, TOP_CATEGORIES = 3, 2
DAY = timedelta(days=1)
NONE = "(none)"

METRICS = (
    "net_sales",
    "transactions",
    "average_ticket",
    "discounts",
    "returns",
    "return_count",
    "void_count",
    "void_value",
    "tips",
    "over_short",
)
NOTABLE = {
    "net_sales": ("Largest sale", "big sale, high spend"),
    "returns": ("Largest return", "big refund, money given back"),
    "discounts": ("Largest discount", "big discount, markdown, comp"),
    "void_value": ("Largest void", "voided, cancelled ticket"),
}

Row = dict[str, Figure]
"""The figures of one row by metric."""


@dataclass(frozen=True)
class _Scope:
    """What a number is of: the filters and the days of the plan that gives it by itself."""

    store: str
    start: date
    end: date
    also: tuple[Filter, ...] = ()

    def and_only(self, dimension: Dimension, value: str) -> _Scope:
        return _Scope(self.store, self.start, self.end, (Filter(dimension=dimension, values=(value,)),))


class SummaryWriter:
    """Writes the summaries of a book from its figures, as of the commit that they have reached."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        business = figures.book.settings.book
        self._locale = business.locale
        self._shift = timedelta(days={"monday": 0, "sunday": 1, "saturday": 2}[business.week_starts])

    def write(self, stores: Sequence[str], start: date, end: date, kinds: Sequence[Kind] = KINDS) -> list[Summary]:
        """The summaries of some stores that lie within two dates: days by store and date, then weeks, then tickets.

        A week counts as within where all its days that the book has are. A day without any figure has none.
        """
        span = self._figures.span()
        if span is None or span.start is None or span.end is None or not stores:
            return []
        start, end = max(start, span.start), min(end, span.end)
        if end < start:
            return []
        days = self._sheet(stores, "business_date", start - HISTORY_WEEKS * 7 * DAY, end)
        made: list[Summary] = []
        if "day" in kinds:
            made += self._days(stores, start, end, days)
        if "week" in kinds:
            made += self._weeks(stores, start, end, days, span.start, span.end)
        if "ticket" in kinds:
            made += self._tickets(stores, start, end)
        return made

    def week_start(self, day: date) -> date:
        """The first day of a day's week, as the book's weeks start."""
        return day - timedelta(days=(day + self._shift).weekday())

    # --- days and weeks ---------------------------------------------------------------------------------------------

    def _days(self, stores: Sequence[str], start: date, end: date, days: dict[tuple[str, str], Row]) -> list[Summary]:
        items = self._top(stores, "business_date", "item", start, end, TOP_ITEMS)
        categories = self._top(stores, "business_date", "category", start, end, TOP_CATEGORIES)
        hours = self._top(stores, "business_date", "hour", start, end, 1)
        made = []
        for key in sorted(key for key in days if key[1] >= start.isoformat()):
            store, day = key[0], date.fromisoformat(key[1])
            earlier = [days.get((store, (day - n * 7 * DAY).isoformat()), {}) for n in range(1, HISTORY_WEEKS + 1)]
            date_in_full = day_in_full(day)
            usual = f"the median of the {day_in_full(day).split()[0]}s before"
            page = _Page(self._locale, _Scope(store, day, day))
            page.sales(days[key], [row for row in earlier if row], usual)
            page.top("item", items.get(key, []), "Best sellers")
            page.top("category", categories.get(key, []), "Largest categories")
            page.busiest(hours.get(key, []))
            page.rest(days[key], [row for row in earlier if row])
            title = f"{plain(store)}, {date_in_full}"
            made.append(page.summary("day", f"day|{day}|{store}", title, "Day."))
        return made

    def _weeks(
        self,
        stores: Sequence[str],
        start: date,
        end: date,
        days: dict[tuple[str, str], Row],
        first: date,
        last: date,
    ) -> list[Summary]:
        begins = self.week_start(start)
        if max(begins, first) < start:
            begins += 7 * DAY
        ends = self.week_start(end) + 6 * DAY
        if min(ends, last) > end:
            ends -= 7 * DAY
        if ends < begins:
            return []
        weeks = self._sheet(stores, "week", begins - HISTORY_WEEKS * 7 * DAY, ends)
        items = self._top(stores, "week", "item", begins, ends, TOP_ITEMS)
        categories = self._top(stores, "week", "category", begins, ends, TOP_CATEGORIES)
        made = []
        for number in range((ends - begins).days // 7 + 1):
            monday = begins + number * 7 * DAY
            from_, to = max(monday, first), min(monday + 6 * DAY, last)
            for store in sorted(stores):
                key = (store, self._week_name(monday))
                if key not in weeks:
                    continue
                earlier = [
                    weeks.get((store, self._week_name(monday - n * 7 * DAY)), {}) for n in range(1, HISTORY_WEEKS + 1)
                ]
                known = [row for row in earlier if row] if to - from_ == 6 * DAY else []
                page = _Page(self._locale, _Scope(store, from_, to))
                page.sales(weeks[key], known, "the median of the weeks before")
                page.best_day(store, from_, to, days)
                page.top("item", items.get(key, []), "Best sellers")
                page.top("category", categories.get(key, []), "Largest categories")
                page.rest(weeks[key], known)
                title = f"{plain(store)}, week from {day_in_full(from_)} to {day_in_full(to)}"
                made.append(page.summary("week", f"week|{monday}|{store}", title, "Whole week."))
        return made

    def _week_name(self, first_day: date) -> str:
        """A week as the figures name it: the ISO week of its fourth day."""
        return f"{first_day + self._shift:%G-W%V}"

    # --- tickets ----------------------------------------------------------------------------------------------------

    def _tickets(self, stores: Sequence[str], start: date, end: date) -> list[Summary]:
        """The tickets that stand out in their store's week, those of the days between two dates."""
        made = []
        week = self.week_start(start)
        while week <= end:
            best = self._largest(stores, week, week + 6 * DAY)
            for (store, name), (figure, day_text, ticket) in sorted(best.items()):
                day = date.fromisoformat(day_text)
                if not start <= day <= end:
                    continue
                said, meaning = NOTABLE[name]
                page = _Page(self._locale, _Scope(store, day, day).and_only("ticket", ticket))
                page.say(
                    f"{said} of the week: ticket {plain(ticket)} with {figure.label} of ", page.number(figure), "."
                )
                page.hint(f"{said}: {meaning}.")
                title = f"{plain(store)}, {day_in_full(day)}"
                made.append(page.summary("ticket", f"ticket|{name}|{day}|{store}", title, "One ticket."))
            week += 7 * DAY
        return made

    def _largest(self, stores: Sequence[str], start: date, end: date) -> dict[tuple[str, str], tuple[Figure, str, str]]:
        """By (store, metric): the largest figure of one ticket, its date and its number; ties go to the first."""
        best: dict[tuple[str, str], tuple[Figure, str, str]] = {}
        for (store, day, ticket), row in self._rows(
            tuple(NOTABLE), ("store", "business_date", "ticket"), stores, start, end
        ):
            if ticket == NONE:
                continue
            for name, figure in row.items():
                value = figure.value or Decimal(0)
                held = best.get((store, name))
                if value > 0 and (held is None or (-value, day, ticket) < (-(held[0].value or 0), held[1], held[2])):
                    best[(store, name)] = (figure, day, ticket)
        return best

    # --- figures ----------------------------------------------------------------------------------------------------

    def _sheet(self, stores: Sequence[str], time: Dimension, start: date, end: date) -> dict[tuple[str, str], Row]:
        """Every metric by (store, day or week); rows in which nothing happened are left out."""
        found = {}
        for key, row in self._rows(METRICS, ("store", time), stores, start, end):
            if any(figure.value for figure in row.values()):
                found[(key[0], key[1])] = row
        return found

    def _top(
        self, stores: Sequence[str], time: Dimension, by: Dimension, start: date, end: date, limit: int
    ) -> dict[tuple[str, str], list[tuple[str, Figure]]]:
        """The largest net sales by (store, day or week), at most ``limit`` names each; ties go by name."""
        found: dict[tuple[str, str], dict[str, Figure]] = {}
        for (store, when, name), row in self._rows(("net_sales",), ("store", time, by), stores, start, end):
            figure = row["net_sales"]
            if name != NONE and figure.value is not None and figure.value > 0:
                found.setdefault((store, when), {})[name] = figure
        return {
            key: sorted(names.items(), key=lambda one: (-(one[1].value or 0), one[0]))[:limit]
            for key, names in found.items()
        }

    def _rows(
        self, metrics: tuple[str, ...], dimensions: tuple[Dimension, ...], stores: Sequence[str], start: date, end: date
    ) -> Iterator[tuple[tuple[str, ...], Row]]:
        """The rows of a plan, over as many shorter periods as it takes for none to be cut.

        One day that is cut still gives the first rows by each metric, in which the largest are.
        """
        plan = Plan(
            metrics=metrics,
            dimensions=dimensions,
            filters=(Filter(dimension="store", values=tuple(stores)),),
            period=Period(start=start, end=end),
        )
        result = self._figures.run(plan)
        if not result.truncated:
            for key, row in zip(result.keys, result.rows, strict=True):
                yield key, {figure.metric: figure for figure in row}
            return
        step = 7 if "week" in dimensions else 1
        pieces = ((end - start).days + 1) // step
        if pieces > 1:
            middle = start + (pieces // 2) * step * DAY
            yield from self._rows(metrics, dimensions, stores, start, middle - DAY)
            yield from self._rows(metrics, dimensions, stores, middle, end)
            return
        if len(stores) > 1:
            for store in stores:
                yield from self._rows(metrics, dimensions, (store,), start, end)
            return
        for name in metrics:
            result = self._figures.run(plan.model_copy(update={"ranking": Ranking(by=name)}))
            for key, row in zip(result.keys, result.rows, strict=True):
                yield key, {figure.metric: figure for figure in row}


class _Page:
    """A summary in the making: sentences with their figures, and the words of the gist."""

    def __init__(self, locale: str, scope: _Scope) -> None:
        self._locale = locale
        self._scope = scope
        self._parts: list[Part] = []
        self._gist: list[str] = []
        self._seq = 0

    def say(self, *parts: Part) -> None:
        self._parts += [" ", *parts]

    def hint(self, words: str) -> None:
        self._gist.append(words)

    def number(self, figure: Figure, scope: _Scope | None = None) -> SummaryFigure:
        """A figure of a wide result as a number of this text, cited by its own narrow plan."""
        of = scope or self._scope
        plan = Plan(
            metrics=(figure.metric,),
            filters=(Filter(dimension="store", values=(of.store,)), *of.also),
            period=Period(start=of.start, end=of.end),
        )
        assert figure.value is not None, figure
        return SummaryFigure(
            label=figure.label,
            value=figure.value,
            unit=figure.unit,
            shown=display_value(figure.value, figure.unit, self._locale),
            citation=Citation(plan, self._seq, figure.metric, figure.side, ()),
        )

    def sales(self, row: Row, earlier: list[Row], usual: str) -> None:
        """Net sales, transactions and the average ticket, against what is usual."""
        sentence: list[Part] = ["Net sales were ", self.number(row["net_sales"])]
        if row["transactions"].value:
            noun = " transaction" if row["transactions"].value == 1 else " transactions"
            sentence += [" from ", self.number(row["transactions"]), noun]
        if row["average_ticket"].value is not None:
            sentence += [", ", self.number(row["average_ticket"]), " on average"]
        level = against_usual(row["net_sales"].value, (one["net_sales"].value for one in earlier))
        if level:
            sentence.append(f", {level} {usual}")
            self.hint(f"Sales {level} the usual: {_MEANING[level]}.")
        self.say(*sentence, ".")

    def top(self, dimension: Dimension, names: list[tuple[str, Figure]], title: str) -> None:
        """The largest by net sales."""
        if not names or (dimension == "category" and len(names) < 2):
            return
        rows = [
            [f"{plain(name)} ", self.number(figure, self._scope.and_only(dimension, name))] for name, figure in names
        ]
        self.say(f"{title}: ", *listed(rows), ".")
        self.hint(f"{title}: {', '.join(plain(name) for name, _ in names)}.")

    def busiest(self, hours: list[tuple[str, Figure]]) -> None:
        for hour, figure in hours[:1]:
            clock = f"{int(hour):02d}:00 to {(int(hour) + 1) % 24:02d}:00"
            amount = self.number(figure, self._scope.and_only("hour", hour))
            self.say(f"The busiest hour was {clock} with ", amount, ".")
            self.hint(f"Busiest {part_of_day(int(hour))}.")

    def best_day(self, store: str, start: date, end: date, days: dict[tuple[str, str], Row]) -> None:
        dates = [start + n * DAY for n in range((end - start).days + 1)]
        known = [
            (day, days[(store, day.isoformat())]["net_sales"]) for day in dates if (store, day.isoformat()) in days
        ]
        if len(known) < 2:
            return
        best, figure = max(known, key=lambda one: (one[1].value or Decimal(0), -one[0].toordinal()))
        self.say(f"The best day was {day_in_full(best)} with ", self.number(figure, _Scope(store, best, best)), ".")
        self.hint(f"Best day {day_in_full(best).split()[0]}.")

    def rest(self, row: Row, earlier: list[Row]) -> None:
        """Discounts, returns, voids, tips and over/short, as far as there were any."""
        for name, said, meaning in (
            ("discounts", "Discounts", "Discounts and markdowns"),
            ("returns", "Returns", "Returns and refunds"),
            ("void_value", "Voided tickets", "Voids and cancelled tickets"),
            ("tips", "Tips", "Tips and gratuities"),
        ):
            figure = row[name]
            if not figure.value:
                continue
            unusual = is_unusual(figure.value, (one[name].value for one in earlier))
            sentence: list[Part] = [f"{said} came to ", self.number(figure)]
            count = {"returns": "return_count", "void_value": "void_count"}.get(name)
            if count and row[count].value:
                noun = " ticket" if row[count].value == 1 else " tickets"
                sentence += [" on ", self.number(row[count]), noun]
            self.say(*sentence, ", more than twice the usual." if unusual else ".")
            self.hint(f"{meaning}{' unusually high' if unusual else ''}.")
        over = row["over_short"]
        if over.value:
            word = "short" if over.value < 0 else "over"
            self.say("Cash counted less cash expected was ", self.number(over), f": the tills were {word}.")
            self.hint(f"Cash drawer {word}: cash {'missing' if word == 'short' else 'in excess'}.")

    def summary(self, kind: Kind, identity: str, title: str, what: str) -> Summary:
        return Summary(
            id=identity,
            kind=kind,
            store=self._scope.store,
            start=self._scope.start,
            end=self._scope.end,
            title=title,
            parts=(f"{title}.", *self._parts),
            gist=" ".join([f"{title}.", what, *self._gist]),
        )


_MEANING = {
    "well above": "very busy, strong, a record",
    "above": "busy, good",
    "in line with": "ordinary",
    "below": "quiet, weak",
    "well below": "very quiet, slow, poor",
}
