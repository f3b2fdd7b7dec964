"""``Parts``: the spans of a question, sorted by what they do in a plan, and the plans that they make."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from assistant.ask import calendar
from assistant.ask.hours import HoursSpan
from assistant.ask.lexicon import lexicon
from assistant.ask.names import CHOICES_MAX, Name, Names, singular_of
from assistant.ask.periods import Calendar, PeriodSpan
from assistant.ask.reading import OpenQuestion, Trouble
from assistant.ask.spans import NamedSpan, Span, WordSpan
from ledger.figures import METRICS, Filter, Period, Plan, Ranking
from ledger.figures.plan import Dimension
from ledger.figures.query import WEEKDAYS

DEFAULT_METRIC = "net_sales"
ROWS_OF_A_LIST = 10
"""How many rows "the best stores" are, where the question gives no number."""

SELLING = ("net_sales", "units_sold")

WEAK = frozenset({"collected", "make", "sell", "sold for", "returned", "money taken", "short", "payments"})
"""Words for a metric that are mere verbs beside the name of another: "tips collected"."""

HALF_A_YEAR = 200


class Parts:
    """The parts of a question, sorted by what they do in a plan."""

    def __init__(
        self, texts: list[str], chosen: list[Span], commas: set[int], names: Names, calendar_: Calendar
    ) -> None:
        self._names = names
        self._texts = texts
        self._commas = commas
        self._calendar = calendar_
        self._metrics: list[str] = []
        self._weak: list[str] = []
        self._splits: list[Dimension] = []
        self._mentions: list[WordSpan] = []
        self._filters: list[tuple[NamedSpan, bool]] = []
        self._hours: list[HoursSpan] = []
        self._periods: list[PeriodSpan] = []
        self._orders: list[WordSpan] = []
        self._marks: dict[str, list[WordSpan]] = {}
        self._limit: int | None = None
        self._singular = False
        self._sort(chosen)

    # --- sorting ----------------------------------------------------------------------------------------------------

    def _sort(self, chosen: list[Span]) -> None:
        splitting = excluding = False
        dangling: WordSpan | None = None
        for place, span in enumerate(chosen):
            if isinstance(span, PeriodSpan):
                self._add_period(span, chosen[place - 1] if place else None)
                splitting = excluding = False
            elif isinstance(span, HoursSpan):
                self._hours.append(span)
            elif isinstance(span, NamedSpan):
                self._filters.append((span, excluding))
                dangling = None
            elif span.meaning.kind == "dimension":
                if splitting:
                    self._split(span)
                elif not self._means_all(span):
                    self._mentions.append(span)
                dangling = None
                continue
            elif span.meaning.kind in ("split", "asking"):
                splitting = True
                dangling = span if span.meaning.kind == "split" else None
                continue
            elif span.meaning.kind == "exclude":
                excluding = True
                self._mark(span)
                continue
            else:
                if span.meaning.kind == "metric":
                    dangling = (
                        dangling if dangling and self._texts[dangling.first] in ("per", "each", "every") else None
                    )
                    excluding = False
                self._word(span)
            splitting = splitting and isinstance(span, WordSpan) and span.meaning.kind == "rank"
            if dangling is not None and isinstance(span, WordSpan) and span.meaning.kind == "metric":
                said = " ".join(self._texts[dangling.first : span.last])
                raise Trouble("abstained", f"I did not understand “{said}”: a figure cannot be split by a metric.")

    def _word(self, span: WordSpan) -> None:
        kind, value = span.meaning.kind, span.meaning.value
        if kind == "metric":
            weak = " ".join(self._texts[span.first : span.last]) in WEAK
            into = self._weak if weak and not self._is_listed(span) else self._metrics
            if value not in into:
                into.append(value)
        elif kind == "grain":
            self._splits.append(value)  # type: ignore[arg-type]
        elif kind == "rank":
            self._orders.append(span)
            self._limit = self._limit or span.number
            implied = lexicon().orders[value]
            if implied.metric and implied.metric not in self._metrics:
                self._metrics.append(implied.metric)
            if implied.dimension:
                self._splits.append(implied.dimension)  # type: ignore[arg-type]
                self._singular = True
        else:
            self._mark(span)

    def _is_listed(self, span: WordSpan) -> bool:
        return span.first > 0 and (self._texts[span.first - 1] == "and" or span.first - 1 in self._commas)

    def _mark(self, span: WordSpan) -> None:
        self._marks.setdefault(span.meaning.kind, []).append(span)

    def _split(self, span: WordSpan) -> None:
        name: Dimension = span.meaning.value  # type: ignore[assignment]
        if name not in self._splits:
            self._splits.append(name)
        self._singular = not self._is_plural(span)

    def _means_all(self, span: WordSpan) -> bool:
        """ "all stores" keeps everything: it is no split."""
        before = [word for word in self._texts[max(0, span.first - 2) : span.first] if word not in ("the", "our")]
        return before[-1:] == ["all"]

    def _is_plural(self, span: WordSpan) -> bool:
        return self._texts[span.last - 1].endswith("s")

    def _add_period(self, span: PeriodSpan, before: Span | None) -> None:
        """A period; "the previous month" after "compared with" is counted from the other period, not from today."""
        against = isinstance(before, WordSpan) and before.meaning.kind in ("against", "change")
        said = self._texts[span.first : span.last]
        if against and self._periods and said[0] in ("previous", "prior") and len(said) == 2:
            kind = "year_before" if said[1] == "year" else "previous"
            self._marks.setdefault(kind, []).append(WordSpan(span.first, span.last, before.meaning))  # type: ignore[union-attr]
            return
        self._periods.append(span)

    def takes(self, run: tuple[int, int]) -> bool:
        """Whether left-over words are a number of rows: "the 3 stores with the highest sales"."""
        word = self._texts[run[0]]
        if run[1] - run[0] == 1 and word.isdigit() and self._orders and self._limit is None and 0 < int(word) <= 1000:
            self._limit = int(word)
            return True
        return False

    # --- open questions ---------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        said = {span.meaning.value for span in self._marks.get("open", [])}
        return "" in said or ("bare" in said and not (self._metrics or self._orders or self._splits))

    def open_question(self, question: str) -> OpenQuestion:
        stores = [
            value
            for span, _ in self._filters
            for name in span.names
            if name.dimension == "store"
            for value in name.values
        ]
        if len(self._periods) > 1:
            raise Trouble("clarify", "Which of the periods is meant? Ask about one at a time.")
        return OpenQuestion(question, tuple(dict.fromkeys(stores)), self._main_period())

    # --- plans ------------------------------------------------------------------------------------------------------

    def plans(self) -> tuple[Plan, ...]:
        """The plans that the parts allow, the likeliest first."""
        self._place_mentions()
        if "exclude" in self._marks and not any(excluded for _, excluded in self._filters):
            said = " ".join(self._texts[self._marks["exclude"][0].first : self._marks["exclude"][0].last])
            raise Trouble("abstained", f"I did not understand what “{said}” leaves out: no name follows it.")
        if self._is_about_selling():
            return tuple(plan for name in SELLING for plan in self._plans_of((name,)))
        return self._plans_of(self._chosen_metrics())

    def _is_about_selling(self) -> bool:
        """ "best selling" and "sold the most" can be money or pieces, and the words do not decide."""
        said = {"selling", "sells", "sold", "sell", "bestselling", "bestseller", "bestsellers"} & set(self._texts)
        return bool(said and self._orders and not self._metrics)

    def _plans_of(self, metrics: tuple[str, ...]) -> tuple[Plan, ...]:
        ranking = self._ranking(metrics)
        versions = []
        for filters in self._filter_sets():
            for period, comparison in self._period_pairs():
                versions.append(
                    Plan(
                        metrics=metrics,
                        dimensions=tuple(self._splits),
                        filters=filters,
                        period=period,
                        comparison=comparison,
                        ranking=ranking,
                    )
                )
        return tuple(dict.fromkeys(versions))

    def _place_mentions(self) -> None:
        """A dimension that was said without "by": of a ranking it is the split ("top 5 items")."""
        counted = self._marks.get("count")
        for span in self._mentions:
            name: Dimension = span.meaning.value  # type: ignore[assignment]
            joined = span.first > 0 and self._texts[span.first - 1] == "and" and bool(self._splits)
            if self._orders and (joined or not self._splits):
                self._split(span)
            elif self._named_like(span):
                continue
            elif counted and name == "item" and not self._metrics:
                self._metrics.append("units_sold")
            elif name in self._splits or any(one.dimension == name for each, _ in self._filters for one in each.names):
                continue
            else:
                said = " ".join(self._texts[span.first : span.last])
                else_ = "and I do not count how many there are." if counted else "and for one of them say its name."
                raise Trouble(
                    "abstained",
                    f"I did not understand what “{said}” is to do here: to split a figure say “by {said}”, {else_}",
                )  # fmt: skip

    def _named_like(self, span: WordSpan) -> bool:
        """Whether the word is a name in the book, too: a customer called "Member"."""
        name: Dimension = span.meaning.value  # type: ignore[assignment]
        phrase = tuple(self._texts[span.first : span.last])
        found = self._names.whole(phrase, (name,)) or self._names.whole(singular_of(phrase), (name,))
        if found:
            self._filters.append((NamedSpan(span.first, span.last, tuple(found), explicit=True), False))
        return bool(found)

    def _chosen_metrics(self) -> tuple[str, ...]:
        found = self._metrics or self._weak
        if "count" in self._marks:
            found = [self._counted(name) for name in found]
        if not found and "business" in self._marks:
            return lexicon().business
        if not found and self._orders:
            found = [DEFAULT_METRIC]
        if not found:
            choices: list[str | Plan] = []
            if self._periods or self._filters or self._splits:
                filters = self._filter_sets()[0]
                period, comparison = self._period_pairs()[0]
                choices = [
                    Plan(
                        metrics=(name,),
                        dimensions=tuple(self._splits),
                        filters=filters,
                        period=period,
                        comparison=comparison,
                    )
                    for name in ("net_sales", "transactions", "average_ticket", "total_collected")
                ]
            raise Trouble(
                "clarify" if choices else "abstained", "Which figure is meant? The question names none.", choices
            )
        return tuple(dict.fromkeys(found))

    def _counted(self, name: str) -> str:
        if name not in lexicon().counted:
            raise Trouble(
                "abstained", f"{METRICS[name].label.capitalize()} cannot be counted, only summed: ask “how much”."
            )
        return lexicon().counted[name]

    def _ranking(self, metrics: tuple[str, ...]) -> Ranking | None:
        if not self._orders:
            return None
        orders = {lexicon().orders[span.meaning.value].descending for span in self._orders}
        if len(orders) > 1:
            raise Trouble("clarify", "Highest or lowest first? The question says both.")
        if not self._splits:
            period, _ = self._period_pairs()[0]
            choices = [
                Plan(
                    metrics=metrics,
                    dimensions=(name,),
                    filters=self._filter_sets()[0],
                    period=period,
                    ranking=Ranking(by=metrics[0], descending=min(orders), limit=1),
                )
                for name in ("store", "business_date", "item", "category")
                if name in METRICS[metrics[0]].dimensions
            ]
            said = " ".join(self._texts[self._orders[0].first : self._orders[0].last])
            raise Trouble("clarify", f"“{said}” of what?", choices)
        asked = self._limit or (None if self._only_sorts() else 1 if self._singular else ROWS_OF_A_LIST)
        return Ranking(by=metrics[0], descending=min(orders), limit=asked)

    def _only_sorts(self) -> bool:
        """ "highest first" orders rows and cuts none."""
        return all(self._texts[span.last - 1] == "first" for span in self._orders)

    def _filter_sets(self) -> list[tuple[Filter, ...]]:
        """The filters, in as many versions as the names allow readings: a name can be of an item and a category."""
        versions: list[list[tuple[Name, bool]]] = []
        for span, exclude in self._filters:
            versions.append([(name, exclude) for name in span.names][:CHOICES_MAX])
        found: list[tuple[Filter, ...]] = []
        for chosen in product(*versions):
            found.append(self._merged(chosen))
            if len(found) == CHOICES_MAX:
                break
        return found

    def _merged(self, chosen: Sequence[tuple[Name, bool]]) -> tuple[Filter, ...]:
        merged: dict[tuple[Dimension, bool], list[str]] = {}
        for name, exclude in chosen:
            into = merged.setdefault((name.dimension, exclude), [])
            into += [value for value in name.values if value not in into]
        for span in self._hours:
            merged.setdefault(("hour", False), []).extend(str(hour) for hour in span.hours)
        for weekday in self._weekdays():
            merged.setdefault(("weekday", False), []).append(weekday)
        if ("against" in self._marks or "both" in self._marks) and len(self._main_periods()) < 2:
            for (name_, exclude), values in merged.items():
                if len(values) > 1 and not exclude and name_ not in self._splits:
                    self._splits.append(name_)
        return tuple(
            Filter(dimension=name_, values=tuple(values), exclude=exclude)
            for (name_, exclude), values in merged.items()
        )

    # --- periods ----------------------------------------------------------------------------------------------------

    def _main_periods(self) -> list[PeriodSpan]:
        """The periods without a weekday that narrows another: "on Saturday in January"."""
        whole = [span for span in self._periods if span.weekday is None]
        return whole if whole else self._periods

    def _weekdays(self) -> list[str]:
        if not any(span.weekday is None for span in self._periods):
            return []
        return [WEEKDAYS[span.weekday] for span in self._periods if span.weekday is not None]

    def _main_period(self) -> Period:
        spans_ = self._main_periods()
        return _period(spans_[0]) if spans_ else Period()

    def _period_pairs(self) -> list[tuple[Period, Period | None]]:
        """The period and what it is compared with, in as many versions as the words allow."""
        found = self._main_periods()
        changing = "change" in self._marks
        comparing = changing or "against" in self._marks or "both" in self._marks
        if len(found) > 2:
            raise Trouble("clarify", "More than two periods are named: ask about one, or compare two.")
        if len(found) == 2:
            return self._two(found[0], found[1], comparing)
        if not comparing and not {"previous", "year_before"} & self._marks.keys():
            return [(self._main_period(), None)]
        if found and found[0].ends is not None and (changing or "both" in self._marks):
            left, right = found[0].ends
            return [(Period(start=right[0], end=right[1]), Period(start=left[0], end=left[1]))]
        if "year_before" not in self._marks and "previous" not in self._marks and not changing:
            if (
                self._splits
                or len(self._filters) > 1
                or any(len(n.values) > 1 for s, _ in self._filters for n in s.names)
            ):
                return [(self._main_period(), None)]  # two names are compared, not two periods
            raise Trouble("clarify", "Compared with what? Name a second period, such as “the month before”.")
        if not found or found[0].start is None or found[0].end is None:
            raise Trouble("clarify", "Over which period, and compared with which? The question names none.")
        start, end = found[0].start, found[0].end
        if "year_before" in self._marks:
            earlier = calendar.year_before(start, end)
        else:
            earlier = calendar.before(start, end, self._calendar.week_starts)
        return [(Period(start=start, end=end), Period(start=earlier[0], end=earlier[1]))]

    def _two(self, one: PeriodSpan, other: PeriodSpan, comparing: bool) -> list[tuple[Period, Period | None]]:
        first, second = _period(one), _period(other)
        if not comparing:
            raise Trouble(
                "clarify",
                "Two periods are named: to compare them, put “compared with” between them; else ask about one.",
            )
        against = self._marks.get("against", [])
        if not against and first.start is not None and second.start is not None and first.start < second.start:
            first, second = second, first  # "compare September and October": the later one is looked at
        versions: list[tuple[Period, Period | None]] = [(first, second)]
        shorter = first.days is not None and second.days is not None and first.days < HALF_A_YEAR < second.days
        if shorter and first.start is not None and first.end is not None:
            start, end = calendar.year_before(first.start, first.end)
            versions.append((first, Period(start=start, end=end)))
        return versions


def _period(span: PeriodSpan) -> Period:
    return Period(start=span.start, end=span.end)
