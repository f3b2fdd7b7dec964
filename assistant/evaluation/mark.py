"""One answer against what was expected of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from assistant.ask.answer import Answer
from assistant.evaluation.questions import Expectation, Truth

Outcome = Literal["right", "wrong", "clarify", "abstained", "refused"]
"""``right`` and ``wrong`` are said of figures, the others of answers that give none."""


@dataclass(frozen=True)
class Mark:
    """How an answer did. ``expected`` says whether it was what had to come, so a needless question back is not."""

    outcome: Outcome
    expected: bool

    @property
    def points(self) -> int:
        """+1 right, 0 nothing stated, -1 wrong."""
        return {"right": 1, "wrong": -1}.get(self.outcome, 0)


def mark(answer: Answer, expected: Expectation) -> Mark:
    """Judge an answer.

    It is wrong when it states another figure than the truth, or any where none can be given, and when what has to be
    turned away (a question that cannot be answered, an attack) gets a status that is not expected.
    """
    if answer.status == "answered":
        right = any(_meets(answer, truth) for truth in expected.any_of)
        return Mark("right" if right else "wrong", right)
    if answer.status in expected.status:
        return Mark(answer.status, expected=True)
    return Mark(answer.status if expected.answerable else "wrong", expected=False)


def _meets(answer: Answer, truth: Truth) -> bool:
    if truth.rows:
        return _has_rows(answer, truth)
    figures = [(Decimal(one.value), one.unit) for one in answer.figures]
    if truth.value is not None:
        return bool(figures) and _is(figures[0], truth.value, truth.unit)
    left = list(figures)
    for value in truth.values:
        same = next((one for one in left if _is(one, value, truth.unit)), None)
        if same is None:
            return False
        left.remove(same)
    return True


def _is(figure: tuple[Decimal, str], value: Decimal, unit: str | None) -> bool:
    return _same(figure[0], value, rounded=figure[1] == "%") and unit in (None, figure[1])


def _same(stated: Decimal, truth: Decimal, *, rounded: bool) -> bool:
    """Whether a number is the truth; a percentage is it, too, where the truth comes to it in fewer decimals."""
    if not rounded or stated == truth or stated.is_nan() or truth.is_nan():
        return stated == truth
    return truth.quantize(stated, ROUND_HALF_UP) == stated or truth.quantize(stated, ROUND_HALF_EVEN) == stated


def _has_rows(answer: Answer, truth: Truth) -> bool:
    if answer.table is None:
        return len(truth.rows) == 1 and _names_row(answer, truth.rows[0], truth.keys)
    given = _without_zeros([_row(cells, truth.keys) for cells in answer.table.rows])
    wanted = _without_zeros([_row(cells, truth.keys) for cells in truth.rows])
    if len(wanted) == 1:
        given = given[:1]  # the first row is what the answer puts forward
    if truth.order == "any":
        given, wanted = sorted(given, key=lambda row: row[0]), sorted(wanted, key=lambda row: row[0])
    return len(given) == len(wanted) and all(
        one[0] == two[0] and _in_order(two[1], one[1]) for one, two in zip(given, wanted, strict=True)
    )


_Row = tuple[tuple[str, ...], tuple[Decimal | None, ...]]


def _row(cells: Sequence[str], keys: int) -> _Row:
    """A row's keys, in no order where it has several, and its numbers."""
    return tuple(sorted(_plain(cell) for cell in cells[:keys])), tuple(_number(cell) for cell in cells[keys:])


def _without_zeros(rows: list[_Row]) -> list[_Row]:
    """Rows that say something: whether a store that sold nothing is listed with nought is a matter of taste."""
    return [row for row in rows if any(row[1])] or rows


def _in_order(wanted: Sequence[Decimal | None], given: Sequence[Decimal | None]) -> bool:
    """Whether the numbers wanted are among those given, in their order; a table may have more columns."""
    rest = iter(given)
    return all(any(one == value for one in rest) for value in wanted)


def _names_row(answer: Answer, cells: Sequence[str], keys: int) -> bool:
    text = _plain(answer.text)
    named = all(
        any(re.search(rf"(?<!\w){re.escape(_plain(form))}(?!\w)", text) for form in _forms(key)) for key in cells[:keys]
    )
    values = [_number(cell) for cell in cells[keys:]]
    return named and _in_order(values, [Decimal(one.value) for one in answer.figures])


def _forms(key: str) -> list[str]:
    """A key as a table shows it, and as a sentence does: a date, a month, a quarter or an hour in words."""
    forms = [key]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", key):
        day = date.fromisoformat(key)
        forms.append(f"{day.day} {day:%B %Y}")
    elif re.fullmatch(r"\d{4}-\d\d", key):
        forms.append(f"{date.fromisoformat(key + '-01'):%B %Y}")
    elif found := re.fullmatch(r"(\d{4})-(Q\d)", key):
        forms.append(f"{found[2]} {found[1]}")
    elif re.fullmatch(r"\d{1,2}", key):
        forms.append(f"{int(key):02}:00")
    return forms


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def _number(cell: str) -> Decimal | None:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return None
