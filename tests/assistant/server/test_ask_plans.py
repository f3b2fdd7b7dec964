"""The ask page's plans as its addresses carry them: shared, changed by its forms, gone on from, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from assistant.ask.calendar import Unit, containing
from assistant.ask.periods import Calendar
from assistant.server.app import create_app
from assistant.server.plans import periods
from assistant.server.plans.change import Setting
from assistant.server.plans.following import following
from assistant.server.plans.token import plan_of, token_of
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.figures import Filter, Period, Plan, Ranking, describe
from ledger.figures.plan import Condition, Each
from tests.assistant.server.till import FORMULA, LONG, MARKUP, STORES

TODAY = "2026-10-22"
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))
BY_STORE = Plan(metrics=("net_sales",), dimensions=("store",), period=OCTOBER)
AT_DOWNTOWN = Plan(metrics=("net_sales",), filters=(Filter(dimension="store", values=("Downtown",)),), period=OCTOBER)
TOP_ITEMS = Plan(metrics=("net_sales",), dimensions=("item",), ranking=Ranking(by="net_sales", limit=3), period=OCTOBER)
COMPARED = BY_STORE.model_copy(update={"comparison": Period(start=date(2026, 9, 1), end=date(2026, 9, 30))})


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made


def change(client: TestClient, plan: Plan, **form: object) -> Plan:
    """The plan that a chip's form leads to."""
    query = {"plan": token_of(plan), "today": TODAY, **form}
    given = client.get("/ask/change", params=query, follow_redirects=False)
    assert given.status_code == 303, given.text
    return plan_of(parse_qs(urlsplit(given.headers["location"]).query)["plan"][0])


def figures(html: str) -> list[str]:
    return re.findall(r'href="/citations/[^"]+">([^<]+)</a>', html)


def test_an_address_with_a_plan_gives_the_same_figures_as_the_question(client: TestClient) -> None:
    asked = client.get("/ask", params={"q": "net sales by store in October", "today": TODAY}).text
    lasting = re.search(r'data-lasting="([^"]+)"', asked)
    assert lasting is not None
    opened = client.get(unescape(lasting[1])).text
    assert figures(opened) == figures(asked)
    assert len(figures(opened)) > 2
    query = parse_qs(urlsplit(unescape(lasting[1])).query)
    assert plan_of(query["plan"][0]) == BY_STORE
    assert "c" not in query  # a conversation is the reader's own, and is not shared


def test_csv_and_cells_are_of_the_plan_and_run_no_formula(client: TestClient) -> None:
    items = TOP_ITEMS.model_copy(update={"ranking": None})
    table = client.get("/ask.csv", params={"plan": token_of(items)}).text
    cells = client.get("/ask.tsv", params={"plan": token_of(items)})
    assert cells.headers["content-type"].startswith("text/tab-separated-values")
    rows = [line.split("\t") for line in cells.text.split("\n")]
    assert rows[0] == ["item", "net_sales"]
    assert {len(row) for row in rows} == {2}
    names = {row[0] for row in rows[1:]}
    assert f"'{FORMULA}" in names
    assert FORMULA not in names
    assert {MARKUP, LONG} <= names
    assert all(f",{row[1]}" in table for row in rows[1:])


