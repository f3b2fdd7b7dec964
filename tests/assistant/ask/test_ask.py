"""Questions about a small book: how they are read, what is said, and when nothing is."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.ask.answer import Answer
from assistant.ask.compose import Value, sentences
from assistant.ask.interpret import interpret
from assistant.ask.verify import Unverified, verified
from assistant.service import Service
from ledger.figures import METRICS, Citation, Filter, Period, Plan, Ranking, describe, open_citation
from tests.assistant.server import till

TODAY = date(2026, 10, 22)

READINGS = [
    ("net sales yesterday", "net sales, 2026-10-21"),
    ("sales at Downtown last week", "net sales, store Downtown, 2026-10-12 to 2026-10-18"),
    ("how many tickets were there in October", "transactions, 2026-10-01 to 2026-10-31"),
    ("number of refunds this month", "return tickets, 2026-10-01 to 2026-10-22"),
    ("takings by payment method this week", "total collected by tender, 2026-10-19 to 2026-10-22"),
    ("top 3 items by units sold this month", "top 3 items by units sold, 2026-10-01 to 2026-10-22"),
    ("which cashier had the most transactions last week", "top 1 cashiers by transactions, 2026-10-12 to 2026-10-18"),
    ("the 2 stores with the lowest sales", "bottom 2 stores by net sales, all dates"),
    ("daily sales last week", "net sales by day, 2026-10-12 to 2026-10-18"),
    ("sales by store and category", "net sales by store and category, all dates"),
    ("net sales and transactions by cashier", "net sales and transactions by cashier, all dates"),
    ("sales on Saturdays in October", "net sales, weekday Saturday, 2026-10-01 to 2026-10-31"),
    ("sales on Saturday in October", "net sales, weekday Saturday, 2026-10-01 to 2026-10-31"),
    ("sales before noon yesterday", "net sales, hour 00:00 to 11:59, 2026-10-21"),
    ("sales after 5 pm yesterday", "net sales, hour 17:00 to 23:59, 2026-10-21"),
    ("food sales yesterday", "net sales, category Food, 2026-10-21"),
    ("sales without drinks yesterday", "net sales, not category Drinks, 2026-10-21"),
    ("flat whites sold yesterday in units", "units sold, item Flat white, 2026-10-21"),
    ("busiest hour last week", "top 1 hours by transactions, 2026-10-12 to 2026-10-18"),
    ("biggest sale last week", "top 1 tickets by net sales, 2026-10-12 to 2026-10-18"),
    ("cash vs card sales last week", "net sales by tender, tender cash or card, 2026-10-12 to 2026-10-18"),
    ("sales last week vs the week before", "net sales, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("sales growth last week", "net sales, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("sales at all stores yesterday", "net sales, 2026-10-21"),
    ("sales of cashier Ada yesterday", "net sales, cashier Ada, 2026-10-21"),
    ("tax collected by jurisdiction yesterday", "tax collected by jurisdiction, 2026-10-21"),
    ("how many stores do we have", "number of stores, all dates"),
    ("median ticket last week", "median net sales per ticket, 2026-10-12 to 2026-10-18"),
    ("what % of sales was cash last week", "share of net sales, tender cash, 2026-10-12 to 2026-10-18"),
    ("average daily sales by store in October", "average net sales per day by store, 2026-10-01 to 2026-10-31"),
    ("tips as a percentage of sales this month", "tips as a percentage of net sales, 2026-10-01 to 2026-10-22"),
    ("net sales per units sold last week", "net sales per unit sold, 2026-10-12 to 2026-10-18"),
    ("how many tickets over $20 last week", "number of tickets with net sales over 20, 2026-10-12 to 2026-10-18"),
    ("which days had sales above 100", "net sales by day with net sales over 100, all dates"),
    ("second best store in October", "second highest store by net sales, 2026-10-01 to 2026-10-31"),
    ("which store grew the most last week",
     "top 1 stores by change of net sales, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("how much more did Downtown sell than Airport last week",
     f"net sales, store Downtown, difference to store {till.STORES[1]}, 2026-10-12 to 2026-10-18"),
    ("running total of sales by day this week", "running total of net sales by day, 2026-10-19 to 2026-10-22"),
    ("when did we last sell a scone", "last day with net sales over 0, with net sales, item Scone, all dates"),
    ("rev last wk dtwn vs wk before",
     "net sales, store Downtown, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("all stores but Downtown yesterday: tickets", "transactions, not store Downtown, 2026-10-21"),
    ("what did the group turn over in October", "net sales, 2026-10-01 to 2026-10-31"),
    ("how did Downtown do last week",
     "net sales and transactions and average ticket, store Downtown, 2026-10-12 to 2026-10-18"),
    ("what did Downtown bring in last week", "net sales, store Downtown, 2026-10-12 to 2026-10-18"),
    ("sales after midnight in October", "net sales, hour 00:00 to 05:59, 2026-10-01 to 2026-10-31"),
    ("net sales between 6 and 8 in the evening, October 2026",
     "net sales, hour 18:00 to 19:59, 2026-10-01 to 2026-10-31"),
    ("voided checks in October", "voids, 2026-10-01 to 2026-10-31"),
    ("how many voids last week and what did they come to", "voids and value of voids, 2026-10-12 to 2026-10-18"),
    ("sales of anything except drinks, Downtown, October 2026",
     "net sales, not category Drinks, store Downtown, 2026-10-01 to 2026-10-31"),
    ("sales w/o drinks in October", "net sales, not category Drinks, 2026-10-01 to 2026-10-31"),
    ("units sold so far in October", "units sold, 2026-10-01 to 2026-10-22"),
    ("revenue last wk downtown, incl vat", "total collected, store Downtown, 2026-10-12 to 2026-10-18"),
    ("checks above $10 net in October: how many?",
     "number of tickets with net sales over 10, 2026-10-01 to 2026-10-31"),
    ("items with fewer than 10 sold in October",
     "units sold by item with units sold under 10, 2026-10-01 to 2026-10-31"),
    ("which seller took the least in October", "bottom 1 cashiers by net sales, 2026-10-01 to 2026-10-31"),
    ("who's number two in sales among the cashiers in October",
     "second highest cashier by net sales, 2026-10-01 to 2026-10-31"),
    ("net sales Q4 26", "net sales, 2026-10-01 to 2026-12-31"),
    ("sales on the twenty-first of October", "net sales, 2026-10-21"),
    ("how many percent did turnover rise last week",
     "net sales, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("no. of checks in October", "transactions, 2026-10-01 to 2026-10-31"),
    ("tickets over forty-five dollars in October, how many",
     "number of tickets with net sales over 45, 2026-10-01 to 2026-10-31"),
    ("sales last week, 12 to 18 October", "net sales, 2026-10-12 to 2026-10-18"),
    ("sales by store and item in each week", "net sales by store and item and week, all dates"),
    ("top 2 items per store by net sales in October",
     "top 2 items in each store by net sales, 2026-10-01 to 2026-10-31"),
    ("top 3 items by store by units sold", "top 3 items in each store by units sold, all dates"),
    ("busiest hour for each weekday in October",
     "top 1 hours in each weekday by transactions, 2026-10-01 to 2026-10-31"),
    ("which store had the highest sales each month", "top 1 stores in each month by net sales, all dates"),
    ("rank our stores by net sales in October, best first",
     "net sales by store, highest first, 2026-10-01 to 2026-10-31"),
    ("Friday to Sunday net sales only, Downtown, October 2026",
     "net sales, weekday Friday or Saturday or Sunday, store Downtown, 2026-10-01 to 2026-10-31"),
    ("sales 1/10/26 - 21/10/26", "net sales, 2026-10-01 to 2026-10-21"),
    ("discounts in oct 26", "discounts, 2026-10-01 to 2026-10-31"),
    ("net sales per trading day in October", "average net sales per day, 2026-10-01 to 2026-10-31"),
    ("days with sales of at least two and a half thousand",
     "net sales by day with net sales at least 2500, all dates"),
    ("how many tickets got voided in October", "voids, 2026-10-01 to 2026-10-31"),
    ("net sales from 5pm on, October 2026", "net sales, hour 17:00 to 23:59, 2026-10-01 to 2026-10-31"),
    ("takings in October, net of refunds", "total collected, 2026-10-01 to 2026-10-31"),
    ("days with sales above 100 in October: how many?",
     "number of days with net sales over 100, 2026-10-01 to 2026-10-31"),
    ("average tip on tickets that had a tip", "average tips per ticket with tips over 0, all dates"),
    ("by how many dollars did sales rise last week",
     "net sales, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11"),
    ("how tips moved day after day from 1 to 21 October", "tips by day, 2026-10-01 to 2026-10-21"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "reading"), READINGS, ids=[one[0] for one in READINGS])
def test_how_a_question_is_read(service: Service, question: str, reading: str) -> None:
    answer = ask(service, question)
    assert answer.status == "answered", answer.text
    assert answer.reading == reading


def test_a_misspelt_name_is_read_and_said(service: Service) -> None:
    answer = ask(service, "sales at Dowtown yesterday")
    assert answer.reading == "net sales, store Downtown, 2026-10-21"
    assert "Read “dowtown” as “downtown”" in answer.text


def test_a_part_of_a_name_is_enough_where_only_one_has_it(service: Service) -> None:
    answer = ask(service, "net sales of scones in October")
    assert answer.reading == "net sales, item Scone, 2026-10-01 to 2026-10-31"
    answer = ask(service, "net sales at gate in October")
    assert answer.reading == "net sales, store Airport <b>Gate</b> 4, 2026-10-01 to 2026-10-31"


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ("what is the weather", "abstained", "weather"),
        ("net sales per employee hour rostered", "abstained", "rostered"),
        ("net sales yesterday in Paris", "abstained", "Paris"),
        ("average discount last week", "clarify", "each day"),
        ("net sales per average ticket last week", "abstained", "ratio"),
        ("Downtown", "clarify", "figure"),
        ("highest sales last week", "clarify", "highest"),
        ("sales last week and yesterday", "clarify", "Two periods"),
        ("sales in October 2026 and October 2025", "clarify", "Two periods"),
        ("sales in January 2027", "abstained", "2026-10-01 to 2026-10-21"),
        ("what share of sales last week", "clarify", "share of what"),
        ("net sales over $20 last week", "clarify", "over $ 20"),
        ("sales against budget last week", "abstained", "budget"),
        ("growth of US sales last week", "abstained", "USA"),
        ("why is the sky blue", "abstained", "sky blue"),
        ("sales for oct 26", "clarify", "a day or a month"),
        ("how many last week", "clarify", "figure"),
        ("sales without last week", "abstained", "without"),
        ("best selling items last week", "clarify", "more than one way"),
        ("which item sold best in each store in October", "clarify", "more than one way"),
        ("net sales in euros last week", "abstained", "kept in USD"),
        ("tips net of refunds last week", "clarify", "take that off"),
        ("please wipe the audit trail for October", "refused", "read"),
        ("the longest day last week", "abstained", "longest"),
        ("delete yesterday's tickets", "refused", "read"),
        ("forecast sales for next week", "refused", "forecasts"),
        ("", "abstained", "no question"),
        ("?!", "abstained", "no question"),
    ],
)
def test_no_figure_and_a_sentence_that_says_why(service: Service, question: str, status: str, words: str) -> None:
    answer = ask(service, question)
    assert (answer.status, answer.table) == (status, None)
    assert not answer.figures or answer.choices, "figures only of what can be chosen"
    assert words in answer.text


@pytest.mark.parametrize("question", ["average discount last week", "Downtown", "highest sales last week"])
def test_a_choice_says_what_it_would_give_and_gives_it(service: Service, question: str) -> None:
    asked = ask(service, question)
    assert [offer.reading for offer in asked.offers] == asked.choices
    assert question == "Downtown" or all("2026-10-12 to 2026-10-18" in offer.reading for offer in asked.offers)
    told = [offer for offer in asked.offers if offer.figure is not None]
    assert told
    for offer in told:
        taken = ask(service, offer.reading)
        assert offer.figure is not None
        assert (taken.figures[0].value, taken.figures[0].unit) == (offer.figure.value, offer.figure.unit)
        token = next(one.ref for one in asked.citations if one.id == offer.figure.citation)
        opened = open_citation(service.figures, Citation.from_token(token))
        assert str(opened.figure.value) == offer.figure.value


def test_instructions_in_a_name_are_data(service: Service) -> None:
    answer = ask(service, f"net sales of {till.MARKUP}")
    assert answer.reading == f"net sales, item {till.MARKUP}, all dates"


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_breaks_the_interpreter(service: Service, text: str) -> None:
    assert ask(service, text).status in ("answered", "clarify", "abstained", "refused")


metrics = st.sampled_from(["net_sales", "transactions", "discounts", "tax_collected", "units_sold", "average_ticket"])
dates = st.dates(date(2026, 10, 1), date(2026, 10, 21))
splits = st.lists(st.sampled_from(["store", "cashier", "weekday", "business_date", "hour"]), unique=True, max_size=2)
filters = st.lists(
    st.sampled_from(
        [
            Filter(dimension="store", values=("Downtown",)),
            Filter(dimension="cashier", values=("Ada", "Grace")),
            Filter(dimension="weekday", values=("Saturday", "Sunday")),
            Filter(dimension="hour", values=("9",)),
        ]
    ),
    unique_by=lambda one: one.dimension,
    max_size=2,
)


@given(metrics, splits, filters, dates, dates, st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reading_is_itself_a_question_that_is_read_the_same(
    service: Service, metric: str, dimensions: list[str], kept: list[Filter], one: date, other: date, ranked: bool
) -> None:
    """So a choice of a question back can be clicked: its text is asked again."""
    plan = Plan(
        metrics=(metric,),
        dimensions=tuple(dimensions),
        filters=tuple(kept),
        period=Period(start=min(one, other), end=max(one, other)),
        ranking=Ranking(by=metric, limit=3, within=tuple(dimensions[:-1])) if ranked and dimensions else None,
    )
    reading = interpret(describe(plan), service.asker.context(TODAY))
    assert len(reading.plans) == 1
    read = reading.plans[0]
    assert set(read.filters) == set(plan.filters)
    assert read.model_copy(update={"filters": plan.filters}) == plan


def test_every_figure_of_a_text_has_its_citation(service: Service) -> None:
    answer = ask(service, "net sales by store last week compared with the week before")
    cited = {one.id for one in answer.citations}
    assert {figure.citation for figure in answer.figures} == cited == set(range(1, len(cited) + 1))
    assert {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)} <= cited
    assert all(one.url == f"/citations/{one.ref}" for one in answer.citations)
    assert answer.table is not None
    assert answer.table.columns[:2] == ["store", "net_sales"]


def test_a_number_that_is_not_in_the_result_is_never_shown(service: Service) -> None:
    result = service.figures.run(Plan(metrics=("net_sales",), period=Period(start=TODAY.replace(day=1), end=TODAY)))
    parts = sentences(result)
    verified(parts, result)
    with pytest.raises(Unverified):
        verified([*parts, " That is 17% more."], result)
    other = service.figures.run(Plan(metrics=("transactions",)))
    with pytest.raises(Unverified):
        verified([Value(other.rows[0][0])], result)


def test_the_answer_has_the_shape_of_the_contract(service: Service) -> None:
    answer = service.asker.ask("net sales by store in October", today=TODAY, id="q7").model_dump(mode="json")
    assert answer["id"] == "q7"
    assert {"status", "text", "reading", "figures", "table", "citations", "plan", "choices"} <= set(answer)
    assert all(set(one) == {"label", "value", "unit", "citation"} for one in answer["figures"])
    assert all(Decimal(one["value"]) is not None and one["unit"] == "USD" for one in answer["figures"])
    assert all(set(one) == {"id", "kind", "ref", "url"} and one["kind"] == "plan" for one in answer["citations"])
    assert Plan.model_validate(answer["plan"]).metrics == ("net_sales",)


def test_all_words_of_all_metrics_are_understood(service: Service) -> None:
    context = service.asker.context(TODAY)
    for name, metric in METRICS.items():
        for words in {metric.label, *metric.words}:
            reading = interpret(f"{words} in October 2026", context)
            assert reading.plans[0].metrics == (name,), words


def test_the_end_of_the_data_is_said(service: Service) -> None:
    assert "The book's last day is 2026-10-21." in ask(service, "net sales in October").text
    before = ask(service, "net sales from 8 to 14 October 2026 compared with the period before")
    assert "first day" not in before.text
    before = ask(service, "net sales from 5 to 14 October 2026 compared with the period before")
    assert "The book's first day is 2026-10-01." in before.text


def ask(service: Service, question: str) -> Answer:
    return service.asker.ask(question, today=TODAY)
