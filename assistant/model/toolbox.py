"""``Toolbox``: what a model may do. Each tool is typed, reads only, and gives back JSON; no SQL, no code is ever run.

A figure is given with its id; the value beside it is for comparing, since only the id can be written into an answer.
Names of people are sent as ``Pseudonyms`` has it. A tool never raises for what it was asked: it says what was wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from assistant.ask import Answer
from assistant.ask.reading import Trouble
from assistant.known_on import KnownOn
from assistant.model.evidence import Evidence, Known
from assistant.model.prompting import as_data
from assistant.model.pseudonyms import PEOPLE, Pseudonyms, hidden_key
from ledger.errors import PlanError, TillproofError
from ledger.figures import METRICS, Citation, Figures, Period, Plan, Result, describe, open_citation
from ledger.money import to_major

if TYPE_CHECKING:
    from assistant.recall import Recall

ROWS_MAX, NAMES_MAX, SUMMARIES_MAX, CONTRIBUTIONS_MAX = 40, 40, 4, 10
NAME_CHARACTERS_MAX = 80
Tell = Callable[[str, str], None]
"""Is told a stage and its sentence while a question is worked on."""


class Toolbox:
    """The tools for one question, over one book, with the evidence that they gather."""

    def __init__(
        self,
        figures: Figures,
        evidence: Evidence,
        pseudonyms: Pseudonyms,
        *,
        offline: Callable[[str], Answer],
        caveats: Callable[[Result], list[str]],
        recall: Callable[[], Recall],
        as_of: KnownOn | None,
        tell: Tell,
    ) -> None:
        self.evidence = evidence
        self.pseudonyms = pseudonyms
        self._figures = figures
        self._offline = offline
        self._caveats = caveats
        self._recall = recall
        self._as_of = as_of
        self._tell = tell

    def run_plan(self, plan: Plan) -> str:
        """Compute a plan."""
        self._tell("plan", "Running a plan")
        shown = self.pseudonyms.shown_plan(plan).model_copy(update={"as_of": self._as_of.seq if self._as_of else None})

        def work() -> dict[str, Any]:
            result = self._figures.run(shown)
            remarks = self._caveats(result)
            return {**self.table(result), "remarks": remarks}

        return self._said(work)

    def ask_interpreter(self, question: str) -> str:
        """Ask the offline interpreter; what it read and computed, or why it did not."""
        self._tell("plan", "Reading it another way")

        def work() -> dict[str, Any]:
            answer = self._offline(self.pseudonyms.shown(question)[:500])
            if answer.status == "answered" and answer.plan is not None:
                return self.table(self._figures.run(Plan.model_validate(answer.plan)))
            return {"status": answer.status, "said": self.pseudonyms.hidden(answer.text), "choices": [
                self.pseudonyms.hidden(one) for one in answer.choices
            ]}  # fmt: skip

        return self._said(work)

    def list_names(self, dimension: str, containing: str = "") -> str:
        """The names of a dimension that contain a text."""

        def work() -> dict[str, Any]:
            wanted = containing.lower()
            values = [self.pseudonyms.hidden_value(dimension, one) for one in self._figures.values(dimension)]
            found = [one[:NAME_CHARACTERS_MAX] for one in values if wanted in one.lower()]
            return {"dimension": dimension, "count": len(found), "names": found[:NAMES_MAX]}

        return self._said(work)

    def explain_metric(self, metric: str) -> str:
        """What a metric means, and what it can be split by."""
        one = METRICS.get(metric)
        if one is None:
            return as_data({"error": f"there is no metric {metric[:40]!r}", "metrics": list(METRICS)})
        return as_data({"metric": one.name, "label": one.label, "definition": one.definition, "unit": one.unit,
                        "dimensions": sorted(one.dimensions)})  # fmt: skip

    def search_summaries(self, text: str, stores: Sequence[str], start: date | None, end: date | None) -> str:
        """Summaries of days, weeks and tickets that stand out, nearest to a text; their figures as places."""
        self._tell("search", "Searching the summaries")

        def work() -> dict[str, Any]:
            if self._as_of is not None:
                raise PlanError("summaries are of the book as it is now")
            found = self._recall().search(
                self.pseudonyms.shown(text),
                stores=tuple(stores),
                period=Period(start=start, end=end),
                limit=SUMMARIES_MAX,
            )
            return {"summaries": [self._summary(hit.summary) for hit in found.hits]}

        return self._said(work)

    def open_citation(self, figure: str, page: int = 1) -> str:
        """What a figure is made of: its largest unit is a ticket or an entry, a page at a time."""

        def work() -> dict[str, Any]:
            known = self.evidence.known.get(figure)
            if known is None or not known.references or known.references[0].kind != "plan":
                raise PlanError(f"there is no figure {figure[:10]!r} that can be opened")
            proof = open_citation(
                self._figures, Citation.from_token(known.references[0].ref), page=page, page_size=CONTRIBUTIONS_MAX
            )
            if proof.parts:
                parts = [self._figure(self.evidence.cited(at, one.label, one.value, one.unit))
                         for _, one, at in proof.parts if one.value is not None]  # fmt: skip
                return {"definition": proof.definition, "computed_from": parts}
            money = len(proof.figure.unit) == 3 and proof.figure.unit.isupper()
            rows = [
                {
                    "ticket": one.ticket,
                    "store": one.store,
                    "business_date": one.business_date,
                    "adds": self._figure(
                        self.evidence.contribution(
                            known,
                            to_major(one.amount, proof.currency),
                            one.ticket,
                            one.business_date,
                            f"{one.seq}-{one.n}",
                        )
                    )
                    if money
                    else None,
                }
                for one in proof.contributions
            ]
            return {"count": proof.count, "page": proof.page, "pages": proof.pages, "made_of": rows}

        return self._said(work)

    def combine_figures(self, kind: Literal["sum", "difference", "share"], figures: Sequence[str]) -> str:
        """A figure computed from others."""
        return self._said(lambda: self._figure(self.evidence.combined(kind, list(figures))))

    def table(self, result: Result) -> dict[str, Any]:
        """A result as it is sent: its first rows, each figure with its id."""
        name, rows = self.evidence.add(result, ROWS_MAX)
        made: dict[str, Any] = {
            "result": name,
            "reading": self.pseudonyms.hidden(describe(result.plan.model_copy(update={"as_of": None}))),
            "row_count": result.row_count,
            "rows": [
                {**hidden_key(self.pseudonyms, result.plan.dimensions, key), **self._cells(result, at, figures)}
                for at, (key, figures) in enumerate(zip(result.keys, rows, strict=False))
            ],
        }
        if result.row_count > len(made["rows"]):
            made["note"] = f"only the first {len(made['rows'])} rows are listed; rank or filter to see others"
        if result.tickets == 0:
            made["note"] = "the book has nothing there"
        return made

    def _cells(self, result: Result, row: int, known: Sequence[Known | None]) -> dict[str, Any]:
        return {
            name if side == "value" else f"{name}_{side}": None if one is None else self._figure(one)
            for (name, side), one in zip(result.columns, known, strict=True)
        }

    def _figure(self, one: Known) -> dict[str, str]:
        return {"id": one.id, "value": str(one.value), "unit": one.unit}

    def _summary(self, summary: Any) -> dict[str, str]:
        parts = [
            part
            if isinstance(part, str)
            else f"{{{self.evidence.cited(part.citation, part.label, part.value, part.unit).id}}} ({part.shown})"
            for part in summary.parts
        ]
        return {"title": summary.title, "text": self.pseudonyms.hidden("".join(parts))}

    def _said(self, work: Callable[[], dict[str, Any]]) -> str:
        """What some work gives, or why it cannot be done, in which nobody's name stands."""
        try:
            return as_data(work())
        except (TillproofError, Trouble, ValueError) as error:
            return as_data({"error": self.pseudonyms.hidden(str(error))[:400]})


def about_book(figures: Figures) -> dict[str, Any]:
    """What a model is told of a book: currency, first and last day, metrics and dimensions; no name of anybody."""
    span = figures.span()
    business = figures.book.settings.book
    return {
        "currency": business.currency,
        "first_day": span.start if span else None,
        "last_day": span.end if span else None,
        "weeks_start_on": business.week_starts,
        "metrics": {one.name: one.label for one in METRICS.values()},
        "stores": list(figures.values("store"))[:NAMES_MAX],
        "people_are": [f"{name.capitalize()} 1, {name.capitalize()} 2 ..." for name in PEOPLE],
    }
