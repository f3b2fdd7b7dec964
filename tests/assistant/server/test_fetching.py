"""What ``serve`` fetches beside the pages: the feeds of the book, and nothing where it has none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from assistant.server.fetching import fetching
from tests.ingest.pull.account import SECRETS, posted, tables
from tests.ingest.pull.stub import Service, serving
from tests.ingest.shop import new_book


def test_feeds_are_fetched_and_one_without_a_token_is_said_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    service = Service("square")
    for _ in range(3):
        service.add()
    with serving(service) as url:
        pulls = tables(service, url, "east") | tables(service, url, "west", token_from="TILLPROOF_NO_TOKEN")
        book = new_book(tmp_path, pull=pulls)
        with fetching(book):
            begin = time.monotonic()
            while posted(book, "east") != service.truth():
                assert time.monotonic() - begin < 20
                time.sleep(0.02)
        requests = len(service.requests)
        book.settings = book.settings.model_copy(update={"pull": {}})
        with fetching(book):
            time.sleep(0.1)
        assert len(service.requests) == requests
        book.close()
    assert [record.message for record in caplog.records] == [
        "west is not fetched: [pull.west] has no secret: put it into the environment variable TILLPROOF_NO_TOKEN"
    ]
