"""A summary in the making: sentences with their figures, each cited by the narrow plan that gives it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.recall.sheets import DAY, Row
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
from ledger.figures import Citation, Figure, Filter, Period, Plan
from ledger.figures.plan import Dimension
from ledger.money import display_value


@dataclass(frozen=True)
class Scope:
    """What a number is of: the filters and the days of the plan that gives it by itself."""

    store: str
    start: date
    end: date
    also: tuple[Filter, ...] = ()

    def and_only(self, dimension: Dimension, value: str) -> Scope:
        return Scope(self.store, self.start, self.end, (Filter(dimension=dimension, values=(value,)),))


class Page:
    """A summary in the making: sentences with their figures, and the words of the gist."""

    def __init__(self, locale: str, seq: int, scope: Scope) -> None:
        self._locale = locale
        self._seq = seq
        self._scope = scope
        self._parts: list[Part] = []
        self._gist: list[str] = []

    def say(self, *parts: Part) -> None:
        self._parts += [" ", *parts]

    def hint(self, words: str) -> None:
        self._gist.append(words)

    def number(self, figure: Figure, scope: Scope | None = None) -> SummaryFigure:
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

    def sold(self, row: Row, earlier: list[Row], usual: str) -> None:
        """What an item sold, in units and in money, against what is usual."""
        sentence: list[Part] = ["Net sales were ", self.number(row["net_sales"])]
        if row["units_sold"].value:
            sentence += [" from ", self.number(row["units_sold"]), " sold"]
        level = against_usual(row["units_sold"].value, (one["units_sold"].value for one in earlier))
        if level:
            sentence.append(f", in units {level} {usual}")
            self.hint(f"Sold {level} the usual: {_ITEM_MEANING[level]}.")
        self.say(*sentence, ".")
        for name, said in (("discounts", "Discounts"), ("returns", "Returns")):
            if row[name].value:
                self.say(f"{said} came to ", self.number(row[name]), ".")
                self.hint(f"{said}.")

    def top(self, dimension: Dimension, names: list[tuple[str, Figure]], title: str) -> None:
        """The largest by net sales."""
        if not names or (dimension == "category" and len(names) < 2):
            return
        rows: list[list[Part]] = [
            [plain(name) + " ", self.number(figure, self._scope.and_only(dimension, name))] for name, figure in names
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
        self.say(f"The best day was {day_in_full(best)} with ", self.number(figure, Scope(store, best, best)), ".")
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

    def summary(
        self, kind: Kind, identity: str, title: str, what: str, *, item: str = "", cashier: str = ""
    ) -> Summary:
        return Summary(
            id=identity,
            kind=kind,
            store=self._scope.store,
            start=self._scope.start,
            end=self._scope.end,
            title=title,
            parts=(f"{title}.", *self._parts),
            gist=" ".join([f"{title}.", what, *self._gist]),
            item=item,
            cashier=cashier,
        )


_MEANING = {
    "well above": "very busy, strong",
    "above": "busy, good",
    "in line with": "ordinary",
    "below": "quiet, weak",
    "well below": "very quiet, slow, poor",
}
_ITEM_MEANING = {
    "well above": "a hit, selling fast",
    "above": "selling well",
    "in line with": "selling as ever",
    "below": "selling less",
    "well below": "slow seller, dropped off",
}
