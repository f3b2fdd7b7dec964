"""The choices of an answer that asks back: each a whole reading, with its figure and the tickets behind it, so that who
is asked sees what the difference comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.ask.answer import Cited, CitedValue, Offer
from ledger.errors import PlanError
from ledger.figures import Citation, Plan, Result, describe
from ledger.figures.describe import measured

Choice = str | Plan
"""A plan, or a question that would be clear."""


def offered(
    choices: Sequence[Choice], read: Callable[[str], Plan | None], run: Callable[[Plan], Result]
) -> tuple[list[Offer], list[Cited]]:
    """What each choice gives, in their order, and the citations of their figures.

    ``read`` gives the plan of a question, None where it has no single one; such a choice stands by itself.
    """
    offers: list[Offer] = []
    cited: list[Cited] = []
    for choice in choices:
        plan = choice if isinstance(choice, Plan) else read(choice)
        said = describe(choice) if isinstance(choice, Plan) else choice
        try:
            result = None if plan is None else run(plan)
        except PlanError:
            result = None
        if result is None:
            offers.append(Offer(reading=said))
            continue
        offers.append(Offer(reading=said, figure=_figure(result, cited), rows=len(result.rows), tickets=result.tickets))
    return offers, cited


def _figure(result: Result, cited: list[Cited]) -> CitedValue | None:
    """The figure of a result of one row, cited; None where there are more rows or it has no value."""
    if len(result.rows) != 1:
        return None
    figure = result.rows[0][0]
    if figure.value is None:
        return None
    token = Citation.of(result, figure).token()
    cited.append(Cited(id=len(cited) + 1, kind="plan", ref=token, url=f"/citations/{token}"))
    label = measured(result.plan, figure.metric)
    return CitedValue(label=label, value=str(figure.value), unit=figure.unit, citation=len(cited))
