"""The same plans give the same values on every engine that the figures' copy can sit in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
import tomli_w

from ledger.book import Book
from ledger.errors import BookError, SettingsError
from ledger.figures import METRICS, Citation, Figures, Filter, Period, Plan, Ranking, open_citation
from ledger.figures.calendar import FISCAL, BookCalendar
from ledger.figures.copy import step_of
from ledger.figures.metrics import FACT_DIMENSIONS, OF_TICKET, PLACES
from ledger.figures.plan import Each
from ledger.fiscal import FiscalCalendar
from ledger.settings import parse
from tests.builders import AT, keep_bytes, line, make_book, post, ticket
from tests.ledger.figures.test_figures import (
    FILTERS,
    FIRST,
    LAST,
    OF_LINES,
    OF_TICKETS,
    OF_TILLS,
    REGIONS,
    changing_days,
    content,
)
from tests.postgres import Cluster

ENGINES = ("postgresql", "spark")
SPARK_MASTER = "local-cluster[2,1,1024]"
"""Two workers, which are processes of their own, as machines of a cluster would be."""
SPARK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For short runs: what Java would spend on making code faster is more than it would save."""

HOSTILE = [
    "O'Brien's \"best\"", "back\\slash\\", "100 %s {0} %(x)s", "-- comment; DROP TABLE lines", "tab\tand\nnew line",
    "Crème brûlée", "\\.", "\\N", "NULL", "零食", "$1 `x`", "=1+1",
]  # fmt: skip
"""Names as a till may send them."""

EARLY = Period(start=FIRST, end=date(2026, 10, 9))


def stores() -> dict[str, dict[str, str]]:
    made: dict[str, dict[str, str]] = {name: {"region": region} if region else {} for name, region in REGIONS.items()}
    made["Airport"]["owner"] = "Ann's Ltd"
    return made


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed book with all kinds of tickets, versions, hostile names, and tickets that came late for a
    locked period."""
    folder = tmp_path_factory.mktemp("lived") / "book"
    settings = {"book": {"id": "corner-shop", "name": "Corner", "currency": "USD", "week_starts": "sunday"}}
    book = Book.create_from(folder, {**settings, "stores": stores()})
    keep_bytes(book, b"")
    days = changing_days()
    for tickets, events in days:
        post(book, *tickets, events=events)
    named = [line(700 + n, name=name, category=f"{name} / below") for n, name in enumerate(HOSTILE)]
    post(book, *(ticket(f"h{n}", lines=[one], cashier=one["name"], tax=7) for n, one in enumerate(named)))
    book.change_period(FIRST, date(2026, 10, 9), "locked", by="Ada", reason="closed", at=AT)
    late = {"version_stamp": datetime(2027, 2, 1, tzinfo=UTC)}
    changed = [one | late | {"cashier": "Grace"} for one in days[0][0][:6]]
    post(book, *changed, ticket("late", business_date=FIRST, store="Harbour", lines=[line(123456789)]))
    assert book.head().seq == len(days) + 3
    book.close()
    return folder


Setting = dict[str, str]


def setting_of(request: pytest.FixtureRequest, engine: str) -> Setting:
    """The ``[figures]`` table of an engine, of a database of its own."""
    if engine == "duckdb":
        return {"engine": engine}
    if engine == "spark":
        if find_spec("pyspark") is None or shutil.which("java") is None:
            said = "PySpark or Java is missing (pip install 'tillproof[spark]', apt install openjdk-17-jre-headless)"
            pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
        os.environ.setdefault("JDK_JAVA_OPTIONS", SPARK_JAVA)
        return {"engine": engine, "url": SPARK_MASTER}
    cluster: Cluster = request.getfixturevalue("postgresql")
    return {"engine": engine, "url": cluster.url(cluster.database())}


@pytest.fixture(scope="module", params=ENGINES)
def setting(request: pytest.FixtureRequest) -> Setting:
    return setting_of(request, request.param)


def elsewhere(folder: Path, target: Path, setting: Setting) -> Path:
    """A copy of a closed book whose figures are to sit in an engine."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("facts.duckdb"))
    settings = tomllib.loads((target / "book.toml").read_text("utf-8"))
    settings["book"]["name"] = target.name
    (target / "book.toml").write_text(tomli_w.dumps({**settings, "figures": setting}), encoding="utf-8")
    return target


class Opened:
    """A book and its figures, opened together and closed together."""

    def __init__(self, folder: Path) -> None:
        self.book = Book.open(folder)
        self.figures = Figures.open(self.book)

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.figures.close()
        self.book.close()


