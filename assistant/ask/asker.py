"""``Asker``: a question in, an answer out. interpret -> Plan -> run -> compose -> verify."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from assistant.ask import about, compose
from assistant.ask.answer import Answer, Cited, CitedValue, Table
from assistant.ask.choose import Chosen, choose
from assistant.ask.compose import Part, Value
from assistant.ask.conversation import Conversations
from assistant.ask.draft import Context
from assistant.ask.follow_up import Last, chosen_of
from assistant.ask.interpret import readings
from assistant.ask.names import CHOICES_MAX, DIMENSIONS, Names
from assistant.ask.noted import noted
from assistant.ask.offers import offered
from assistant.ask.periods import Calendar
from assistant.ask.reading import NotUnderstood, OpenQuestion, Reading, Trouble
from assistant.ask.tokens import tokens
from assistant.ask.verify import Unverified, plain, verified
from assistant.ask.why import contributions, drivers, sentence, whole_change
from assistant.flags.desk import Desk
from assistant.known_on import KnownOn
from assistant.recall.wording import EVERYTHING, FlagSentence
from ledger.book import Book
from ledger.errors import PlanError
from ledger.figures import Citation, Figure, Figures, Period, Plan, Result, describe
from ledger.figures.calendar import NONE
from ledger.figures.describe import dimension_name, measured, period_words
from ledger.figures.plan import Side
from ledger.money import display_value

if TYPE_CHECKING:
    from assistant.recall import Recall

TABLE_ROWS_MAX = 200
"""An answer's table has no more rows, so that each of its figures can carry its citation."""
SUMMARIES_MAX = 4