@pytest.mark.parametrize(
    ("plan", "form", "reading"),
    [
        (BY_STORE, {"part": "metric", "n": 0, "metric": "tips"}, "tips by store, 2026-10-01 to 2026-10-31"),
        (
            BY_STORE,
            {"part": "metric", "metric": "transactions"},
            "net sales and transactions by store, 2026-10-01 to 2026-10-31",
        ),
        (BY_STORE, {"part": "split", "n": 0, "remove": 1}, "net sales, 2026-10-01 to 2026-10-31"),
        (BY_STORE, {"part": "split", "n": 0, "dimension": "hour"}, "net sales by hour, 2026-10-01 to 2026-10-31"),
        (
            BY_STORE,
            {"part": "split", "dimension": "weekday"},
            "net sales by store and weekday, 2026-10-01 to 2026-10-31",
        ),
        (
            BY_STORE,
            {"part": "filter", "dimension": "tender", "value": ["cash", "card"]},
            "net sales by store, tender cash or card, 2026-10-01 to 2026-10-31",
        ),
        (
            AT_DOWNTOWN,
            {"part": "filter", "n": 0, "dimension": "store", "value": "Downtown", "keep": "not"},
            "net sales, not store Downtown, 2026-10-01 to 2026-10-31",
        ),
        (
            AT_DOWNTOWN,
            {"part": "filter", "n": 0, "dimension": "store", "typed": STORES[1].upper()},
            f"net sales, store {STORES[1]}, 2026-10-01 to 2026-10-31",
        ),
        (AT_DOWNTOWN, {"part": "filter", "n": 0, "remove": 1}, "net sales, 2026-10-01 to 2026-10-31"),
        (BY_STORE, {"part": "period", "preset": "yesterday"}, "net sales by store, 2026-10-21"),
        (BY_STORE, {"part": "period", "preset": "earlier"}, "net sales by store, 2026-09-01 to 2026-09-30"),
        (BY_STORE, {"part": "period", "preset": "later"}, "net sales by store, 2026-11-01 to 2026-11-30"),
        (BY_STORE, {"part": "period", "preset": "all dates"}, "net sales by store, all dates"),
        (
            BY_STORE,
            {"part": "period", "from": "2026-10-05", "to": "2026-10-11"},
            "net sales by store, 2026-10-05 to 2026-10-11",
        ),
        (
            COMPARED,
            {"part": "period", "from": "2026-10-12", "to": "2026-10-18"},
            "net sales by store, 2026-10-12 to 2026-10-18, against 2026-10-05 to 2026-10-11",
        ),
        (
            BY_STORE,
            {"part": "comparison", "against": "year_before"},
            "net sales by store, 2026-10-01 to 2026-10-31, against 2025-10-01 to 2025-10-31",
        ),
        (COMPARED, {"part": "comparison", "remove": 1}, "net sales by store, 2026-10-01 to 2026-10-31"),
        (
            TOP_ITEMS,
            {"part": "ranking", "by": "net_sales", "order": "lowest", "limit": "5"},
            "bottom 5 items by net sales, 2026-10-01 to 2026-10-31",
        ),
        (TOP_ITEMS, {"part": "ranking", "remove": 1}, "net sales by item, 2026-10-01 to 2026-10-31"),
        (BY_STORE, {"part": "as_of", "known": "2026-10-31"}, "net sales by store, 2026-10-01 to 2026-10-31"),
    ],
)
def test_a_chip_makes_another_plan(client: TestClient, plan: Plan, form: dict[str, object], reading: str) -> None:
    made = change(client, plan, **form)
    assert describe(made.model_copy(update={"as_of": None})) == reading
    assert (made.as_of is not None) == (form["part"] == "as_of")
    opened = client.get("/ask", params={"plan": token_of(made), "today": TODAY})
    assert opened.status_code == 200