@pytest.fixture(scope="module")
def here(lived: Path) -> Iterator[Figures]:
    """The figures in DuckDB."""
    with Opened(lived) as opened:
        opened.figures.catch_up()
        yield opened.figures


@pytest.fixture(scope="module")
def there(lived: Path, setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Figures]:
    """The figures of the same book in another engine."""
    with Opened(elsewhere(lived, tmp_path_factory.mktemp("there") / "there", setting)) as opened:
        assert opened.figures.catch_up() == opened.book.head().seq
        yield opened.figures


# --- the same values --------------------------------------------------------------------------------------------------

EVERY = tuple(METRICS)
OF_TAXES = tuple(name for name, one in METRICS.items() if "jurisdiction" in one.dimensions)
OF_ACCOUNTS = tuple(name for name, one in METRICS.items() if "account" in one.dimensions)

PLANS: dict[str, Plan] = {
    "every metric": Plan(metrics=EVERY),
    "by every place and time": Plan(metrics=EVERY, dimensions=PLACES),
    "by every dimension of a ticket": Plan(metrics=OF_TICKETS, dimensions=OF_TICKET),
    "by what till events know": Plan(metrics=OF_TILLS, dimensions=("register", "cashier", "hour", "ticket")),
    "by item": Plan(metrics=OF_LINES, dimensions=("item", "category", "subcategory")),
    "by jurisdiction": Plan(metrics=OF_TAXES, dimensions=("jurisdiction", "week")),
    "by account": Plan(metrics=OF_ACCOUNTS, dimensions=("account", "region"), period=Period(end=date(2026, 10, 15))),
    "a period": Plan(metrics=EVERY, dimensions=("store",), period=EARLY),
    "a comparison": Plan(
        metrics=OF_TICKETS, dimensions=("cashier",), period=Period(start=date(2026, 10, 16), end=LAST), comparison=EARLY
    ),
    "a ranking": Plan(metrics=("net_sales",), dimensions=("item",), ranking=Ranking(by="net_sales", limit=4)),
    "a ranking from below": Plan(
        metrics=("units_sold",), dimensions=("cashier",), ranking=Ranking(by="units_sold", descending=False)
    ),
    "as of the second commit": Plan(metrics=OF_TICKETS, dimensions=("month",), as_of=2),
    "as of before the lock": Plan(metrics=("net_sales", "balance"), dimensions=("week",), as_of=5),
    "of nothing": Plan(metrics=EVERY, period=Period(start=date(2030, 1, 1))),
    "what ties out": Plan(metrics=("tax_collected",), filters=(Filter(dimension="owner", values=("Ann's Ltd",)),)),
}
for _name, (_filter, _) in FILTERS.items():
    PLANS[f"only {_name}"] = Plan(metrics=("units_sold",), filters=(_filter,))
for _dimension, _values in {
    "quarter": ("2026-Q3",), "year": ("2026",), "week": ("2026-W40", "2026-W42"), "hour": ("(none)", "19"),
    "item": tuple(HOSTILE), "cashier": tuple(HOSTILE[:4]), "category": (HOSTILE[0], HOSTILE[1] + " / below"),
}.items():  # fmt: skip
    _kept = Filter(dimension=_dimension, values=_values)  # type: ignore[arg-type]
    PLANS[f"only some of {_dimension}"] = Plan(metrics=("units_sold",), dimensions=("item",), filters=(_kept,))


PLANS["what all filters leave out"] = Plan(
    metrics=("units_sold",), filters=tuple(one for one, _ in FILTERS.values() if one.exclude)
)

ON_SPARK = (
    "by every place and time", "by every dimension of a ticket", "by item", "by jurisdiction", "by account",
    "a ranking", "as of before the lock", "what all filters leave out", "only weekend", "only no category",
    "only a category with what is below it", "only some hours", "only a day", "only some of week",
    "only some of quarter", "only some of item", "only some of category",
)  # fmt: skip
"""What Spark runs of them: each kind of expression, but not each filter, since every query costs it half a second."""
PAIRS = [(engine, name) for engine in ENGINES for name in PLANS if engine != "spark" or name in ON_SPARK]


def test_the_plans_name_every_metric_and_every_dimension() -> None:
    assert {name for plan in PLANS.values() for name in plan.metrics} == set(METRICS)
    assert {name for plan in PLANS.values() for name in plan.dimensions} == set().union(*FACT_DIMENSIONS.values())


