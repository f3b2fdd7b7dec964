"""Figures that are no plain sums open into what they are made of, which comes to them, down to the source's rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from assistant.service import Service
from ledger.figures import Citation, Proof, open_citation

TODAY = date(2026, 10, 22)


def tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def cent(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)


MADE: list[tuple[str, Callable[[list[Decimal]], Decimal]]] = [
    ("how many tickets over $20 last week", lambda parts: Decimal(len(parts))),
    ("how many different items did we sell last week", lambda parts: Decimal(len(parts))),
    ("average daily sales in October", lambda parts: cent(parts[0] / parts[1])),
    ("average sales per store in October", lambda parts: cent(parts[0] / parts[1])),
    ("sales of tickets over $20 last week", lambda parts: sum(parts, Decimal(0))),
    ("what share of sales was paid by cash last week", lambda parts: tenth(parts[0] * 100 / parts[1])),
    ("percentage of tickets with a discount", lambda parts: tenth(parts[0] * 100 / parts[1])),
    ("running total of sales by day this week", lambda parts: sum(parts, Decimal(0))),
    ("tips per ticket last week", lambda parts: cent(parts[0] / parts[1])),
    ("tips as a percentage of sales last week", lambda parts: tenth(parts[0] * 100 / (parts[1] - parts[2] - parts[3]))),
]  # fmt: skip


@pytest.mark.parametrize(("question", "made"), MADE, ids=[one[0] for one in MADE])
def test_a_figure_is_made_of_what_it_opens_into(
    service: Service, question: str, made: Callable[[list[Decimal]], Decimal]
) -> None:
    answer = service.asker.ask(question, today=TODAY)
    assert answer.status == "answered", answer.text
    proof = opened(service, answer.citations[0].ref)
    values = [figure.value for _, figure, _ in proof.parts if figure.value is not None]
    assert made(values) == Decimal(answer.figures[0].value)
    for _, figure, citation in proof.parts[:3]:
        assert open_citation(service.figures, citation).figure.value == figure.value


def test_a_step_and_a_difference_of_names_are_between_two_figures(service: Service) -> None:
    for question in ("sales by week with growth", "how much more did Downtown sell than Airport last week"):
        answer = service.asker.ask(question, today=TODAY)
        of = {figure.label: figure for figure in answer.figures}
        ends = ("change", "2026-W43")
        change = next(figure for label, figure in of.items() if label.endswith(ends) and "change" in label)
        proof = opened(service, answer.citations[change.citation - 1].ref)
        one, other = (figure.value for _, figure, _ in proof.parts)
        assert one is not None and other is not None
        assert one - other == Decimal(change.value)


def test_why_tells_parts_that_add_up_to_the_change(service: Service) -> None:
    answer = service.asker.ask("why did sales change last week compared with the week before", today=TODAY)
    by_label = {figure.label: Decimal(figure.value) for figure in answer.figures}
    change = by_label["net sales, change"]
    assert sum(by_label[f"net sales, {side} effect"] for side in ("price", "volume", "mix")) == change
    hours = [value for label, value in by_label.items() if label in ("net sales, change, 9", "net sales, change, 12",
                                                                      "net sales, change, 17")]  # fmt: skip
    assert len(hours) == 3
    assert sum(hours) == change
    assert "the whole change" in answer.text
    for cited in answer.citations:
        assert opened(service, cited.ref).figure.value is not None


def opened(service: Service, ref: str) -> Proof:
    return open_citation(service.figures, Citation.from_token(ref), page_size=100)
