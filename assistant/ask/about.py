"""Questions about the book itself: whether it is complete, what is held, when it was last fed, what a metric means, and
the statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from assistant.ask.answer import Answer, Cited, CitedValue, Table
from assistant.ask.compose import listed, when
from assistant.ask.flagged import flagged
from assistant.ask.reading import About, Trouble
from assistant.feeds.state import COUNTS, Counts
from ingest.answers import standing
from ledger.errors import PlanError
from ledger.figures import Citation, Figures, Filter, Period, Plan
from ledger.figures.describe import period_words
from ledger.figures.metrics import metric
from ledger.money import display_value
from ledger.statements import StatementPlan, run_statement

if TYPE_CHECKING:
    from assistant.flags.desk import Desk
    from ledger.book import Book
    from ledger.reading import HeldRow

USUAL_DAYS = 28
"""A store that had a ticket in so many days before is expected to have some on a day, too."""
NAMED_MAX = 12


@dataclass
class _Said:
    """Figures and their citations in the order in which a text names them."""

    figures: list[CitedValue]
    citations: list[Cited]

    def plan(self, label: str, value: str, unit: str, citation: Citation) -> int:
        token = citation.token()
        return self._add(label, value, unit, Cited(id=self._next, kind="plan", ref=token, url=f"/citations/{token}"))

    def document(self, label: str, value: int, ref: str, url: str) -> int:
        return self._add(label, str(value), "records", Cited(id=self._next, kind="document", ref=ref, url=url))

    @property
    def _next(self) -> int:
        return len(self.citations) + 1

    def _add(self, label: str, value: str, unit: str, cited: Cited) -> int:
        self.citations.append(cited)
        self.figures.append(CitedValue(label=label, value=value, unit=unit, citation=cited.id))
        return cited.id


def answer(about: About, book: Book, figures: Figures, desk: Desk, id: str | None) -> Answer:
    """The answer to a question about the book. Trouble where there is none."""
    makers: dict[str, Callable[[About, Book, Figures], Answer]] = {
        "define": _defined,
        "complete": _complete,
        "held": _held,
        "feeds": _feeds,
        "flags": lambda about, _, __: flagged(about, desk),
        "statement": _statement,
    }
    return makers[about.kind](about, book, figures).model_copy(update={"id": id})


def _defined(about: About, book: Book, figures: Figures) -> Answer:
    texts = [f"{metric(name).label.capitalize()}: {metric(name).definition}." for name in about.names]
    reading = "definition of " + " and ".join(metric(name).label for name in about.names)
    return Answer(status="answered", text=" ".join(texts), reading=reading)


# --- completeness -----------------------------------------------------------------------------------------------------


def _complete(about: About, book: Book, figures: Figures) -> Answer:
    span = figures.span()
    if span is None or span.end is None:
        raise Trouble("abstained", "The book is empty: nothing has been posted yet.")
    period = about.period
    if period.start is None or period.end is None:
        raise Trouble("clarify", f"Whether which day is complete? The book's last day is {span.end}.")
    filters = (Filter(dimension="store", values=about.names),) if about.names else ()
    usual = Period(start=period.start - timedelta(days=USUAL_DAYS), end=period.end)
    expected = _with_tickets(figures, Plan(metrics=("transactions",), filters=filters, period=usual))
    plan = Plan(metrics=("transactions",), dimensions=("store", "business_date"), filters=filters, period=period)
    result = figures.run(plan)
    days = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
    there = {key for key, row in zip(result.keys, result.rows, strict=True) if row[0].value}
    missing = [(s, day.isoformat()) for s in expected for day in days if (s, day.isoformat()) not in there]
    said = _Said([], [])
    total = figures.run(plan.model_copy(update={"dimensions": ()}))
    figure = total.rows[0][0]
    tickets = "no ticket"
    if figure.value:
        number = said.plan("transactions", str(figure.value), figure.unit, Citation.of(total, figure))
        tickets = f"{display_value(figure.value, figure.unit, book.settings.book.locale)} tickets [{number}]"
    waiting = [one for one in _waiting(book) if one.business_date is None or one.business_date in days]
    text = f"{when(period)[:1].upper()}{when(period)[1:]} the book has {tickets}. " + _said_missing(missing, len(days))
    if waiting:
        number = said.document("held records", len(waiting), waiting[0].document, "/feeds/held")
        text += f" Held, and not in any figure: {len(waiting)} records [{number}]."
    else:
        text += " Nothing of it is held."
    if period.end > span.end:
        text += f" The book's last day is {span.end}."
    reading = f"completeness, {period_words(period)}" + (f", store {' or '.join(about.names)}" if about.names else "")
    table = Table(columns=["store", "business_date"], rows=[list(one) for one in missing]) if len(missing) > 1 else None
    return Answer(
        status="answered", text=text, reading=reading, figures=said.figures, citations=said.citations, table=table
    )


def _with_tickets(figures: Figures, plan: Plan) -> list[str]:
    result = figures.run(plan.model_copy(update={"dimensions": ("store",)}))
    return sorted(key[0] for key, row in zip(result.keys, result.rows, strict=True) if row[0].value)


def _said_missing(missing: Sequence[tuple[str, str]], days: int) -> str:
    if not missing:
        return "Every store that traded in the four weeks before has tickets" + (" on each day." if days > 1 else ".")
    names = [f"{store} on {day}" if days > 1 else store for store, day in missing]
    shown = names if len(names) <= NAMED_MAX else [*names[:NAMED_MAX], "others"]
    return f"No ticket from {listed(shown)}, though there were some in the four weeks before."


# --- what is held, what came ------------------------------------------------------------------------------------------


def _waiting(book: Book) -> list[HeldRow]:
    """Records that are held and in no figure; what was ignored waits for nothing."""
    return [one for one in standing(book) if one.disposition != "ignored"]


def _held(about: About, book: Book, figures: Figures) -> Answer:
    held = _waiting(book)
    if about.names:
        held = [one for one in held if one.store in about.names]
    said = _Said([], [])
    documents = book.documents()
    ref = held[0].document if held else documents[-1].id if documents else ""
    number = said.document("held records", len(held), ref, "/feeds/held")
    reading = "records held" + (f", store {' or '.join(about.names)}" if about.names else "")
    text = f"Held: {len(held)} records [{number}]."
    reasons: dict[str, int] = {}
    for one in held:
        reasons[one.rule] = reasons.get(one.rule, 0) + 1
    table = None
    if reasons:
        rules = sorted(reasons, key=lambda rule: (-reasons[rule], rule))
        documents_of = {one.rule: one.document for one in reversed(held)}
        told = []
        for rule in rules:
            number = said.document(f"held by {rule}", reasons[rule], documents_of[rule], "/feeds/held")
            told.append(f"{rule} {reasons[rule]} [{number}]")
        text += f" By rule: {listed(told[:NAMED_MAX])}."
        table = Table(columns=["rule", "records"], rows=[[rule, str(reasons[rule])] for rule in rules])
    return Answer(
        status="answered", text=text, reading=reading, figures=said.figures, citations=said.citations, table=table
    )


def _feeds(about: About, book: Book, figures: Figures) -> Answer:
    feeds = book.feeds()
    span = figures.span()
    if not feeds or span is None or span.end is None:
        raise Trouble("abstained", "Nothing has been received yet.")
    newest = feeds[0]
    said = _Said([], [])
    parts = []
    counts = Counts.of(feeds)
    for name in COUNTS:
        count = getattr(counts, name)
        number = said.document(f"records {name}", count, newest.document, "/feeds")
        parts.append(f"{count} {name} [{number}]")
    text = (
        f"The last delivery, {newest.name!r} from {newest.source}, came on {newest.at:%Y-%m-%d at %H:%M} UTC; the "
        f"book's last day is {span.end}. Records of all {len(feeds)} deliveries: {listed(parts)}."
    )
    return Answer(status="answered", text=text, reading="deliveries", figures=said.figures, citations=said.citations)


# --- statements -------------------------------------------------------------------------------------------------------


def _statement(about: About, book: Book, figures: Figures) -> Answer:
    plan = StatementPlan(kind=about.statement or "trial-balance", period=about.period, stores=about.names)
    try:
        made = run_statement(figures, plan)
    except PlanError as error:
        raise Trouble("abstained", str(error)) from None
    said = _Said([], [])
    locale = book.settings.book.locale
    totals: list[str] = []
    rows: list[list[str]] = []
    width = max((len(section.columns) for section in made.sections), default=0)
    columns = next((section.columns for section in made.sections if len(section.columns) == width), ())
    for section in made.sections:
        for row in section.rows:
            cells = []
            for name, cell in zip(section.columns, row.cells, strict=True):
                value = None if cell is None else cell.figure.value
                cells.append("" if value is None else str(value))
                if cell is not None and value is not None:
                    label = f"{row.label}, {name}" if len(section.columns) > 1 else row.label
                    number = said.plan(label, str(value), cell.figure.unit, cell.citation)
                    if row.total and name == section.columns[-1]:
                        totals.append(f"{row.label} {display_value(value, cell.figure.unit, locale)} [{number}]")
            rows.append([section.title, row.label, *cells, *[""] * (width - len(cells))])
    if not rows:
        raise Trouble("abstained", f"{made.title}: the book has nothing {when(about.period)}.")
    text = f"{made.title} {when(about.period)}: {'; '.join(totals) if totals else f'{len(rows)} rows in the table'}."
    notes = [*made.notes, *([] if made.agrees else ["A control of it does not come to zero: see its page."])]
    return Answer(
        status="answered",
        text=" ".join([text, *notes]),
        reading=made.reading,
        figures=said.figures,
        citations=said.citations,
        table=Table(columns=["section", "row", *columns], rows=rows),
    )