def test_the_book_has_what_makes_engines_differ(here: Figures) -> None:
    tickets = here.backend.table("tickets")
    assert here.value(tickets.filter(tickets.kind == "taken_back").count()) >= 2
    assert here.value(tickets.reversed_seq.count()) > 10
    assert here.value(tickets.kind.nunique()) == 6
    assert set(HOSTILE) <= set(here.values("item"))


@pytest.mark.parametrize(("setting", "name"), PAIRS, indirect=["setting"])
def test_a_plan_gives_the_same_result(here: Figures, there: Figures, name: str) -> None:
    expected = here.run(PLANS[name])
    assert there.run(PLANS[name]) == expected
    assert expected.row_count > 0
    if name != "of nothing":
        assert any(one.value for one in expected.figures)


CALENDARS = {
    "months from the 31st": FiscalCalendar(month=1, day=31),
    "weeks nearest to a date": FiscalCalendar(month=10, day=1, weeks="4-5-4", weekday="sunday"),
    "weeks last before a date": FiscalCalendar(month=10, day=20, weeks="5-4-4", weekday="wednesday", rule="last"),
}
FISCAL_ON_SPARK = ("months from the 31st", "weeks nearest to a date")


@pytest.mark.parametrize(
    ("setting", "name"),
    [(engine, name) for engine in ENGINES for name in CALENDARS if engine != "spark" or name in FISCAL_ON_SPARK],
    indirect=["setting"],
)
def test_fiscal_units_give_the_same_result(here: Figures, there: Figures, name: str) -> None:
    before = here.calendar
    here.calendar = there.calendar = BookCalendar("sunday", CALENDARS[name])
    try:
        by_all = Plan(metrics=("net_sales", "transactions", "balance"), dimensions=FISCAL)
        expected = here.run(by_all)
        assert there.run(by_all) == expected
        assert expected.row_count > 4
        kept = tuple(sorted({key[1] for key in expected.keys})[:2])
        counted = Plan(
            metrics=("net_sales",),
            dimensions=("category",),
            filters=(Filter(dimension="fiscal_month", values=kept),),
            each=Each(dimensions=("fiscal_week",), fold="count"),
        )
        assert there.run(counted) == here.run(counted)
    finally:
        here.calendar = there.calendar = before


def test_a_query_of_one_shape_runs_with_the_values_of_each_plan(here: Figures, there: Figures) -> None:
    for name in HOSTILE:
        kept = (Filter(dimension="item", values=(name,)), Filter(dimension="category", values=(name, "Drinks")))
        plan = Plan(metrics=("units_sold",), dimensions=("item",), filters=kept)
        result = there.run(plan)
        assert result == here.run(plan)
        assert result.keys == ((name,),)


