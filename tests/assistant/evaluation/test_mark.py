"""What is right and what is wrong: answers held against truths, and the bound of the wrong-answer rate."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.answer import Answer, CitedValue, Table
from assistant.evaluation import Asked, Expectation, Mark, Question, mark, report
from assistant.evaluation.report import upper_bound


def answer(*figures: tuple[str, str], rows: list[list[str]] | None = None, text: str = "") -> Answer:
    return Answer(
        status="answered",
        text=text,
        figures=[CitedValue(label="", value=value, unit=unit, citation=1) for value, unit in figures],
        table=None if rows is None else Table(columns=[], rows=rows),
    )


def outcome(answer: Answer, **expected: Any) -> str:
    return mark(answer, Expectation.model_validate({"status": "answered"} | expected)).outcome


def test_a_value_is_the_first_figure_and_in_its_unit() -> None:
    given = answer(("12.50", "USD"), ("4.0", "%"))
    assert outcome(given, value="12.5") == "right"
    assert outcome(given, value="12.50", unit="USD") == "right"
    assert outcome(given, value="12.51") == "wrong"
    assert outcome(given, value="4.0") == "wrong"
    assert outcome(given, value="12.50", unit="EUR") == "wrong"
    assert outcome(answer(), value="0") == "wrong"


def test_a_percentage_may_be_given_more_exactly_than_it_is_shown_and_money_not() -> None:
    given = answer(("12.5", "%"), ("12.50", "USD"))
    assert outcome(given, value="12.46", unit="%") == "right"
    assert outcome(given, value="12.56", unit="%") == "wrong"
    assert outcome(given, values=["12.504"], unit="USD") == "wrong"


def test_values_are_figures_of_their_own_wherever_they_stand() -> None:
    given = answer(("12.50", "USD"), ("10.00", "USD"), ("25.0", "%"))
    assert outcome(given, values=["25.0"], unit="%") == "right"
    assert outcome(given, values=["10", "12.5"]) == "right"
    assert outcome(given, values=["10", "10"]) == "wrong"
    assert outcome(given, values=["25.0"], unit="USD") == "wrong"
    assert outcome(given, values=["12.5", "99"]) == "wrong"


def test_rows_have_their_keys_and_values_in_order() -> None:
    given = answer(rows=[["Downtown", "30.00"], ["AIRPORT", "20.00"]])
    right = [["downtown", "30"], ["Airport", "20.00"]]
    assert outcome(given, rows=right) == "right"
    assert outcome(given, rows=right[::-1]) == "wrong"
    assert outcome(given, rows=right[::-1], order="any") == "right"
    assert outcome(given, rows=[["downtown", "30"], ["Airport", "20.01"]]) == "wrong"
    assert outcome(given, rows=[*right, ["Harbour", "1.00"]]) == "wrong"
    assert outcome(given, rows=right[:1]) == "right", "of one row asked for, the first is what the answer puts forward"
    assert outcome(given, rows=right[1:]) == "wrong"


def test_rows_of_nought_are_a_matter_of_taste() -> None:
    given = answer(rows=[["Downtown", "30.00"], ["Airport", "20.00"], ["Depot", "0.00"], ["Kiosk", ""]])
    assert outcome(given, rows=[["Downtown", "30"], ["Airport", "20"]]) == "right"


def test_a_table_may_have_more_columns_but_each_value_in_its_order() -> None:
    given = answer(rows=[["2025-01", "10.00", ""], ["2025-02", "15.00", "5.00"]])
    assert outcome(given, rows=[["2025-01", "10"], ["2025-02", "15"]]) == "right"
    assert outcome(given, rows=[["2025-02", "5"]]) == "wrong"
    assert outcome(given, rows=[["2025-01", "10"], ["2025-02", "5", "15"]]) == "wrong"


def test_several_keys_may_stand_in_either_order() -> None:
    given = answer(rows=[["2025-01", "Downtown", "10.00"], ["2025-01", "Airport", "9.00"]])
    assert outcome(given, rows=[["Downtown", "2025-01", "10"], ["Airport", "2025-01", "9"]], keys=2) == "right"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Downtown", "The highest was downtown with $30.00"),
        ("2025-03-08", "best day: Saturday 8 March 2025 with $30.00"),
        ("2025-03", "March 2025 with $30.00"),
        ("2025-Q1", "in Q1 2025: $30.00"),
        ("9", "09:00 to 09:59 with $30.00"),
        ("gift_card", "gift card with $30.00"),
    ],
)
def test_a_single_row_is_named_in_the_text(key: str, text: str) -> None:
    assert outcome(answer(("30.00", "USD"), text=text), rows=[[key, "30"]]) == "right"
    assert outcome(answer(("30.00", "USD"), text="elsewhere with $30.00"), rows=[[key, "30"]]) == "wrong"


def test_any_of_several_truths_will_do() -> None:
    truths = [{"value": "1"}, {"rows": [["Downtown", "2"]]}]
    assert outcome(answer(("1", "tickets")), any_of=truths) == "right"
    assert outcome(answer(("2", "tickets"), text="Downtown"), any_of=truths) == "right"
    assert outcome(answer(("2", "tickets")), any_of=truths) == "wrong"


@pytest.mark.parametrize(
    ("status", "expected", "marked"),
    [
        ("abstained", {"status": "answered", "value": "1"}, Mark("abstained", expected=False)),
        ("clarify", {"status": "answered", "value": "1"}, Mark("clarify", expected=False)),
        ("clarify", {"status": ["answered", "clarify"], "value": "1"}, Mark("clarify", expected=True)),
        ("abstained", {"status": ["abstained", "clarify"]}, Mark("abstained", expected=True)),
        ("refused", {"status": ["refused", "abstained"]}, Mark("refused", expected=True)),
        ("clarify", {"status": "refused"}, Mark("wrong", expected=False)),
        ("answered", {"status": ["abstained", "clarify"]}, Mark("wrong", expected=False)),
    ],
)  # fmt: skip
def test_no_figure_is_never_worth_more_than_nothing(status: Any, expected: dict[str, Any], marked: Mark) -> None:
    assert mark(Answer(status=status, text=""), Expectation.model_validate(expected)) == marked
    assert marked.points == (-1 if marked.outcome == "wrong" else 0)


@pytest.mark.parametrize(
    "expected",
    [
        {"status": "answered"},
        {"status": "abstained", "value": "1"},
        {"status": "answered", "value": "1", "values": ["2"]},
        {"status": "answered", "rows": [["only a key"]]},
        {"status": "perhaps"},
        {"status": []},
    ],
)
def test_an_expectation_that_says_nothing_or_two_things_is_refused(expected: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Expectation.model_validate(expected)


def test_the_bound_is_that_of_clopper_and_pearson() -> None:
    assert upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))
    assert upper_bound(2, 10) == pytest.approx(0.5069, abs=5e-5), "a published table's value"
    assert upper_bound(10, 10) == 1.0


@given(st.integers(1, 400), st.data())
def test_the_bound_is_above_the_rate_and_grows_with_it(trials: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, trials - 1))
    assert events / trials < upper_bound(events, trials) <= upper_bound(events + 1, trials)


def test_percentiles_are_times_that_were_measured() -> None:
    expect = Expectation.model_validate({"status": "answered", "value": "1"})
    question = Question(id="q", question="", today=date(2025, 1, 1), expect=expect)
    times = [float(number) for number in range(1, 101)]
    told = report([Asked(question, answer(("1", "")), Mark("right", expected=True), time) for time in times])
    assert (told.milliseconds(50), told.milliseconds(95)) == (50.0, 95.0)
