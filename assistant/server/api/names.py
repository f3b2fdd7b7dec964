"""``/names`` and ``/suggestions``: the book's own names, to choose a filter from and to complete what is typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from rapidfuzz import fuzz, process, utils

from assistant.ask.complete import COMPLETIONS_MAX, Completer
from assistant.server.errors import Unreadable
from assistant.server.plans.chips import value_text
from assistant.server.plans.possible import FILTERED, named_values
from assistant.server.request import Opened
from assistant.service import Service
from ledger.figures.plan import Dimension

router = APIRouter(tags=["ask"])

NAMES_MAX = 100
NEAR_AMONG_MAX = 20_000
"""Beyond so many values only those that hold what was typed are found, not those that are nearly so."""
SIMILAR = 75

Typed = Annotated[str, Query(alias="q", max_length=500, description="what has been typed")]


class NamedValue(BaseModel):
    value: str = Field(examples=["Downtown"])
    label: str = Field(description="the same for a person", examples=["Downtown"])


class NamedValues(BaseModel):
    names: list[NamedValue]
    total: int = Field(description="values that fit, those beyond the limit too", examples=[2])


class Suggestion(BaseModel):
    text: str = Field(description="the question with its last words completed", examples=["net sales at Downtown"])
    label: str = Field(description="what was put in", examples=["Downtown"])
    of: str = Field(description="what that is", examples=["store"])


class Suggestions(BaseModel):
    suggestions: list[Suggestion]


@router.get("/names")
def names(
    service: Opened,
    dimension: Dimension,
    q: Typed = "",
    limit: Annotated[int, Query(ge=1, le=NAMES_MAX)] = NAMES_MAX,
) -> NamedValues:
    """The values of a dimension that hold some letters, or nearly so."""
    if dimension not in FILTERED:
        raise Unreadable(f"The values of {dimension.replace('_', ' ')} are no list; write one out.")
    fitting = _fitting(named_values(service, dimension) or (), q)
    shown = [NamedValue(value=value, label=value_text(dimension, value)) for value in fitting[:limit]]
    return NamedValues(names=shown, total=len(fitting))


@router.get("/suggestions")
def suggestions(
    request: Request,
    service: Opened,
    q: Typed = "",
    limit: Annotated[int, Query(ge=1, le=COMPLETIONS_MAX)] = COMPLETIONS_MAX,
) -> Suggestions:
    """What a question that is being typed may go on with."""
    found = _completer(request, service).complete(q, limit)
    return Suggestions(suggestions=[Suggestion(text=one.text, label=one.label, of=one.of) for one in found])


def _completer(request: Request, service: Service) -> Completer:
    """The completer of the book as it is now, kept until something is posted."""
    names = service.asker.context(service.today()).names
    kept = getattr(request.app.state, "completer", None)
    if not isinstance(kept, Completer) or kept.seq != names.seq:
        kept = request.app.state.completer = Completer(names)
    return kept


def _fitting(known: tuple[str, ...], typed: str) -> list[str]:
    said = " ".join(typed.casefold().split())
    holding = [value for value in known if said in " ".join(value.casefold().split())]
    holding.sort(key=lambda value: not value.casefold().startswith(said))
    if holding or len(known) > NEAR_AMONG_MAX:
        return holding
    near = process.extract(
        said, known, scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=SIMILAR, limit=NAMES_MAX
    )
    return [value for value, _, _ in near]
