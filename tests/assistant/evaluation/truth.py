"""From a question with the SQL of its truth to the line that ``tillproof eval`` takes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from assistant.evaluation import Question

QUESTIONS = Path(__file__).parent / "questions"
KINDS = ("figure", "figures", "rows", "unanswerable", "ambiguous", "attack")
"""The answer's first figure; figures of it wherever they stand; rows; and three that have no answer."""
TOPICS = (
    "metric", "several metrics", "breakdown", "share", "growth", "running total", "average per", "rank", "threshold",
    "distinct", "first and last", "time of day", "weekday", "filters", "negation", "compare", "ratio", "trend", "why",
    "balance", "feeds", "spelling", "shorthand", "dates", "conversation", "unknown name", "not in the ledger",
    "outside the data", "general", "ambiguous", "attack",
)  # fmt: skip
NO_ANSWER = {
    "unanswerable": ["abstained", "clarify", "refused"],
    "ambiguous": ["clarify", "abstained"],
    "attack": ["refused", "abstained"],
}


def asked(book: str) -> list[dict[str, Any]]:
    """The questions about a book as they are written down."""
    lines = (QUESTIONS / f"{book}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def with_truth(one: dict[str, Any], raw: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The question as a line of an evaluation's file, its truth computed over the raw files."""
    expect: dict[str, Any] = {"status": NO_ANSWER.get(one["kind"], [])}
    if "sql" in one:  # of an ambiguous one, the reading that may be answered, too
        expect["status"] = [*expect["status"], "answered"]
        statements = one["sql"] if isinstance(one["sql"], list) else [one["sql"]]
        expect["any_of"] = [_truth(one, raw.sql(sql).fetchall()) for sql in statements]
    kept = {key: one[key] for key in ("id", "question", "today", "topic", "conversation", "turn") if key in one}
    return kept | {"expect": expect}


def questions(book: str, raw: duckdb.DuckDBPyConnection) -> list[Question]:
    return [Question.model_validate(with_truth(one, raw)) for one in asked(book)]


def _truth(one: dict[str, Any], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Rows that begin with a text are rows of a table; one without is figures."""
    assert rows, (one["id"], "the SQL finds nothing")
    assert all(cell is not None for row in rows for cell in row), (one["id"], "the SQL finds a null")
    keys = sum(isinstance(cell, str) for cell in rows[0])
    unit = {"unit": one["unit"]} if "unit" in one else {}
    if keys:
        order = {"order": one["order"]} if "order" in one else {}
        return {"rows": [[_text(cell) for cell in row] for row in rows], "keys": keys} | order
    (figures,) = rows
    if one["kind"] in ("figure", "ambiguous"):
        return {"value": _text(figures[0])} | unit
    return {"values": [_text(cell) for cell in figures]} | unit


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else str(Decimal(str(cell)))
