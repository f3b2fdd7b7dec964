"""The feeds over HTTP: every count opens what it counts, what is missing is told, a name is answered once, nothing is
posted twice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from assistant.feeds.state import Counts
from assistant.server.app import create_app
from assistant.service import Service
from assistant.settings import InstallationSettings
from ingest.hold import release
from ingest.pipeline import retake
from ledger.book import Book
from tests.assistant.server import fed
from tests.ingest.shop import AT, export, intake, new_book, row


@pytest.fixture(scope="module")
def fed_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fed.make(tmp_path_factory.mktemp("fed"))


@pytest.fixture
def client(fed_book: Path, tmp_path: Path) -> Iterator[TestClient]:
    service = Service.open(Path(shutil.copytree(fed_book, tmp_path / "book")), InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as made:
        yield made
    service.close()


def sources(client: TestClient) -> dict[str, Any]:
    return {one["source"]: one for one in client.get("/api/v1/feeds/sources").json()["sources"]}


def opened(client: TestClient, path: str) -> int:
    """How many rows an address lists."""
    page = client.get(path).text
    found = re.search(r"<caption>([\d,]+) entr", page)
    return int(found[1]) if found else page.count('<td class="text held-reason">')


def test_every_count_of_a_delivery_opens_what_it_counts(client: TestClient) -> None:
    page = client.get("/feeds").text
    more = next(one for one in client.get("/api/v1/feeds").json()["feeds"] if one["name"] == "more.csv")
    assert [more[name] for name in ("received", "posted", "duplicates", "versions", "quarantined")] == [7, 0, 3, 1, 3]
    number = more["intake"]
    for count, path in (
        (more["versions"], f"/entries?delivery={number}&versions=true"),
        (more["quarantined"], f"/feeds/held?document={more['document']}&disposition=quarantined&all=true"),
        (292, "/entries?delivery=1&versions=false"),
    ):
        assert path.replace("&", "&amp;") in page
        assert opened(client, path) == count, path
    assert opened(client, f"/entries?delivery={number}&versions=false") == 0
    assert client.get("/entries?delivery=99").status_code == 404


def test_a_source_says_what_is_missing_and_that_it_has_no_history(client: TestClient) -> None:
    till, web = sources(client)["till"], sources(client)[fed.WEB]
    assert [(one["store"], one["business_date"], one["first"], one["last"]) for one in till["gaps"]] == [
        ("Airport", "2026-10-21", 5095, 5099),
        ("Downtown", "2026-10-09", 1042, 1042),
    ]
    assert till["away"] == [{"store": "Airport", "first": "2026-10-20", "last": "2026-10-20", "days": 1}]
    assert (till["missing_numbers"], till["waiting"], till["late"]) == (6, 5, False)
    assert (web["usual_age_seconds"], web["missing_numbers"], web["weeks"] < 4) == (None, None, True)
    page = client.get("/feeds/sources/till").text
    assert "5095 to 5099" in page
    assert f'href="/entries/{till["gaps"][0]["entry"]}"' in page
    assert "Not enough history to say what is usual" in page
    assert client.get("/feeds/sources/nobody").status_code == 404


def test_one_answer_on_the_page_lets_in_all_that_is_held_for_a_name(client: TestClient) -> None:
    page = client.get("/feeds/held").text
    assert "<b>Moon</b>" not in page
    assert '2 records, <span class="nowrap">$19.44</span>' in page
    form = {"kind": "tender", "source": "till", "name": "CC", "by": "Ada <i>"}
    for wrong, words in (
        ({}, "What it means needs something written in it"),
        ({"chosen": "card", "other": "crypto"}, "A name means one thing"),
        ({"other": "crypto"}, "or give the account that it is collected in"),
    ):
        refused = client.post("/feeds/names", data=form | wrong)
        assert refused.status_code == 400
        assert words in refused.text
        assert 'value="Ada &lt;i&gt;"' in refused.text
    done = client.post("/feeds/names", data=form | {"chosen": "card"})
    assert "Tender “CC” of till means “card”, in the name of Ada &lt;i&gt;. 2 posted, 1 of the same" in done.text
    names = client.get("/api/v1/feeds/names").json()["names"]
    assert [(one["kind"], one["name"], one["tickets"], one["amount"]) for one in names] == [
        ("tender", fed.WALLET, 2, "19.44"),
        ("store", "Pop-up", 1, "9.72"),
    ]
    zone = {"kind": "store", "source": fed.WEB, "name": "Pop-up", "chosen": "Pop-up", "by": "Ada"}
    assert "1 posted" in client.post("/feeds/names", data=zone | {"time_zone": "Europe/Paris", "cut_off": "04:00"}).text
    given = {"kind": "tender", "source": "till", "name": fed.WALLET, "means": "ewallet", "by": "Ada"}
    assert client.post("/api/v1/feeds/names", json=given).json()["posted"] == 2
    assert client.post("/api/v1/feeds/names", json=given | {"rates": ["much"]}).status_code == 400
    assert client.get("/api/v1/feeds/names").json() == {"names": []}
    assert sources(client)["till"]["waiting"] == 1


def test_trying_again_and_replaying_post_nothing_twice(client: TestClient) -> None:
    before = sources(client)["till"]
    again = client.post("/api/v1/feeds/retry?source=till").json()
    assert (again["documents"], again["posted"], again["quarantined"]) == (2, 0, 5)
    delivered = client.post("/api/v1/feeds/deliveries/1/replay").json()
    assert (delivered["posted"], delivered["duplicates"], delivered["quarantined"]) == (0, 292, 2)
    shown = client.post("/feeds/deliveries/1/replay").text
    assert "october.csv was taken again" in shown
    after = sources(client)["till"]
    assert (after["posted"], after["waiting"]) == (before["posted"], before["waiting"])
    assert after["received"] == sum(after[n] for n in ("posted", "duplicates", "versions", "quarantined", "ignored"))


def test_prometheus_reads_the_same_and_no_more_series_than_sources_and_stores(client: TestClient) -> None:
    answer = client.get("/metrics")
    found = {one.name: one.samples for one in text_string_to_metric_families(answer.text)}
    records = {(one.labels["source"], one.labels["outcome"]): one.value for one in found["tillproof_feed_records"]}
    for source, feed in sources(client).items():
        for outcome in ("posted", "duplicates", "versions", "quarantined", "ignored"):
            assert records[source, outcome] == feed[outcome]
    assert [(one.labels, one.value) for one in found["tillproof_feed_missing_store_days"]] == [
        ({"source": "till", "store": "Airport"}, 1)
    ]
    assert {one.labels["source"]: one.value for one in found["tillproof_feed_missing_numbers"]} == {"till": 6}
    assert sum(one.value for one in found["tillproof_unknown_names"]) == 3
    assert "T-" not in answer.text
    assert len(found["tillproof_feed_records"]) == 2 * 5


def test_a_new_book_says_that_nothing_came_yet(tmp_path: Path) -> None:
    book = new_book(tmp_path)
    book.close()
    service = Service.open(book.path, InstallationSettings())
    with TestClient(create_app(service, InstallationSettings()), base_url="http://localhost") as client:
        assert client.get("/feeds").status_code == 200
        assert "Nothing is held" in client.get("/feeds/held").text
        assert client.get("/api/v1/feeds/sources").json() == {"sources": []}
        assert 'tillproof_unknown_names{kind="tax"} 0.0' in client.get("/metrics").text
    service.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("take"), st.lists(st.tuples(st.integers(1, 6), st.sampled_from(("", "CC", "wrong", "newer"))))
        ),
        st.tuples(st.sampled_from(("release", "replay")), st.just([])),
    ),
    min_size=1,
    max_size=5,
)


@given(STEPS)
@settings(max_examples=5)
def test_received_is_always_posted_duplicates_versions_held_and_ignored(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[tuple[int, str]]]]
) -> None:
    folder = tmp_path_factory.mktemp("laws")
    book = new_book(folder)
    for place, (what, wanted) in enumerate(steps):
        if what == "take":
            kinds = {"": {}, "CC": {"Tender": "CC"}, "wrong": {"Paid": "1.00"}}
            kinds["newer"] = {"Item": f"pie {place}", "Changed": f"2026-10-1{place} 12:00:00"}
            intake(book, export(folder / f"{place}.csv", [row(str(n), **kinds[how]) for n, how in wanted]))
        elif what == "release":
            release(book, at=AT)
        elif book.feeds():
            record = book.document(book.feeds()[-1].document)
            assert record is not None
            retake(book, record, source="shop", at=AT)
    feeds = book.feeds()
    assert all(Counts.of([one]).adds_up for one in feeds)
    total = Counts.of(feeds)
    assert total.adds_up
    assert total.posted + total.versions == _entries(book)
    book.close()


def _entries(book: Book) -> int:
    return sum(chunk.tickets.height for chunk in book.committed())
