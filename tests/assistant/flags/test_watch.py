"""Looking for flags while a book is served: once for many deliveries, soon after they pause, and not all the time."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.flags.watch import LATEST, REST, Pace, Watch
from ledger.errors import BookBusy
from tests.assistant.flags.shop import FIRST, deliver, filled, of_day, trade
from tests.assistant.server.conftest import served

PAUSE = 10.0


@given(st.lists(st.floats(0, 40), max_size=30))
def test_every_delivery_is_looked_at_soon_after_deliveries_pause(gaps: list[float]) -> None:
    pace, now, looks = Pace(PAUSE), 0.0, []
    moments = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    while now < (moments[-1] if moments else 0) + 200:
        head = sum(moment <= now for moment in moments)
        if head and pace.due(now, str(head)):
            looks.append((now, head))
            pace.looked(str(head), now, now + 1.0)
            now += 1.0
        now += 1.0
    assert [head for _, head in looks][-1:] == ([len(moments)] if moments else [])
    assert len(looks) <= len(moments)
    for place, moment in enumerate(moments, start=1):
        seen = next(at for at, head in looks if head >= place)
        assert seen - moment <= LATEST * PAUSE + REST + 3
        before = [at for at, _ in looks if at < seen]
        following = [one for one in moments if moment < one <= seen]
        if not following and not before:
            assert seen - moment >= PAUSE or seen - moments[0] >= LATEST * PAUSE, (
                "too soon, and not for the longest wait"
            )


def test_a_hundred_webhooks_are_one_look() -> None:
    pace = Pace(PAUSE)
    due = [second for second in range(60) if pace.due(second, str(min(second, 30)))]
    assert due == list(range(40, 60))


def test_a_look_that_fails_does_not_end_the_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = filled(tmp_path / "book", *trade(2, days=3))
    looked = threading.Semaphore(0)

    def look() -> bool:
        looked.release()
        return False

    watch = Watch(book, 0.01, look)
    last = book.last_delivery
    failing = iter([True])

    def sometimes() -> object:
        if next(failing, False):
            raise BookBusy("the book is busy")
        return last()

    monkeypatch.setattr(book, "last_delivery", sometimes)
    watch.start()
    assert looked.acquire(timeout=20)
    deliver(book, trade(3, days=1)[0][:1], [], "later.csv")
    assert looked.acquire(timeout=20)
    watch.close()
    book.close()


def test_a_served_book_files_cases_of_what_others_post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets, events = trade(4, days=21)
    lost = of_day(tickets, "Harbour", FIRST + timedelta(days=9))
    book = filled(tmp_path / "book", [one for one in tickets if one not in lost and one is not tickets[-1]], events)
    monkeypatch.setenv("TILLPROOF_FLAGS_AFTER_SECONDS", "0.1")
    with served(book.path) as address, httpx.Client(base_url=address, timeout=20) as client:
        deliver(book, tickets[-1:], [], "later.csv")
        for _ in range(150):
            listed = client.get("/api/v1/cases").json()["cases"]
            if listed:
                break
            threading.Event().wait(0.2)
        assert "Store day missing, Harbour" in [one["title"] for one in listed]
    assert book.verify().ok
    book.close()