class Asker:
    """Answers questions about one book. ``recall`` opens the summaries; it is called for an open question only."""

    def __init__(self, book: Book, figures: Figures, recall: Callable[[], Recall]) -> None:
        self._book = book
        self._figures = figures
        self._recall = recall
        self._names: Names | None = None
        self.conversations = Conversations.beside(book.path)
        self.desk = Desk(book)
        self._lock = threading.Lock()

    def ask(
        self,
        question: str,
        *,
        today: date,
        conversation: str | None = None,
        id: str | None = None,
        as_of: KnownOn | None = None,
    ) -> Answer:
        """Answer a question as asked on a day. Never raises for what a question says.

        ``conversation`` names the conversation that a question belongs to: it can go on from the question before.
        With ``as_of`` its figures are what was known then, and the reading says so.
        """
        try:
            last = self.conversations.last(conversation) if conversation is not None else None
            taken = chosen_of([token.text for token in tokens(question)], last.choices) if last is not None else None
            context = self.context(today)
            found = readings(taken or question, context, last if taken is None else None)
            chosen = choose(found, lambda plan: self.run(plan, as_of), context.weights)
            answer = self.told(chosen, id, as_of)
            if conversation is not None and chosen.result is not None:
                self._remember(conversation, chosen.result)
            return answer
        except Trouble as trouble:
            said = noted(question, self._book, self._recall, id) if isinstance(trouble, NotUnderstood) else None
            answer = said or self._troubled(trouble, id, today, as_of)
            if conversation is not None and answer.choices:
                before = self.conversations.last(conversation)
                plan = (
                    before.plan
                    if before is not None
                    else next((p for p in trouble.choices if isinstance(p, Plan)), None)
                )
                if plan is not None:
                    self.conversations.remember(conversation, Last(plan, {}, tuple(answer.choices)))
            return answer
        except PlanError as error:
            return _unrunnable(error, id)

    def answer(
        self, plan: Plan, *, conversation: str | None = None, id: str | None = None, as_of: KnownOn | None = None
    ) -> Answer:
        """Answer a plan that no words made: it is run, composed and verified as that of a question is.

        In a conversation it is what the next question goes on from. Never raises for what a plan asks.
        """
        try:
            result = self.run(plan, as_of)
            answer = self._stated(result, Reading(plans=(plan,)), id, as_of)
        except Trouble as trouble:
            return self._troubled(trouble, id, None, as_of)
        except PlanError as error:
            return _unrunnable(error, id)
        if conversation is not None:
            self._remember(conversation, result)
        return answer

    def _remember(self, conversation: str, result: Result) -> None:
        """Keep what the next question goes on from: the plan as it was asked, for at which commit it is run is the
        next question's own."""
        plan = result.plan.model_copy(update={"as_of": None})
        self.conversations.remember(conversation, Last(plan, _focus(result)))

    def context(self, today: date) -> Context:
        """What a question of a day is read with."""
        return Context(self._known_names(), self._book.chart, self._calendar(today))

    def _calendar(self, today: date) -> Calendar:
        return Calendar.of_book(self._book.settings, today)

    def _known_names(self) -> Names:
        with self._lock:
            if self._names is None or self._names.seq != self._figures.seq:
                self._names = Names(self._figures)
            return self._names

    # --- figures ----------------------------------------------------------------------------------------------------

    def run(self, plan: Plan, as_of: KnownOn | None = None) -> Result:
        """The figures of a plan, as known then. PlanError says what does not go together."""
        return self._figures.run(as_of.of(plan) if as_of else plan)

    def told(self, chosen: Chosen, id: str | None = None, as_of: KnownOn | None = None) -> Answer:
        """The answer that the chosen reading gives. Trouble where the book has none."""
        reading = chosen.reading
        if reading.open is not None:
            if as_of is not None:
                raise Trouble(
                    "abstained", "Summaries are of the book as it is now; ask for a figure, or without an as-of."
                )
            return self._recalled(reading.open, id)
        if reading.about is not None:
            return self._about(reading, id, as_of)
        assert chosen.result is not None
        return self._stated(chosen.result, reading, id, as_of)

    def _stated(self, result: Result, reading: Reading, id: str | None, as_of: KnownOn | None) -> Answer:
        """The answer that states a result. Trouble where the book has nothing to say there."""
        self._refuse_outside(result.plan)
        _refuse_nameless(result)
        self._refuse_uncounted(result)
        return self._composed(result, reading.notes, id, as_of, why=reading.why)

    def _refuse_uncounted(self, result: Result) -> None:
        """Trouble where things are counted of which the book names none: that it has no cashiers is no number of
        them."""
        each = result.plan.each
        if each is None or each.fold != "count" or any(figure.value for figure in result.figures):
            return
        for name in each.dimensions:
            if name in DIMENSIONS and not self._known_names().values(name):
                raise Trouble("abstained", f"The book has no names of {dimension_name(name, plural=True)} to count.")

    def _refuse_outside(self, plan: Plan) -> None:
        """Trouble where the book has no day of the period: a missing day is not a zero."""
        span = self._figures.span(plan.as_of)
        then = "" if plan.as_of is None else "As known then, "
        if span is None or span.start is None or span.end is None:
            nothing = "nothing had been posted." if then else "The book is empty: nothing has been posted yet."
            raise Trouble("abstained", f"{then}{nothing}")
        for period in (plan.period, plan.comparison):
            if period is None:
                continue
            late = period.start is not None and period.start > span.end
            early = period.end is not None and period.end < span.start
            if late or early:
                raise Trouble(
                    "abstained",
                    f"{then}{'the' if then else 'The'} book has tickets from {span.start} to {span.end} only, so there "
                    "is no figure "
                    f"{compose.when(period)}.",
                )

    def _composed(
        self, result: Result, notes: Sequence[str], id: str | None, as_of: KnownOn | None, *, why: bool = False
    ) -> Answer:
        cut = _cut(result)
        parts = compose.sentences(cut)
        try:
            verified(parts, cut)
        except Unverified:
            parts = plain(cut)
        cited = _Citations(self._book.settings.book.locale)
        whole = whole_change(self._figures, cut.plan) if why else []
        text = "".join(cited.render(one, verified(compose.sentences(one), one)) for one in whole)
        text = text or cited.render(cut, parts)
        for split in drivers(self._figures, cut.plan) if why else ():
            text += cited.render(split, verified(sentence(split), split))
        text += f" {cited.render(cut, parts)}" if whole else ""
        for split in contributions(self._figures, cut.plan) if why else ():
            text += cited.render(split, verified(sentence(split), split))
        known = [f"{as_of.words[:1].upper()}{as_of.words[1:]}."] if as_of else []
        extra = [*known, *notes, *self._remarks(result)]
        if len(cut.rows) < len(result.rows):
            extra.append(f"The table is cut to {len(cut.rows)} rows.")
        multiple = len(cut.rows) > 1
        for row in cut.rows:
            for figure in row:
                cited.number(cut, figure)
        return Answer(
            id=id,
            status="answered" if cited.figures or (cut.plan.conditions and result.tickets) else "abstained",
            text=" ".join([text, *extra]),
            reading=as_of.reading(result.plan) if as_of else describe(result.plan),
            figures=cited.figures,
            table=_table(cut) if multiple else None,
            citations=cited.citations,
            plan=result.plan.model_dump(mode="json", exclude_defaults=True),
            remarks=extra,
        )

    def caveats(self, result: Result) -> list[str]:
        """What a reader has to know beside a result. Trouble where the book has no day of its period."""
        self._refuse_outside(result.plan)
        return self._remarks(result)

    def _remarks(self, result: Result) -> list[str]:
        """What a reader has to know beside the figure: data that ends early, nothing found, a total that does not
        tie."""
        remarks = []
        span, period = self._figures.span(result.plan.as_of), result.plan.period
        if span is not None and span.end is not None and span.start is not None:
            periods = [period, *([result.plan.comparison] if result.plan.comparison else [])]
            if period.start is None and period.end is None:
                remarks.append(f"The book has {span.start} to {span.end}.")
            if any(one.end is not None and one.end > span.end for one in periods):
                remarks.append(f"The book's last day is {span.end}.")
            if any(one.start is not None and one.start < span.start for one in periods):
                remarks.append(f"The book's first day is {span.start}.")
        if result.tickets == 0:
            remarks.append("The book has no ticket there.")
        if result.tie_out is not None and not result.tie_out.agrees:
            remarks.append(result.tie_out.sentence)
        return remarks

    # --- about the book ---------------------------------------------------------------------------------------------

    def _about(self, reading: Reading, id: str | None, as_of: KnownOn | None) -> Answer:
        assert reading.about is not None
        if as_of is not None:
            raise Trouble("abstained", "That is told of the book as it is now; ask for a figure, or without an as-of.")
        answer = about.answer(reading.about, self._book, self._figures, self.desk, id)
        return answer.model_copy(update={"text": " ".join([answer.text, *reading.notes])})

    # --- summaries --------------------------------------------------------------------------------------------------

    def _recalled(self, asked: OpenQuestion, id: str | None) -> Answer:
        if asked.period.start is not None or asked.period.end is not None:
            self._refuse_outside(Plan(metrics=("net_sales",), period=asked.period))
        found = self._recall().search(
            asked.text, stores=asked.stores, period=asked.period, limit=SUMMARIES_MAX, kinds=EVERYTHING
        )
        hits = sorted(found.hits, key=lambda hit: (hit.summary.kind != "week", hit.summary.start, hit.distance))
        reading = _open_reading(asked, found.period)
        if not hits:
            return Answer(
                id=id, status="abstained", text="I found no summary of the book that speaks of this.", reading=reading
            )
        texts: list[str] = []
        figures: list[CitedValue] = []
        citations: list[Cited] = []
        for hit in hits:
            summary = hit.summary
            texts.append(summary.marked(len(citations) + 1))
            for figure in summary.cited:
                number = len(citations) + 1
                if isinstance(figure, FlagSentence):
                    citations.append(Cited(id=number, kind="flag", ref=figure.flag, url=f"/flags/flag/{figure.flag}"))
                    continue
                token = figure.citation.token()
                citations.append(Cited(id=number, kind="plan", ref=token, url=f"/citations/{token}"))
                figures.append(
                    CitedValue(label=figure.label, value=str(figure.value), unit=figure.unit, citation=number)
                )
        for hit in hits:
            document = hit.summary.document
            if document:
                url = f"/documents/{document}"
                citations.append(Cited(id=len(citations) + 1, kind="document", ref=document, url=url))
                continue
            if hit.summary.kind == "flag":
                continue  # its sentences cite their flags
            token = hit.summary.figures[0].citation.token() if hit.summary.figures else ""
            citations.append(
                Cited(id=len(citations) + 1, kind="summary", ref=hit.summary.title, url=f"/citations/{token}")
            )
        return Answer(
            id=id, status="answered", text="\n".join(texts), reading=reading, figures=figures, citations=citations
        )

    # --- no figures -------------------------------------------------------------------------------------------------

    def _troubled(self, trouble: Trouble, id: str | None, today: date | None, as_of: KnownOn | None) -> Answer:
        """What stands in the way; ``today`` is the day on which choices that are questions are read."""

        def read(question: str) -> Plan | None:
            if today is None:
                return None
            try:
                plans = readings(question, self.context(today))[0].plans
            except Trouble:
                return None
            return plans[0] if len(plans) == 1 else None

        offers, cited = offered(trouble.choices[:CHOICES_MAX], read, lambda plan: self.run(plan, as_of))
        return Answer(
            id=id,
            status=trouble.status,
            text=str(trouble),
            choices=[one.reading for one in offers],
            offers=offers,
            citations=cited,
        )