CITED_ON_SPARK = ("net_sales", "transactions")
CITED: dict[str, Plan] = {
    "net_sales": Plan(metrics=("net_sales",), dimensions=("week",)),
    "transactions": Plan(metrics=("transactions",), dimensions=("category",)),
    "balance": Plan(metrics=("balance",), dimensions=("account",), period=EARLY),
    "tax_collected": Plan(metrics=("tax_collected",), dimensions=("jurisdiction", "weekday")),
    "over_short": Plan(metrics=("over_short",), dimensions=("region",)),
}


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        (engine, name)
        for engine in ENGINES
        for name in CITED
        if engine != "spark" or name in ("net_sales", "transactions")
    ],
    indirect=["setting"],
)
def test_a_citation_opens_into_the_same_contributions_page_by_page(here: Figures, there: Figures, name: str) -> None:
    result = here.run(CITED[name])
    figure = max(result.figures, key=lambda one: one.value or Decimal(0))
    citation = Citation.of(result, figure)
    first, found = open_citation(here, citation, 1, 500), []
    size = max(2, -(-first.count // 3))
    for page in range(1, -(-first.count // size) + 1):
        proof = open_citation(there, citation, page, size)
        assert proof == open_citation(here, citation, page, size)
        found += proof.contributions
    assert tuple(found) == first.contributions
    assert (
        sum(one.amount for one in found) == first.total == (figure.value or 0) * (1 if name == "transactions" else 100)
    )


@pytest.mark.parametrize("dimension", ["region", "category", "hour", "account"])
def test_names_are_the_same(here: Figures, there: Figures, dimension: str) -> None:
    assert there.values(dimension) == here.values(dimension) != ()
    assert there.span() == here.span()


# --- catching up ------------------------------------------------------------------------------------------------------

WATCHED = (Plan(metrics=("net_sales", "tips", "balance"), dimensions=("store",)),)


@pytest.fixture(params=("duckdb", *ENGINES))
def grown(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """An empty book whose figures sit in an engine, to post to."""
    make_book(tmp_path / "made").close()
    with Opened(elsewhere(tmp_path / "made", tmp_path / "grown [1] {a}", setting_of(request, request.param))) as opened:
        yield opened


def in_one(opened: Opened, folder: Path) -> list[tuple[Any, ...]]:
    """What a copy in DuckDB that catches up in one step gives."""
    with Opened(elsewhere(opened.book.path, folder, {"engine": "duckdb"})) as other:
        other.figures.catch_up()
        return [content(other.figures.run(plan)) for plan in WATCHED]


def test_many_steps_come_to_what_one_step_does(grown: Opened, tmp_path: Path) -> None:
    for number, (tickets, events) in enumerate(changing_days()):
        post(grown.book, *tickets, events=events)
        assert grown.figures.catch_up() == 1
        if number == 4:
            seen = [content(grown.figures.run(plan)) for plan in WATCHED]
            assert seen == in_one(grown, tmp_path / f"one-{number}")
    assert grown.figures.catch_up() == 0


def test_a_copy_is_opened_again_where_it_stood(grown: Opened) -> None:
    post(grown.book, ticket("1"))
    grown.figures.catch_up()
    grown.figures.close()
    grown.figures = Figures.open(grown.book)
    assert grown.figures.seq == 1
    assert grown.figures.catch_up() == 0
    assert grown.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("10.00")


def test_a_step_that_fails_in_its_middle_was_not_taken(grown: Opened, tmp_path: Path) -> None:
    post(grown.book, *changing_days()[0][0])
    grown.figures.catch_up()
    before = [content(grown.figures.run(plan)) for plan in WATCHED]
    post(grown.book, *changing_days()[1][0])
    step = step_of(next(grown.book.committed(after=1)))
    broken = {**step.facts, "postings": pl.DataFrame({"no_such_column": [1]})}
    with pytest.raises(Exception, match="no_such_column"):
        grown.figures.engine.apply(replace(step, facts=broken))
    assert grown.figures.seq == 1
    assert [content(grown.figures.run(plan)) for plan in WATCHED] == before
    assert grown.figures.catch_up() == 1
    assert [content(grown.figures.run(plan)) for plan in WATCHED] == in_one(grown, tmp_path / "one")


KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from ledger.book import Book
from ledger.figures import Figures
from ledger.figures.copy import step_of

class Killing(dict):
    def items(self):
        for place, one in enumerate(super().items()):
            if place == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            yield one

book = Book.open(Path(sys.argv[1]))
figures = Figures.open(book)
assert figures.note == "" and figures.seq == 1
step = step_of(next(book.committed(after=1)))
figures.engine.apply(replace(step, facts=Killing(step.facts)))
"""


def test_a_kill_in_the_middle_of_a_step_leaves_the_earlier_commit(grown: Opened, tmp_path: Path) -> None:
    post(grown.book, *changing_days()[0][0])
    grown.figures.catch_up()
    before = [content(grown.figures.run(plan)) for plan in WATCHED]
    post(grown.book, *changing_days()[1][0])
    grown.figures.close()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(grown.book.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    grown.figures = Figures.open(grown.book)
    assert grown.figures.seq == 1
    assert [content(grown.figures.run(plan)) for plan in WATCHED] == before
    assert grown.figures.catch_up() == 1
    assert [content(grown.figures.run(plan)) for plan in WATCHED] == in_one(grown, tmp_path / "one")


def put_into(folder: Path, other: Path) -> None:
    """Put the copy of figures that one book's folder holds, if its engine keeps it there, into another's."""
    for name in ("facts.duckdb", "figures"):
        if (folder / name).is_dir():
            shutil.rmtree(other / name)
            shutil.copytree(folder / name, other / name)
        elif (folder / name).exists():
            shutil.copy(folder / name, other / name)


def test_a_copy_of_another_history_gives_no_figure_and_is_made_anew(grown: Opened, tmp_path: Path) -> None:
    """Two copies of one book that go on apart: with the copy of its figures that the other one made."""
    post(grown.book, ticket("1"))
    grown.figures.catch_up()
    grown.figures.close()
    other = Path(shutil.copytree(grown.book.path, tmp_path / "other"))
    grown.figures = Figures.open(grown.book)
    post(grown.book, ticket("2", lines=[line(500)]))
    grown.figures.catch_up()
    grown.figures.close()
    put_into(grown.book.path, other)
    with Opened(other) as opened:
        post(opened.book, ticket("3", lines=[line(700)]))
        with pytest.raises(BookError, match="open the book again"):
            opened.figures.run(Plan(metrics=("net_sales",)))
        opened.figures.catch_up()
        assert opened.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("17.00")
    grown.figures = Figures.open(grown.book)
    grown.figures.catch_up()
    assert grown.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("15.00")


def test_a_copy_of_another_layout_is_made_anew(grown: Opened) -> None:
    post(grown.book, ticket("1"))
    grown.figures.catch_up()
    manifest = grown.book.path / "figures" / "state.json"
    if manifest.exists():
        manifest.write_text(manifest.read_text("utf-8").replace('"layout": "', '"layout": "0'), encoding="utf-8")
    else:
        grown.figures.backend.raw_sql("UPDATE state SET layout = '0'")
    grown.figures.close()
    grown.figures = Figures.open(grown.book)
    assert grown.figures.seq == 0
    assert grown.figures.catch_up() == 1
    assert grown.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("10.00")


def test_region_and_owner_follow_the_settings(grown: Opened) -> None:
    post(grown.book, ticket("1"))
    grown.figures.catch_up()
    by_region = Plan(metrics=("net_sales",), dimensions=("region", "owner"))
    assert grown.figures.run(by_region).keys == (("(none)", "(none)"),)
    grown.figures.close()
    path = grown.book.path / "book.toml"
    stores = {"stores": {"Downtown": {"region": "North", "owner": "Ann's"}, "Airport": {}}}
    path.write_text(tomli_w.dumps({**tomllib.loads(path.read_text("utf-8")), **stores}), encoding="utf-8")
    with Opened(grown.book.path) as opened:
        assert opened.figures.run(by_region).keys == (("North", "Ann's"),)
    grown.figures = Figures.open(grown.book)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def test_processes_share_a_copy_in_postgresql_and_take_each_step_once(postgresql: Cluster, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    setting = {"engine": "postgresql", "url": postgresql.url(postgresql.database())}
    with Opened(elsewhere(tmp_path / "made", tmp_path / "shared", setting)) as one, Opened(one.book.path) as two:
        for number, (tickets, events) in enumerate(changing_days(), start=1):
            post(one.book, *tickets, events=events)
            step = step_of(next(one.book.committed(after=number - 1)))
            quick, slow = (one, two) if number % 2 else (two, one)
            assert quick.figures.catch_up() == 1
            assert not slow.figures.engine.apply(step)
            assert slow.figures.catch_up() == 0
            assert [slow.figures.run(plan) for plan in WATCHED] == [quick.figures.run(plan) for plan in WATCHED]
        assert [content(two.figures.run(plan)) for plan in WATCHED] == in_one(one, tmp_path / "one")
        assert one.figures.note == two.figures.note == ""


def test_a_plan_reads_one_moment_of_a_shared_copy(postgresql: Cluster, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    setting = {"engine": "postgresql", "url": postgresql.url(postgresql.database())}
    with Opened(elsewhere(tmp_path / "made", tmp_path / "shared", setting)) as one, Opened(one.book.path) as two:
        post(one.book, ticket("1"))
        one.figures.catch_up()

        def run_while_the_other_goes_on() -> list[Decimal | None]:
            before = one.figures.run(Plan(metrics=("net_sales",)))
            post(two.book, ticket("2"))
            assert two.figures.catch_up() == 1
            return [found.figures[0].value for found in (before, one.figures.run(Plan(metrics=("net_sales",))))]

        assert one.figures.locked(run_while_the_other_goes_on) == [Decimal("10.00")] * 2
        assert one.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("20.00")


def test_a_lost_connection_is_said_and_made_again(postgresql: Cluster, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    setting = {"engine": "postgresql", "url": postgresql.url(postgresql.database())}
    with Opened(elsewhere(tmp_path / "made", tmp_path / "lost", setting)) as opened:
        post(opened.book, ticket("1"))
        opened.figures.catch_up()
        with psycopg.connect(setting["url"], autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(BookError, match="figures' database"):
            opened.figures.run(Plan(metrics=("net_sales",)))
        assert opened.figures.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("10.00")


def test_a_database_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    setting = {"engine": "postgresql", "url": f"postgresql://nobody@/nothing?host={tmp_path}"}
    with pytest.raises(BookError, match="figures' database at postgresql://nobody") as said:
        Opened(elsewhere(tmp_path / "made", tmp_path / "book", setting))
    assert "\n" not in str(said.value)


# --- Spark ------------------------------------------------------------------------------------------------------------


def test_small_steps_leave_few_files_with_all_their_rows(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    folder = elsewhere(tmp_path / "made", tmp_path / "book", setting_of(request, "spark"))
    with Opened(folder) as opened:
        for number in range(40):
            post(opened.book, ticket(f"{number}", lines=[line(100 + number)] * (1 + number % 3)))
            assert opened.figures.catch_up() == 1
            files = sorted((folder / "figures" / "lines").iterdir())
            assert len(files) <= 7
        rows = pl.concat([pl.read_parquet(path) for path in files])
        assert sorted(rows["seq"].unique()) == list(range(1, 41))
        assert rows["gross_sales"].sum() == sum((100 + n) * (1 + n % 3) for n in range(40))
        assert {path.name for path in (folder / "figures").rglob("*.part")} == set()


def test_a_file_that_is_gone_makes_the_copy_anew(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    folder = elsewhere(tmp_path / "made", tmp_path / "book", setting_of(request, "spark"))
    with Opened(folder) as opened:
        post(opened.book, ticket("1"))
        opened.figures.catch_up()
    (folder / "figures" / "lines" / "1-1.parquet").unlink()
    with Opened(folder) as opened:
        assert (opened.figures.seq, opened.figures.catch_up(), opened.figures.seq) == (0, 1, 1)


def test_another_process_has_its_own_figures_while_one_owns_the_files(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    make_book(tmp_path / "made").close()
    with Opened(elsewhere(tmp_path / "made", tmp_path / "book", setting_of(request, "spark"))) as opened:
        post(opened.book, ticket("1"))
        opened.figures.catch_up()
        second = Figures.open(opened.book)
        assert second.note
        assert second.catch_up() == 1
        assert second.run(Plan(metrics=("net_sales",))).figures[0].value == Decimal("10.00")
        second.close()


@pytest.mark.parametrize(("missing", "words"), [("pyspark", "tillproof[spark]"), ("java", "needs Java 17")])
def test_what_spark_needs_and_is_missing_is_said(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, words: str
) -> None:
    make_book(tmp_path / "made").close()
    with Opened(elsewhere(tmp_path / "made", tmp_path / "book", setting_of(request, "spark"))) as opened:
        if missing == "pyspark":
            monkeypatch.setitem(sys.modules, "pyspark", None)
        else:
            monkeypatch.setenv("PATH", str(tmp_path))
            monkeypatch.delenv("JAVA_HOME", raising=False)
        with pytest.raises(SettingsError) as said:
            opened.figures.run(Plan(metrics=("net_sales",)))
        assert words in str(said.value)


def test_a_process_has_one_master(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    make_book(tmp_path / "made").close()
    setting = setting_of(request, "spark")
    with Opened(elsewhere(tmp_path / "made", tmp_path / "one", setting)) as opened:
        assert opened.figures.run(Plan(metrics=("net_sales",))).tickets == 0
    other = elsewhere(tmp_path / "made", tmp_path / "two", {**setting, "url": "local[1]"})
    with Opened(other) as opened, pytest.raises(SettingsError, match="process of its own"):
        opened.figures.run(Plan(metrics=("net_sales",)))


# --- settings ---------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Setting, str]] = {
    "no such engine": ({"engine": "sqlite"}, "'duckdb'"),
    "a url for DuckDB": ({"url": "postgresql://db/books"}, "has no url"),
    "PostgreSQL without a url": ({"engine": "postgresql"}, "needs a url"),
    "a url of something else": ({"engine": "postgresql", "url": "mysql://db/books"}, "begin with postgresql://"),
    "no master of Spark": ({"engine": "spark", "url": "yarn"}, "local[2]"),
    "a password": ({"engine": "postgresql", "url": "postgresql://a:secret@db/books"}, "must not hold the password"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_setting_is_refused(name: str) -> None:
    setting, words = REFUSED[name]
    with pytest.raises(SettingsError, match="figures") as said:
        parse({"book": {"id": "a", "name": "A", "currency": "USD"}, "figures": setting})
    assert words in str(said.value)
    assert "secret" not in str(said.value)
