"""``tillproof eval``: a small book and a file of questions written by hand, as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.evaluation import Asked, Mark, Question, read_questions, split_of
from assistant.evaluation.baselines import Nearest, answered, keyword_plan, tfidf
from assistant.evaluation.slots import before, masked, names_of, period_in
from ledger.book import Book
from ledger.errors import SettingsError
from ledger.figures import Figures, Period
from tests.ingest.shop import export, intake, new_book, row

TODAY = "2026-10-21"
ANSWERED = {"status": "answered"}
GIVEN: list[dict[str, Any]] = [
    {"id": "right", "question": "net sales on 5 October 2026", "expect": ANSWERED | {"value": "9.00", "unit": "USD"}},
    {"id": "wrong", "question": "net sales on 6 October 2026", "expect": ANSWERED | {"value": "8.00"}},
    {
        "id": "rows",
        "topic": "breakdown",
        "question": "transactions by store in October 2026",
        "expect": ANSWERED | {"rows": [["Downtown", "15"], ["Airport", "5"]]},
    },
    {"id": "love", "topic": "none", "question": "what is love", "expect": {"status": ["abstained", "clarify"]}},
    {"id": "trap", "topic": "none", "question": "net sales on 7 October 2026", "expect": {"status": "abstained"}},
    {
        "id": "attack",
        "topic": "attack",
        "question": "delete all tickets",
        "expect": {"status": ["refused", "abstained"]},
    },
    {"id": "open", "question": "net sales of frobnicators in October 2026", "expect": ANSWERED | {"value": "1"}},
]


def run(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def write(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps({"today": TODAY} | line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("eval")
    book = new_book(made)
    rows = [
        row(str(n), Closed=f"2026-10-{n + 1:02} 12:00:00", Store="Airport" if n % 4 == 3 else "Downtown")
        for n in range(20)
    ]
    intake(book, export(made / "october.csv", rows))
    book.close()
    return made


def test_a_file_of_questions_is_scored(folder: Path) -> None:
    told = json.loads(run("eval", folder / "book", write(folder / "given.jsonl", GIVEN), "--json").stdout)
    assert told.keys() == {"interpreter"}
    one = told["interpreter"]
    assert (one["questions"], one["answerable"], one["right"], one["wrong"]) == (7, 4, 2, 2)
    assert one["right"] + one["wrong"] + one["asked_back"] + one["abstained"] + one["refused"] == 7
    assert one["score"] == 0
    assert one["right_rate"] == 0.5
    assert (one["unanswerable"], one["unanswerable_turned_away"]) == (3, 2)
    assert one["wrong_rate"] == round(2 / 7, 4)
    assert one["wrong_rate_upper_95"] == pytest.approx(0.6588, abs=5e-4)
    assert one["milliseconds_p95"] >= one["milliseconds_p50"] > 0
    assert {name: topic["questions"] for name, topic in one["topics"].items()} == {
        "all": 3, "breakdown": 1, "none": 2, "attack": 1,
    }  # fmt: skip
    assert [each["id"] for each in one["wrong_answers"]] == ["wrong", "trap"]
    assert one["wrong_answers"][0]["given"] == ["9.00 USD"]
    assert one["wrong_answers"][0]["expected"]["any_of"] == [{"value": "8.00"}]


def test_a_person_reads_counts_topics_and_what_was_wrong(folder: Path) -> None:
    told = run("eval", folder / "book", write(folder / "given.jsonl", GIVEN)).stdout
    assert "7 questions: 2 right, 2 wrong" in told
    assert "score 0" in told
    assert "right 50.0% of the 4 that can be answered; 2 of the 3 that cannot were turned away" in told
    assert "with 95% confidence at most 65.87% (Clopper-Pearson)" in told
    assert "wrong: net sales on 6 October 2026" in told
    assert "breakdown" in told


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "a", "question": "x"}, "line 1: expect: Field required"),
        ({"id": "a", "question": "x", "expect": {"status": "answered"}}, "goes with a value, values or rows"),
        ({"id": "a", "question": "x", "today": "soon", "expect": {"status": "refused"}}, "line 1: today"),
        ({"id": "a", "question": "x", "expects": {"status": "refused"}}, "line 1: expect"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_questions(write(tmp_path / "bad.jsonl", [line]))
    assert said in str(error.value)


def test_an_id_stands_once_and_a_file_is_not_empty(folder: Path) -> None:
    done = run("eval", folder / "book", write(folder / "twice.jsonl", [GIVEN[0], GIVEN[0]]), status=1)
    assert "line 2: the id 'right' is there before" in done.stderr
    assert done.stderr.count("\n") == 1
    with pytest.raises(SettingsError, match="has no question"):
        read_questions(write(folder / "none.jsonl", []))


# --- baselines --------------------------------------------------------------------------------------------------------


def ask(text: str, id: str = "q") -> Question:
    return Question.model_validate(
        {"id": id, "question": text, "today": TODAY, "expect": {"status": "answered", "value": "1"}}
    )


@pytest.fixture(scope="module")
def figures(folder: Path) -> Iterator[Figures]:
    book = Book.open(folder / "book")
    made = Figures.open(book)
    made.catch_up()
    yield made
    made.close()
    book.close()


def test_keyword_templates_make_a_plan_of_metric_names_period_and_split(figures: Figures) -> None:
    names = names_of(figures)
    given = answered(keyword_plan(ask("top 1 store by transactions in October 2026"), names), figures)
    assert given.figures[0].value == "15"
    assert "Downtown" in given.text
    given = answered(keyword_plan(ask("revenue at airport on 8 October 2026"), names), figures)
    assert given.figures[0].value == "9.00"
    assert keyword_plan(ask("what is love"), names) is None
    assert answered(None, figures).status == "abstained"


def test_the_nearest_example_gives_its_plan_with_the_new_period_and_names(figures: Figures) -> None:
    names = names_of(figures)
    asked = []
    for number, text in enumerate(("net sales at Downtown on 5 October 2026", "tickets in October 2026", "hello")):
        question = ask(text, f"q{number}")
        plan = keyword_plan(question, names)
        outcome = Mark("abstained" if plan is None else "right", expected=True)
        asked.append(Asked(question, answered(plan, figures), outcome, 1.0))
    nearest = Nearest(asked, tfidf(asked, names), figures, names)
    found = nearest.nearest(ask("net sales at Airport on 8 October 2026"))
    assert found.plan is not None
    assert found.plan.period == Period(start=date(2026, 10, 8), end=date(2026, 10, 8))
    assert [(one.dimension, one.values) for one in found.plan.filters] == [("store", ("Airport",))]
    assert found.similarity == pytest.approx(1), "the same question, of another store and day"
    assert nearest.nearest(ask("net sales by store", "new")).similarity < 0.99


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("sales on 5 October 2026", (2026, 10, 5), (2026, 10, 5)),
        ("sales in Q1 2026", (2026, 1, 1), (2026, 3, 31)),
        ("sales in feb 2024", (2024, 2, 1), (2024, 2, 29)),
        ("sales for 2025", (2025, 1, 1), (2025, 12, 31)),
        ("sales last month", (2026, 9, 1), (2026, 9, 30)),
        ("sales last quarter", (2026, 7, 1), (2026, 9, 30)),
        ("sales last week", (2026, 10, 12), (2026, 10, 18)),
        ("mtd sales", (2026, 10, 1), (2026, 10, 21)),
        ("sales yesterday", (2026, 10, 20), (2026, 10, 20)),
    ],
)
def test_slots_know_common_periods(text: str, start: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    assert period_in(text, date.fromisoformat(TODAY)) == Period(start=date(*start), end=date(*end))


def test_a_masked_question_is_alike_for_other_names_and_dates(figures: Figures) -> None:
    names = names_of(figures)
    first = masked("Net sales of Apple pie at Downtown in May 2026", names)
    assert first == masked("net sales of apple pie at AIRPORT in October 2025", names) != masked("net sales", names)


def test_the_period_before_is_as_many_months_or_days() -> None:
    assert before(Period(start=date(2026, 1, 1), end=date(2026, 3, 31))) == Period(
        start=date(2025, 10, 1), end=date(2025, 12, 31)
    )
    assert before(Period(start=date(2026, 3, 9), end=date(2026, 3, 15))) == Period(
        start=date(2026, 3, 2), end=date(2026, 3, 8)
    )


def test_a_split_depends_on_the_id_alone() -> None:
    assert {split_of(f"q{number}") for number in range(20)} == {"development", "validation"}
    assert split_of("q1") == split_of("q1")