class _Citations:
    """The figures of one answer in the order in which they are shown, each with its citation."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._numbers: dict[tuple[Plan, str], int] = {}
        self.figures: list[CitedValue] = []
        self.citations: list[Cited] = []

    def number(self, result: Result, figure: Figure) -> int | None:
        """The number of a figure's citation; None for one that has no value."""
        if figure.value is None:
            return None
        key = (result.plan, figure.id)
        if key not in self._numbers:
            number = self._numbers[key] = len(self.citations) + 1
            token = Citation.of(result, figure).token()
            self.citations.append(Cited(id=number, kind="plan", ref=token, url=f"/citations/{token}"))
            self.figures.append(
                CitedValue(label=_label(result, figure), value=str(figure.value), unit=figure.unit, citation=number)
            )
        return self._numbers[key]

    def render(self, result: Result, parts: Sequence[Part]) -> str:
        return "".join(part if isinstance(part, str) else self._value(result, part) for part in parts)

    def _value(self, result: Result, part: Value) -> str:
        figure = part.figure
        assert figure.value is not None
        shown = display_value(abs(figure.value) if part.size else figure.value, figure.unit, self._locale)
        signed = not part.size and figure.side in ("change_rate", "change", "price", "volume", "mix")
        if signed and figure.value > 0:
            shown = f"+{shown}"
        unit = f" {figure.unit}" if figure.unit == "points" else ""
        return f"{shown}{unit} [{self.number(result, figure)}]"


