"""Feeds over real HTTP against a service that pages, throttles, fails, breaks off, repeats, reorders and edits.

Whatever it does, the book ends with exactly its records, each once and at its newest version.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from queue import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pull import cursor
from ingest.pull.days import day_of, today
from ingest.pull.feeds import feeds
from ingest.pull.gaps import check
from ingest.pull.puller import Pulled, pull
from ingest.pull.reading import settled
from ingest.pull.schedule import Schedule
from ingest.pull.vendor import Answer, Ask, Window
from ingest.pull.wire import Wire
from ingest.sources import VENDORS
from ledger.book import Book
from ledger.errors import PullError, SettingsError
from tests.ingest.pull.account import QUICK, SECRETS, counts, feed, posted, round_of
from tests.ingest.pull.stub import BEGIN, MISCHIEF, TOKEN, Service, serving
from tests.ingest.shop import new_book

SERVICES = [("square", None), ("square", "payments"), ("shopify", None), ("stripe", None)]
SERVICES += [("stripe", "balance_transactions"), ("toast", None)]
READ = [one for one in SERVICES if one[0] in {vendor.name for vendor in VENDORS}]
"""The services whose pages are known to the sources."""
HOUR = timedelta(hours=1)
_names = count(1)


@pytest.fixture(scope="module", autouse=True)
def secrets() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    made = new_book(tmp_path_factory.mktemp("pull"))
    yield made
    assert made.verify().ok
    assert made.held() == [one for one in made.held() if one.disposition == "ignored"]
    made.close()


@given(data=st.data())
@settings(max_examples=settings().max_examples // 10)
def test_whatever_the_service_does_the_book_ends_with_its_records(book: Book, data: st.DataObject) -> None:
    vendor, tickets = data.draw(st.sampled_from(READ))
    service = Service(vendor, data.draw(st.integers(1, 3)), tickets)
    service.ascending = data.draw(st.booleans())
    for _ in range(data.draw(st.integers(0, 7))):
        service.add()
    with serving(service) as url:
        one = feed(book, service, url, f"feed-{next(_names)}", overlap_minutes=1)
        for _ in range(data.draw(st.integers(1, 3))):
            service.mischief = data.draw(st.lists(st.sampled_from(MISCHIEF), max_size=8))
            for _ in range(data.draw(st.integers(0, 4))):
                service.edit()
            service.tick(data.draw(st.sampled_from([1, 30, 4_000, 90_000])))
            skew = data.draw(st.sampled_from([-5, 0, 0.5, 300, 90_000]))  # of this machine's clock
            with suppress(PullError):  # said, and the next round goes on
                round_of(book, one, service.now + timedelta(seconds=skew))
        service.mischief = []
        service.tick(3_600)
        last = round_of(book, one, service.now)
        assert posted(book, one.name) == service.truth()
        assert check(book, one, BEGIN.date(), patience=QUICK).agrees
        again = round_of(book, one, service.now)
        assert again.taken.posted == again.taken.versions == 0
        assert (again.until, posted(book, one.name)) == (last.until, service.truth())


def test_a_window_of_shifting_pages_is_read_until_nothing_can_have_been_passed_over(book: Book) -> None:
    """Toast: pages by number, a token that runs out, and an order that leaves its window while it is read."""
    service = Service("toast", page=2)
    numbers = [service.add() for _ in range(5)]
    window = Window(BEGIN, service.now + timedelta(seconds=0.5))
    read: list[str] = []
    with serving(service) as url:
        one = feed(book, service, url, "grill")
        wire = Wire(one, QUICK, threading.Event())

        def take(ask: Ask, answer: Answer) -> None:
            read.extend(str(order["guid"]) for order in answer.value)

        service.mischief = ["", "", "edit", "throttle"]
        settled(one, window, wire.get, take)
        assert set(read) == set(numbers), "an edit of the first moved the third past the reader"
        pages = [query["page"] for path, query in service.requests if path.endswith("ordersBulk")]
        assert pages[:4] == ["1", "2", "3", "3"], "what was throttled is asked again"
        service.tokens = ["another"]
        assert wire.get(Ask("orders", "/orders/v2/ordersBulk", (("businessDate", "20261005"), ("page", "1")))).value
        wire.close()


def test_an_overlap_is_not_taken_again_and_edits_become_versions(book: Book) -> None:
    service = Service("square", page=10)
    for _ in range(3):
        service.add()
    with serving(service) as url:
        one = feed(book, service, url, "quiet")
        first = round_of(book, one, service.now + HOUR)
        assert (counts(first), first.until) == ({"records": 3, "posted": 3}, service.now)
        for _ in range(3):
            assert round_of(book, one, service.now + HOUR).unchanged == 1
        deliveries = [delivery for delivery in book.feeds() if delivery.source == "quiet"]
        assert len(deliveries) == 1, "quiet hours leave no mark in the book"
        service.edit()
        assert counts(round_of(book, one, service.now + HOUR)) == {"records": 3, "duplicates": 2, "versions": 1}
        service.add()
        ahead = pull(book, one, now=service.now + HOUR, since=date(2026, 10, 6), patience=QUICK)
        assert counts(ahead) == {"records": 4, "posted": 1, "duplicates": 3}, "a later day leaves nothing out"
        # What was asked for is another thing now: everything is looked at again, and nothing posted twice.
        wider = feed(book, service, url, "quiet", since="2026-10-04")
        assert counts(pull(book, wider, now=service.now + HOUR, patience=QUICK)) == {"records": 4, "duplicates": 4}
        (book.path / cursor.FOLDER / "quiet.json").write_text("{", encoding="utf-8")
        assert counts(round_of(book, wider, service.now + HOUR)) == {"records": 4, "duplicates": 4}
        with cursor.alone(book, wider), pytest.raises(PullError, match="by another process"):
            round_of(book, wider, service.now + HOUR)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token_from": "sk_live_hunter2"}, "token_from"),
        ({"url": "http://shop.example"}, "https://shop.example.com, without a path"),
        ({"url": "https://user:hunter2@shop.example"}, "without a path"),
        ({"vendor": "clover"}, "clover is none of square, shopify, stripe, toast"),
        ({"vendor": "shopify", "url": None}, "Shopify has an address for each shop; say which"),
        ({"vendor": "toast"}, "say which of Toast's restaurants, by GUID"),
        ({"token_from": "PULL_NO_SUCH_TOKEN"}, "put it into the environment variable PULL_NO_SUCH_TOKEN$"),
        ({"token_from": "PULL_WRONG_TOKEN"}, "^PULL_WRONG_TOKEN holds what cannot be a token"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    book: Book, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("PULL_WRONG_TOKEN", "hunter2 and more")
    with pytest.raises(SettingsError, match=said) as error:
        feed(book, Service("square"), "https://shop.example", "wrong", **wrong)
    assert "hunter2" not in str(error.value)
    with pytest.raises(SettingsError, match=r"book.toml has no \[pull\."):
        feeds(book.settings, ["north"])


@pytest.mark.parametrize(
    ("mischief", "said"),
    [
        (["throttle"] * 4, r"Square asks for fewer requests \(429\), 4 times in a row .* the next round goes on"),
        (["throttle-long"], r"fewer requests \(429\) and says to come back in 60 minutes$"),
        (["throttle-until"], r"and says to come back in 60 minutes$"),
        (["fail"] * 4, r"Square fails \(503 Service Unavailable\), 4 times in a row"),
        (["cut"] * 4, r"Square broke the connection off \(.*\), 4 times in a row"),
        (["garble"] * 4, r"answers with something that is no JSON, or cut off, 4 times"),
        (["slow"] * 4, r"Square did not answer within 0\.1 seconds, 4 times"),
        (["401"], r"does not know the token \(401\); put a valid one into TILLPROOF_STUB_TOKEN$"),
        (["403"], r"does not let the token read locations \(403\)"),
        (["404"], r"has nothing at 127\.0\.0\.1/v2/locations \(404\); see whether url and locations"),
        (["400"], r"does not take the request for locations \(400 Bad Request\): it does not say why$"),
        (["302"], r"sends on to another address \(302\)"),
    ],
)
def test_what_goes_wrong_is_one_sentence_without_a_secret(book: Book, mischief: list[str], said: str) -> None:
    service = Service("square")
    service.mischief = list(mischief)
    with serving(service) as url:
        one = feed(book, service, url, "failing")
        quick = QUICK if "slow" not in mischief else type(QUICK)(4, 0.001, 0.002, timeout_s=0.1)
        with pytest.raises(PullError, match=said) as raised:
            pull(book, one, now=BEGIN + HOUR, patience=quick)
    assert TOKEN not in f"{raised.value!r} {one!r}"
    assert round(raised.value.wait_s, -2) == (3_600 if "come back" in said else 0)
    assert not (book.path / cursor.FOLDER / "failing.json").exists(), "the cursor stays"


@pytest.mark.parametrize("vendor", ["square", "shopify", "stripe"])
def test_a_day_that_lacks_something_is_named(book: Book, vendor: str) -> None:
    service = Service(vendor, page=2)
    numbers = [service.add(1_000 + n) for n in range(4 if vendor == "stripe" else 3)]  # its fourth is not captured
    with serving(service) as url:
        one = feed(book, service, url, f"day-{vendor}")
        round_of(book, one, service.now + HOUR)
        assert check(book, one, BEGIN.date(), patience=QUICK).sentence().endswith("; all are posted")
        late = service.add(777)
        if vendor == "square":
            service.records["000001"] |= {"net_amounts": {"total_money": {"amount": 999, "currency": "USD"}}}
        gap = check(book, one, BEGIN.date(), patience=QUICK)
        assert not gap.agrees
        if vendor == "shopify":
            assert gap.sentence().startswith("day-shopify, 2026-10-05: Shopify has 4; 3 posted;")
        elif vendor == "stripe":
            assert f"Stripe has 4 of 37.80 USD; 3 posted, 1 missing ({late})" in gap.sentence()
        else:
            assert "Square has 4 of 37.79 USD; 3 posted, 1 missing (SQ000004)" in gap.sentence()
            assert f"{numbers[0]} is 9.99 USD there and 10.00 USD here" in gap.sentence()
        assert f"'tillproof pull BOOK day-{vendor} --since 2026-10-05' asks for them again" in gap.sentence()
        assert check(book, one, date(2026, 10, 4), patience=QUICK).agrees


def test_rounds_go_on_after_a_failure_and_the_day_before_is_compared(book: Book) -> None:
    service = Service("square")
    service.now = datetime.now(UTC) - timedelta(days=1)
    service.now = day_of(book.settings, today(book.settings, service.now)).start + HOUR
    service.add()
    service.records["000001"] |= {"net_amounts": {"total_money": {"amount": 999, "currency": "USD"}}}
    service.mischief = ["", "400"]
    service.tick(48 * 3_600)
    told, said = Queue[Pulled](), Queue[str]()
    with serving(service) as url:
        hasty = feed(book, service, url, "rounds", since=str(service.now.date() - timedelta(days=4)))
        one = replace(hasty, settings=hasty.settings.model_copy(update={"interval_minutes": 0.0005}))
        with Schedule(book, [one], told=told.put, complained=said.put, patience=QUICK):
            assert said.get(timeout=20).startswith("rounds: Square does not take the request for orders (400")
            assert counts(told.get(timeout=20)) == {"records": 1, "posted": 1}
            assert "SQ000001 is 9.99 USD there and 10.00 USD here" in said.get(timeout=20)
            assert counts(told.get(timeout=20)) == {}
        requests = len(service.requests)
        assert said.empty(), "a day is compared once"
        time.sleep(0.1)
        assert len(service.requests) == requests, "nothing is asked after the end"
