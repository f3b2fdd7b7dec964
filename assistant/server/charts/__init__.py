"""A result as a chart: a Vega-Lite specification, turned into SVG on the server.

Time runs from left to right as a line; names are bars, the largest first, each with its exact value beside it. Text
takes the page's own colour and marks use tones that stand on light and dark paper alike. The SVG carries no script,
no style and no address, so that it stands in a page whose policy allows none of them. Names come from documents:
they reach Vega as data only, and the SVG is rebuilt from parsed elements with every text escaped.
"""

from __future__ import annotations

import json

from assistant.server.charts.drawing import render
from assistant.server.charts.points import read
from assistant.server.charts.specification import specification
from assistant.server.charts.words import description_of, title_of
from ledger.figures.plan import Result


def svg(result: Result, *, locale: str = "en_US", marked: str | None = None) -> str:
    """The chart of a result as an ``<svg>`` element, or ``""`` where there is nothing to compare: fewer than two rows
    with a value.

    Values are formatted for ``locale``; the title says what is shown and the description says its extremes and what
    was left out, for the table beside it has every row. The bar of the name ``marked`` stands out.
    """
    chart = read(result)
    if chart is None:
        return ""
    title = title_of(chart)
    description = description_of(chart, locale)
    return render(json.dumps(specification(chart, locale, marked), sort_keys=True), title, description)