def _label(result: Result, figure: Figure) -> str:
    row = f", {', '.join(figure.key)}" if len(result.rows) > 1 else ""
    return f"{measured(result.plan, figure.metric)}{_SIDES[figure.side]}{row}"


_SIDES: dict[Side, str] = {
    "value": "", "before": ", before", "change": ", change", "change_rate": ", change in percent", "share": ", share",
    "price": ", price effect", "volume": ", volume effect", "mix": ", mix effect", "running": ", running total",
    "step": ", change from the row before",
    "step_rate": ", change from the row before in percent",
}  # fmt: skip


def _table(result: Result) -> Table:
    columns = [
        *result.plan.dimensions,
        *(name if side == "value" else f"{name}_{side}" for name, side in result.columns),
    ]
    rows = [
        [*key, *("" if figure.value is None else str(figure.value) for figure in row)]
        for key, row in zip(result.keys, result.rows, strict=True)
    ]
    return Table(columns=columns, rows=rows)


def _cut(result: Result) -> Result:
    """A result with no more rows than an answer's table may have."""
    if len(result.rows) <= TABLE_ROWS_MAX:
        return result
    return replace(result, keys=result.keys[:TABLE_ROWS_MAX], rows=result.rows[:TABLE_ROWS_MAX])


def _open_reading(asked: OpenQuestion, covered: Period) -> str:
    parts = ["summaries", *([f"store {' or '.join(asked.stores)}"] if asked.stores else [])]
    return ", ".join([*parts, period_words(covered)])


def _refuse_nameless(result: Result) -> None:
    """Trouble where no row has a name: the sources do not say who the cashiers are, and "none" is no best of them."""
    for place, name in enumerate(result.plan.dimensions):
        if result.keys and result.row_count == 1 and result.keys[0][place] == NONE:
            words = dimension_name(name, plural=True)
            raise Trouble("abstained", f"The book has no names of {words} there, so they cannot be told apart.")


def _focus(result: Result) -> dict[str, str]:
    """What "that day" or "that store" of a next question means: the values of the row, where there is one."""
    return dict(zip(result.plan.dimensions, result.keys[0], strict=True)) if len(result.keys) == 1 else {}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _unrunnable(error: PlanError, id: str | None) -> Answer:
    return Answer(id=id, status="abstained", text=_sentence(str(error)))
