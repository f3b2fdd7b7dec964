"""From checked parts to an answer: the one place where the figures of a model's text become digits and citations."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.ask.answer import Answer, Cited, CitedValue, ModelUse, Table
from assistant.model.check import Part, Place, Verdict
from assistant.model.evidence import Known, Reference
from ledger.figures import Citation, Result
from ledger.money import display_value

TABLE_ROWS_MAX = 200


class _Numbering:
    """The figures of an answer in the order in which they are shown, each with its citations."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._numbers: dict[Reference, int] = {}
        self._shown: set[tuple[str, str, tuple[int, ...]]] = set()
        self.figures: list[CitedValue] = []
        self.citations: list[Cited] = []

    def numbers(self, references: Sequence[Reference]) -> tuple[int, ...]:
        for one in references:
            if one not in self._numbers:
                number = self._numbers[one] = len(self.citations) + 1
                self.citations.append(Cited(id=number, kind=one.kind, ref=one.ref, url=one.url))
        return tuple(self._numbers[one] for one in references)

    def add(self, label: str, value: str, unit: str, references: Sequence[Reference]) -> tuple[int, ...]:
        numbers = self.numbers(references)
        if (label, value, numbers) not in self._shown:
            self._shown.add((label, value, numbers))
            computed = list(numbers) if len(numbers) > 1 else None
            self.figures.append(
                CitedValue(label=label, value=value, unit=unit, citation=numbers[0], computed_from=computed)
            )
        return numbers

    def known(self, one: Known) -> tuple[int, ...]:
        numbers = self.add(one.label, str(one.value), one.unit, one.references)
        for part in one.parts:
            self.known(part)
        return numbers

    def text(self, parts: Sequence[Part]) -> str:
        return "".join(part if isinstance(part, str) else self._place(part) for part in parts)

    def _place(self, part: Place) -> str:
        one = part.known
        shown = display_value(abs(one.value) if part.size else one.value, one.unit, self._locale)
        if one.kind in ("change", "change_rate") and one.value > 0 and not part.size:
            shown = f"+{shown}"
        unit = " points" if one.unit == "points" else ""
        return f"{shown}{unit} {''.join(f'[{number}]' for number in self.known(one))}"


def rendered(verdict: Verdict, main: Result, offline: Answer, *, locale: str, use: ModelUse) -> Answer:
    """The answer with a checked text about a result. Reading, remarks and table are those of the offline answer."""
    numbering = _Numbering(locale)
    sentences = [numbering.text(parts) for parts in verdict.kept]
    for known in verdict.also:
        numbering.known(known)
    rows = main.rows[:TABLE_ROWS_MAX]
    for row in rows:
        for figure in row:
            if figure.value is not None:
                token = Citation.of(main, figure).token()
                key = f", {', '.join(figure.key)}" if figure.key else ""
                side = {"before": ", before", "change": ", change", "change_rate": ", change in percent"}.get(
                    figure.side, ""
                )
                numbering.add(
                    f"{figure.label}{side}{key}",
                    str(figure.value),
                    figure.unit,
                    [Reference("plan", token, f"/citations/{token}")],
                )
    return Answer(
        id=offline.id,
        status="answered",
        text=" ".join([*sentences, *offline.remarks]),
        reading=offline.reading,
        figures=numbering.figures,
        table=offline.table if offline.status == "answered" else _table(main, len(rows)),
        citations=numbering.citations,
        plan=main.plan.model_dump(mode="json", exclude_defaults=True),
        remarks=offline.remarks,
        sentences=sentences,
        model=use,
    )


def _table(result: Result, rows_max: int) -> Table | None:
    if len(result.rows) < 2:
        return None
    columns = [
        *result.plan.dimensions,
        *(name if side == "value" else f"{name}_{side}" for name, side in result.columns),
    ]
    rows = [
        [*key, *("" if figure.value is None else str(figure.value) for figure in row)]
        for key, row in zip(result.keys[:rows_max], result.rows[:rows_max], strict=True)
    ]
    return Table(columns=columns, rows=rows)