def test_what_a_change_leaves_without_a_footing_goes_with_it(client: TestClient) -> None:
    ranked = TOP_ITEMS.model_copy(update={"conditions": (Condition(metric="net_sales", op="over", value=Decimal(10)),)})
    bare = change(client, ranked, part="split", n=0, remove=1)
    assert (bare.ranking, bare.conditions) == (None, ())
    other = change(client, TOP_ITEMS, part="metric", n=0, metric="units_sold")
    assert other.ranking is not None
    assert other.ranking.by == "units_sold"
    assert change(client, COMPARED, part="split", n=0, dimension="month").comparison is None
    moved = COMPARED.model_copy(update={"ranking": Ranking(by="net_sales", side="change", limit=1)})
    still = change(client, moved, part="comparison", remove=1).ranking
    assert still is not None
    assert still.side == "value"
    days = BY_STORE.model_copy(update={"dimensions": ("business_date",)})
    assert change(client, days, part="comparison", against="previous").dimensions == ()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"part": "nothing"}, "no part of a question"),
        ({"part": "metric", "n": 0, "remove": 1}, "needs a metric"),
        ({"part": "split", "dimension": "shoe size"}, "shoe size"),
        ({"part": "filter", "dimension": "store"}, "Choose at least one store"),
        ({"part": "filter", "dimension": "store", "typed": "Downtwon"}, "The nearest are “Downtown”"),
        ({"part": "period", "preset": "some day"}, "some day"),
        ({"part": "period", "from": "2026-10-11", "to": "2026-10-05"}, "ends"),
        ({"part": "period", "from": "11.10."}, "is not a date"),
        ({"part": "comparison", "against": "tomorrow"}, "tomorrow"),
        ({"part": "ranking", "limit": "0"}, "does not go together"),
        ({"part": "ranking", "limit": "many"}, "many"),
        ({"part": "condition", "bound": "NaN"}, "NaN"),
        ({"part": "condition", "op": "beside", "bound": "5"}, "does not go together"),
        ({"part": "as_of", "known": "whenever"}, "whenever"),
    ],
)
def test_a_change_that_cannot_be_made_is_said_and_the_answer_stays(
    client: TestClient, form: dict[str, object], said: str
) -> None:
    given = client.get("/ask/change", params={"plan": token_of(BY_STORE), "today": TODAY, **form})
    assert given.status_code == 400
    assert said in unescape(given.text)
    assert "Net sales by store in October" in given.text


@pytest.mark.parametrize("token", ["x", "eNqrVkrLz1eyUkpKLFKqBQAdMQRM", "A" * 5000])
def test_a_plan_that_is_none_is_said(client: TestClient, token: str) -> None:
    given = client.get("/ask", params={"plan": token})
    assert given.status_code == 400
    assert "not whole" in given.text


def test_a_plan_that_cannot_be_run_says_why_and_can_be_changed(client: TestClient) -> None:
    wrong = Plan(metrics=("tips",), dimensions=("item",), period=OCTOBER)
    given = client.get("/ask", params={"plan": token_of(wrong), "today": TODAY})
    assert given.status_code == 200
    assert "cannot be split by item" in given.text
    assert 'data-change="split-0"' in given.text
    mended = change(client, wrong, part="split", n=0, dimension="store")
    assert "Tips by store" in client.get("/ask", params={"plan": token_of(mended), "today": TODAY}).text


@pytest.mark.parametrize("question", ["trial balance for October", "profit and loss for October", "what is held"])
def test_every_figure_of_a_table_that_no_plan_made_opens_too(client: TestClient, question: str) -> None:
    page = client.get("/ask", params={"q": question, "today": TODAY}).text
    cells = re.findall(r'<td class="num">(.*?)</td>', page)
    assert cells
    for cell in cells:
        linked = re.fullmatch(r'<a href="([^"]+)">([^<]+)</a>', cell)
        assert linked is not None or cell == "", cell
        if linked is not None:
            proof = client.get(unescape(linked[1]))
            assert proof.status_code == 200
            assert question == "what is held" or linked[2].lstrip("+-") in proof.text


def test_only_what_goes_together_is_offered(client: TestClient) -> None:
    page = client.get("/ask", params={"plan": token_of(BY_STORE.model_copy(update={"dimensions": ("item",)}))}).text
    metrics = re.findall(r'<option value="([a-z_]+)"', page.split('name="metric"')[1].split("</select>")[0])
    assert "net_sales" in metrics
    assert "tips" not in metrics  # tips are left on tickets, not on items


