"""Tables as CSV, safe to open in a spreadsheet: a text that a spreadsheet would run as a formula is made a text
again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from ledger.figures import Result
from ledger.spreadsheet import harmless


def csv_response(rows: Iterable[Sequence[object]], name: str) -> Response:
    """Rows, the first of them the header, as a download. None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow(["" if cell is None else harmless(str(cell)) for cell in row])
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:80] or "table"
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{safe}.csv"'},
    )


def tab_separated(rows: Iterable[Sequence[object]]) -> str:
    """Rows as cells with tabs between them, for the clipboard. Tabs and lines' ends inside a cell become spaces."""
    return "\n".join(
        "\t".join("" if cell is None else harmless(" ".join(str(cell).split())) for cell in row) for row in rows
    )


def result_rows(result: Result) -> list[list[object]]:
    """A result as rows of exact values: dimension values, then figures in major units."""
    header: list[object] = [
        *result.plan.dimensions,
        *(metric if side == "value" else f"{metric}_{side}" for metric, side in result.columns),
    ]
    body: list[list[object]] = [
        [*key, *(figure.value for figure in row)] for key, row in zip(result.keys, result.rows, strict=True)
    ]
    return [header, *body]
