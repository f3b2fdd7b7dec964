"""From the items of a question to plans: one, or a few where the words allow several, the likeliest first.

The parts are read in the order of how much they bind: measures, selection, rows, times, orders. What none of them has
taken stands in the way of an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Literal, cast

from assistant.ask.draft import Context, Draft
from assistant.ask.items import Items
from assistant.ask.lexicon import lexicon
from assistant.ask.measures import measures
from assistant.ask.orders import ranking
from assistant.ask.reading import About, OpenQuestion, Trouble
from assistant.ask.selection import Kept, selection
from assistant.ask.shares import share, with_part
from assistant.ask.spans import Span
from assistant.ask.splits import split, steps_by
from assistant.ask.times import Times, times
from assistant.ask.tokens import NUMBERS
from assistant.ask.versus import as_difference, versus
from assistant.ask.wanted import BALANCES, SELLING, account, by_account, each, is_about_selling, metrics
from ledger.figures import Filter, Period, Plan
from ledger.figures.calendar import FISCAL, IN_TIME
from ledger.figures.plan import Condition, Dimension
from ledger.statements.plan import StatementKind

_SERIES: dict[str | None, Literal["running", "steps"]] = {"running": "running", "steps": "steps"}
_TAKEN_LATER = frozenset(
    {"rank", "nth", "mover", "rate", "open", "names", "business", "define", "state", "why", "filler"}
)
"""Kinds of items that have their part in a plan without a place of their own in it."""

_OF_COMPLETENESS = frozenset({"store", "register", *IN_TIME})
"""What tickets can be missing for: of "items with no sales" nothing is."""
_BEFORE_A_NUMBER = (["ticket"], ["receipt"], ["check"], ["order"], ["transaction"], ["number"], ["no"])


class Planner:
    """The plans of one way to explain a question."""

    def __init__(
        self, texts: Sequence[str], chosen: Sequence[Span], context: Context, commas: Collection[int] = ()
    ) -> None:
        self._texts = list(texts)
        self._context = context
        self._items = Items.of(texts, chosen, commas)
        self._limit: int | None = None
        self._ticket = ""
        self.notes: tuple[str, ...] = ()

    def takes(self, run: tuple[int, int]) -> bool:
        """Whether left-over words are a number of rows ("the 3 stores with the highest sales"), that of all there are
        ("between the two sites"), or that of a ticket of whose flags is asked."""
        if self._items.has("state", value="flags") and self._texts[run[0] - 1 : run[0]] in _BEFORE_A_NUMBER:
            self._ticket = "".join(self._texts[run[0] : run[1]])
            return True
        word = NUMBERS.get(self._texts[run[0]], self._texts[run[0]])
        ranked = self._items.has("rank", "mover")
        if run[1] - run[0] == 1 and word.isdigit() and ranked and self._limit is None and 0 < int(word) <= 1000:
            self._limit = int(word)
            return True
        following = next((item for item in self._items if item.first == run[1]), None)
        if run[1] - run[0] != 1 or not word.isdigit() or following is None or following.kind != "dimension":
            return False
        return int(word) == len(self._context.names.values(cast(Dimension, following.value)))

    # --- open questions ---------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        figures = self._items.has("metric", "rank", "asking", "mover", "account", "bound")
        return self._items.has("open", value="") or (self._items.has("open", value="bare") and not figures)

    def open_question(self, question: str) -> OpenQuestion:
        return OpenQuestion(question, *self._stores_and_period())

    # --- about the book ---------------------------------------------------------------------------------------------

    def about(self) -> About | None:
        """What the question asks about the book itself, or None where it asks for a figure."""
        metrics = tuple(dict.fromkeys(item.value for item in self._items if item.kind == "metric"))
        states = {item.value for item in self._items if item.kind == "state"}
        statement = next((item.value for item in self._items if item.kind == "statement"), None)
        if statement is not None:
            return self._about_stores("statement", cast(StatementKind, statement))
        if "flags" in states:
            return self._about_flags()
        if "held" in states:
            return self._about_stores("held", None)
        figures = self._items.has("share", "rank", "bound", "ratio", "count", "mover", "name")
        feeds = "feeds" in states or ("records" in states and "complete" not in states and not figures)
        if feeds and {*metrics} <= {"transactions"}:
            return About("feeds")
        rows = {item.value for item in self._items if item.kind == "dimension"}
        if "complete" in states and {*metrics} <= {"transactions", "net_sales"} and rows <= _OF_COMPLETENESS:
            return self._about_stores("complete", None)
        if self._items.has("define") and metrics and not self._items.has("period", "name"):
            return About("define", metrics)
        return None

    def _about_stores(self, kind: Literal["complete", "held", "statement"], statement: StatementKind | None) -> About:
        for item in self._items.free("state", "statement", "count", "asking", "metric", "dimension", "fold", "exclude"):
            item.taken = True
        stores, period = self._stores_and_period()
        self._untaken()
        return About(kind, stores, period, statement)

    def _about_flags(self) -> About:
        for item in self._items.free("state", "why", "asking", "metric", "dimension", "count", "names", "both", "when"):
            item.taken = True
        kept = selection(self._items, self._context.names).kept
        found = {name.dimension for one in kept for name in one.names}
        if found - {"store", "cashier"} or any(one.exclude for one in kept):
            raise Trouble("abstained", "Flags are told by store, cashier, ticket and date; ask for those.")
        of = {d: tuple(v for one in kept for n in one.names if n.dimension == d for v in n.values) for d in found}
        when = times(self._items, self._context.calendar, groups=True, share=False, steps=True)
        self._untaken()
        return About("flags", of.get("store", ()), when.pairs[0][0], people=of.get("cashier", ()), ticket=self._ticket)

    def _stores_and_period(self) -> tuple[tuple[str, ...], Period]:
        """What a question that makes no plan is about."""
        kept = selection(self._items, self._context.names).kept
        stores = [v for one in kept for name in one.names if name.dimension == "store" for v in name.values]
        found = times(self._items, self._context.calendar, groups=True, share=False, steps=True)
        return tuple(dict.fromkeys(stores)), found.pairs[0][0]

    # --- plans ------------------------------------------------------------------------------------------------------

    def plans(self) -> tuple[Plan, ...]:
        """The plans that the items allow. Trouble says what stands in the way."""
        items = self._items
        for item in items.free("unknown"):
            raise Trouble("abstained", f"“{items.words(item)}”: {lexicon().unknown}")
        measured = measures(items)
        draft = Draft(items, self._context, measured, selection(items, self._context.names), self._limit)
        split(draft)
        wanted = metrics(draft)
        against = versus(draft)
        named = against is not None or bool(draft.chosen.splits)
        in_time = bool(set(IN_TIME) & set(draft.chosen.splits))
        if in_time and items.says("develop", "developed", "evolve", "evolved", "move", "moved"):
            draft.series = draft.series or "trend"  # "how tips moved month after month"
        found = times(
            items,
            self._context.calendar,
            groups=named,
            names=bool(against),
            share=measured.share,
            steps=draft.series is not None,
        )
        self.notes = found.notes
        if found.steps_by is not None:
            steps_by(draft, found.steps_by)
        elif found.compares and found.pairs[0][1] is None and in_time:
            draft.series = draft.series or "steps"
        _netted(draft, wanted)
        self._untaken()
        groups = set(draft.measured.groups)
        if self._context.calendar.fiscal is None and set(FISCAL) & {*draft.chosen.splits, *groups}:
            self.notes += ("The book sets no fiscal year, so fiscal is read as calendar.",)
        plans = [
            self._plan(draft, of, filters, period, comparison, found, against)
            for of in ([(name,) for name in SELLING] if is_about_selling(draft) else [wanted])
            for filters in with_part(draft, found)
            for period, comparison in found.pairs
        ]
        return tuple(dict.fromkeys(plans))

    def _plan(
        self,
        draft: Draft,
        wanted: tuple[str, ...],
        filters: tuple[Filter, ...],
        period: Period,
        comparison: Period | None,
        found: Times,
        compared: tuple[Kept, ...] | None,
    ) -> Plan:
        chosen, measured = draft.chosen, draft.measured
        splits = tuple(self._within(name, filters) for name in chosen.splits)
        against: tuple[Filter, ...] = ()
        if compared and comparison is None:
            left, right = (chosen.filters([one])[0] for one in compared)
            if as_difference(draft, left, right):
                others = [one for one in chosen.kept if one not in compared]
                filters, against = (*left, *chosen.filters(others)[0]), right
            elif left[0].dimension not in splits:
                splits = (*splits, self._within(left[0].dimension, filters))
        groups = each(draft, wanted)
        bounds = tuple(measured.bounds)
        if draft.end is not None and not bounds:
            bounds = (Condition(metric=wanted[0], op="over", value=Decimal(0)),)
        conditions = () if groups is not None and groups.conditions else bounds
        if conditions and not splits:
            splits = ("ticket",)
        by_jurisdiction = any(one.dimension == "jurisdiction" for one in filters)
        if measured.account == "tax" and period.start is not None and period.start == period.end:
            period = Period(end=period.end)  # what is payable on a day is what is owed at its end
        if measured.account == "tax" and (period.start is not None or by_jurisdiction):
            wanted = ("tax_collected",)
        elif measured.account is not None:
            filters = (*filters, account(draft, measured.account))
        if set(wanted) & BALANCES:
            filters = by_account(draft, filters)
        plan = Plan(
            metrics=wanted,
            dimensions=splits,
            filters=filters,
            period=period,
            comparison=comparison,
            against=against,
            each=groups,
            conditions=conditions,
            share=share(draft, found, splits, filters, groups),
            series=_SERIES.get(draft.series),
        )
        return plan.model_copy(update={"ranking": ranking(draft, plan)})

    def _within(self, name: Dimension, filters: tuple[Filter, ...]) -> Dimension:
        """Categories of one category are those below it: "drinks by category", "beer vs wine"."""
        if name != "category":
            return name
        kept = [one for one in filters if one.dimension == "category" and not one.exclude]
        parents = {path.split(" / ")[0] for path in self._context.names.values("category") if " / " in path}
        values = [value for one in kept for value in one.values]
        above = bool(kept) and all(value in parents for value in values)
        below = bool(kept) and all(" / " in value for value in values)
        return "subcategory" if above or below else name

    def _untaken(self) -> None:
        """Trouble where an item has no part in the plan."""
        for item in self._items:
            if item.taken or item.kind in _TAKEN_LATER:
                continue
            said = self._items.words(item)
            raise Trouble("abstained", f"I did not understand what “{said}” is to do here, so I give no figure.")


_NET_OF = {
    "returns": frozenset({"net_sales", "total_collected", "tax_collected", "gross_profit", "gross_margin", "cogs"}),
    "tax": frozenset({"net_sales", "gross_sales", "discounts", "returns", "units_sold", "transactions", "cogs",
                      "average_ticket", "gross_profit", "gross_margin"}),
}  # fmt: skip
"""Metrics of which returns, or taxes, are no part, so that to say it adds nothing: "takings after refunds"."""


def _netted(draft: Draft, wanted: Sequence[str]) -> None:
    """Trouble where a figure is to be without what is a part of it: "gross sales net of refunds"."""
    for item in draft.items.free("netted"):
        item.taken = True
        if not set(wanted) <= _NET_OF[item.value]:
            said = draft.items.words(item)
            raise Trouble("clarify", f"I do not take that off there: “{said}”. Ask for net sales, or for both figures.")