def test_a_question_goes_on_without_a_script(client: TestClient) -> None:
    first = client.get("/ask", params={"q": "net sales in October", "today": TODAY, "c": "desk-1"})
    assert "Net sales in October 2026 were" in first.text
    assert "plan=" in str(first.url)  # asked again, it is this plan and not the words
    following_ = client.get("/ask", params={"q": "by store", "today": TODAY, "c": "desk-1"})
    assert "Net sales by store in October 2026" in following_.text
    again = client.get(str(following_.url))
    assert figures(again.text) == figures(following_.text)
    back = client.get(str(first.url))
    assert "Net sales in October 2026 were" in back.text
    by_day = client.get("/ask", params={"q": "by cashier", "today": TODAY, "c": "desk-1"})
    assert "Net sales by cashier in October 2026" in by_day.text


def test_what_is_asked_next_can_be_answered(client: TestClient, service: Service) -> None:
    setting = Setting(service, date(2026, 10, 22))
    week = BY_STORE.model_copy(update={"period": Period(start=date(2026, 10, 12), end=date(2026, 10, 18))})
    assert [one.label for one in following(week, setting)] == ["Against the period before", "Day by day", "By category"]
    assert "Against the period before" not in [one.label for one in following(BY_STORE, setting)]  # it has no September
    over = Each(
        dimensions=("ticket",),
        fold="count",
        conditions=(Condition(metric="net_sales", op="over", value=Decimal(20)),),
    )
    tickets = Plan(metrics=("transactions",), each=over, period=OCTOBER)
    assert following(tickets, setting)
    assert all(one.plan.each == over for one in following(tickets, setting))  # what is counted stays what is counted
    for plan in (
        BY_STORE,
        AT_DOWNTOWN,
        tickets,
        TOP_ITEMS,
        week,
        Plan(metrics=("tips",)),
        Plan(metrics=("average_ticket",)),
    ):
        offered = following(plan, setting)
        assert 1 <= len(offered) <= 3
        assert len({one.label for one in offered}) == len(offered)
        for one in offered:
            assert service.asker.answer(one.plan).status == "answered", one


days = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
names = st.text(min_size=1, max_size=30)
plans = st.builds(
    Plan,
    metrics=st.lists(st.sampled_from(["net_sales", "tips", "transactions"]), min_size=1, unique=True).map(tuple),
    dimensions=st.lists(st.sampled_from(["store", "item", "month"]), unique=True).map(tuple),
    filters=st.lists(
        st.builds(
            Filter, dimension=st.just("store"), values=st.lists(names, min_size=1).map(tuple), exclude=st.booleans()
        ),
        max_size=2,
    ).map(tuple),
    period=st.builds(
        lambda start, length: Period(start=start, end=start + timedelta(length)), days, st.integers(0, 99)
    ),
    ranking=st.none() | st.builds(Ranking, by=st.just("net_sales"), limit=st.none() | st.integers(1, 99)),
    as_of=st.none() | st.integers(0, 10**6),
)


@given(plans)
def test_a_token_gives_its_plan_back(plan: Plan) -> None:
    assert plan_of(token_of(plan)) == plan


units = st.sampled_from(["day", "week", "month", "quarter", "year"])


@given(days, units, st.integers(1, 3), st.sampled_from(["monday", "sunday", "saturday"]))
def test_earlier_takes_back_what_later_did_to_whole_units(day: date, unit: Unit, count: int, week_starts: str) -> None:
    now = Calendar(date(2026, 10, 22), week_starts)
    start, end = containing(day, unit, week_starts)
    for _ in range(count - 1):
        end = containing(end + timedelta(days=1), unit, week_starts)[1]
    period = Period(start=start, end=end)
    later = periods.moved(period, periods.LATER, now)
    assert later.start == end + timedelta(days=1)
    if unit in ("month", "quarter", "year") or count == 1:
        assert periods.moved(later, periods.EARLIER, now) == period
    else:
        assert later.days == period.days
