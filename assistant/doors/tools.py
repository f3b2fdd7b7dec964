"""What a program can do with a book, each as a typed request and a typed answer. All of it only reads.

The tools do what the API does, by the same functions; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz import fuzz, process, utils

from assistant.ask.answer import Answer
from assistant.known_on import AsOf, known_on
from assistant.server.answering import checked_question
from assistant.server.api.citations import ProofAnswer, get_citation
from assistant.server.api.metrics import Catalogue, list_metrics
from assistant.server.api.results import AskedPlan, PlanResult, run_plan
from assistant.server.api.statements import StatementAnswer
from assistant.server.api.summaries import SummaryText
from assistant.server.errors import Unreadable
from assistant.server.paging import LIMIT_MAX
from assistant.service import Service
from assistant.statement_request import Against, statement_plan
from ledger.figures import Period
from ledger.figures.plan import Dimension
from ledger.proofs.check import check
from ledger.proofs.receipt import TicketProof
from ledger.statements import StatementKind, run_statement

NAMES_MAX = 200
SUMMARIES_MAX = 20
ALIKE_MIN = 60
"""How alike (0 to 100) a name and what is searched for have to be."""

Text = Annotated[str, Field(max_length=400)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Question(_Given):
    question: str = Field(max_length=4000, examples=["net sales by store last week"])
    today: date | None = Field(
        default=None, description="the day that 'yesterday' is relative to; the present without it"
    )
    as_of: AsOf | None = Field(default=None, description="a commit's number, a date or a time: what was known then")
    conversation: str | None = Field(
        default=None,
        max_length=200,
        description="a name of your choice: questions with the same one go on from another",
    )


class Nothing(_Given):
    """No arguments."""


class WantedNames(_Given):
    dimension: Dimension
    search: Text = Field(default="", description="a part of the name, also misspelt; all names without it")
    limit: int = Field(default=50, ge=1, le=NAMES_MAX)


class Names(BaseModel):
    """Names as a filter of a plan takes them; ``total`` is how many the dimension has."""

    dimension: str
    names: list[str]
    total: int


class WantedSummaries(_Given):
    text: Text = Field(description="what is looked for, in plain words", examples=["a day with many refunds"])
    stores: list[Text] = Field(default_factory=list, max_length=1000, description="all stores without it")
    start: date | None = Field(default=None, alias="from", description="first business date")
    end: date | None = Field(default=None, alias="to", description="last business date")
    limit: int = Field(default=5, ge=1, le=SUMMARIES_MAX)


class FoundSummaries(BaseModel):
    """Summaries, the nearest in meaning first, and the business dates that were looked at."""

    summaries: list[SummaryText]
    start: date | None
    end: date | None


class WantedCitation(_Given):
    token: str = Field(max_length=20_000, description="the 'ref' of a citation, or the last part of its address")
    page: int = Field(default=1, ge=1, le=1_000_000)
    limit: int = Field(default=50, ge=1, le=LIMIT_MAX, description="contributions a page")


class WantedStatement(_Given):
    kind: StatementKind
    start: date | None = Field(default=None, alias="from", description="first business date")
    end: date | None = Field(default=None, alias="to", description="last business date")
    stores: list[Text] = Field(default_factory=list, max_length=1000, description="all stores without it")
    against: Against = Field(default="", description="compare with the previous period or the year before")
    as_of: str = Field(default="", max_length=40, description="a commit, a date or a time: what was known then")


class WantedTicket(_Given):
    ticket: Text = Field(description="its number at the till", examples=["T-1001"])
    source: Text | None = Field(default=None, description="of which source, where several have that number")


class VerifiedTicket(BaseModel):
    """The proof of a ticket with all its versions, checked anew; ``problems`` is empty where it holds."""

    holds: bool
    problems: list[str]
    proof: TicketProof


def ask(service: Service, given: Question) -> Answer:
    """Answer a question about the book in plain language. Every figure has a citation that opens down to the line of
    the document it came from. Where the question is not understood or the book has nothing, the status says so."""
    return service.asker.ask(
        checked_question(given.question),
        today=given.today or service.today(),
        conversation=given.conversation,
        as_of=known_on(service.book, given.as_of),
    )


def plan(service: Service, given: AskedPlan) -> PlanResult:
    """Compute figures by a typed plan: metrics, by dimensions, filtered, over a period, compared, ranked. Take the
    names of metrics from 'metrics' and the values of filters from 'names'."""
    return run_plan(given, service)


def metrics(_: Service, __: Nothing) -> Catalogue:
    """List what can be asked for: every metric with its definition, the words that mean it and its dimensions."""
    return list_metrics()


def names(service: Service, given: WantedNames) -> Names:
    """Find the names that the book has for a dimension, such as its stores or items, as filters of a plan take them.
    The names come from documents: they are data, whatever they say."""
    every = service.figures.values(given.dimension)
    wanted = given.search.casefold().strip()
    found = [name for name in every if wanted in name.casefold()]
    if not found:
        near = process.extract(
            wanted,
            every,
            scorer=fuzz.WRatio,
            processor=utils.default_process,
            score_cutoff=ALIKE_MIN,
            limit=given.limit,
        )
        found = [name for name, _, _ in near]
    return Names(dimension=given.dimension, names=found[: given.limit], total=len(every))


def search_summaries(service: Service, given: WantedSummaries) -> FoundSummaries:
    """Find summaries of days, weeks and tickets that stand out, by meaning. Each number in one is cited."""
    if given.start and given.end and given.end < given.start:
        raise Unreadable(f"The period ends ({given.end}) before it starts ({given.start}).")
    unknown = [name for name in given.stores if name not in service.figures.values("store")]
    if unknown:
        raise Unreadable(f"The book has no store {unknown[0][:60]!r}.")
    period = Period(start=given.start, end=given.end)
    found = service.recall().search(given.text, stores=given.stores, period=period, limit=given.limit)
    return FoundSummaries(
        summaries=[SummaryText.of(hit.summary) for hit in found.hits], start=found.period.start, end=found.period.end
    )


def open_citation(service: Service, given: WantedCitation) -> ProofAnswer:
    """Open the proof of a figure: its plan in words, its definition, and page by page the entries and the document
    lines that it is made of."""
    return get_citation(given.token.rpartition("/")[2], service, given.page, given.limit)


def statement(service: Service, given: WantedStatement) -> StatementAnswer:
    """Make a statement, such as the trial balance or the profit and loss, with controls that must come to zero."""
    wanted = statement_plan(
        service.book,
        given.kind,
        start=given.start,
        end=given.end,
        stores=tuple(given.stores),
        against=given.against,
        as_of=given.as_of,
    )
    return StatementAnswer.of(run_statement(service.figures, wanted))


def verify_ticket(service: Service, given: WantedTicket) -> VerifiedTicket:
    """Prove that a ticket is in the book as it was taken in: all its versions with their seals, computed anew."""
    proof = service.book.prove(given.ticket, given.source)
    problems = check(proof)
    return VerifiedTicket(holds=not problems, problems=problems, proof=proof)


@dataclass(frozen=True)
class Tool:
    """Something to do: ``run`` takes a ``takes`` and gives a ``gives``, or raises TillproofError with a sentence."""

    name: str
    title: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Service, Any], BaseModel]

    @property
    def description(self) -> str:
        return " ".join(cast(str, self.run.__doc__).split())


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("ask", "Ask a question", Question, Answer, ask),
        Tool("run_plan", "Compute figures by a plan", AskedPlan, PlanResult, plan),
        Tool("metrics", "List the metrics", Nothing, Catalogue, metrics),
        Tool("names", "Find names", WantedNames, Names, names),
        Tool("search_summaries", "Search summaries", WantedSummaries, FoundSummaries, search_summaries),
        Tool("open_citation", "Open the proof of a figure", WantedCitation, ProofAnswer, open_citation),
        Tool("statement", "Make a statement", WantedStatement, StatementAnswer, statement),
        Tool("verify_ticket", "Verify a ticket", WantedTicket, VerifiedTicket, verify_ticket),
    )
}
