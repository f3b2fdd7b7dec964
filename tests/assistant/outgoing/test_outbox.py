"""Events reach their target at least once and in order, whatever the target and this machine do meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.outgoing import Outbox, post
from assistant.outgoing.position import FOLDER, WAITS, Kept
from assistant.outgoing.post import NotTaken
from ledger.book import Book
from ledger.errors import BookError, InputError
from ledger.settings import HookTarget
from tests.assistant.outgoing.receiver import Receiver, receiving
from tests.assistant.outgoing.test_events import BASE, SECRET
from tests.builders import make_book, ticket
from tests.builders import post as post_tickets


class Clock:
    """The present, as the test says it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Died(BaseException):
    """The end of the process, as the code sees it."""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = make_book(tmp_path / "book")
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as made:
        yield made


def outbox(book: Book, receiver: Receiver, clock: Clock | None = None, name: str = "erp") -> Outbox:
    return Outbox(book, name, HookTarget(url=receiver.url), SECRET, BASE, clock or Clock())


def commits(book: Book, *numbers: str) -> list[str]:
    return [post_tickets(book, ticket(number)).hash for number in numbers]


def told(receiver: Receiver) -> list[str]:
    return [one["commit"]["hash"] for one in receiver.events]


def test_one_that_is_not_taken_is_tried_later_and_keeps_the_next_waiting(book: Book, receiver: Receiver) -> None:
    clock = Clock()
    sender = outbox(book, receiver, clock)
    sender.send()
    first, second = commits(book, "1", "2")
    receiver.otherwise = 500
    for wait in WAITS:
        assert sender.send().position.due == clock.now + wait
        clock.now += wait - timedelta(seconds=1)
        assert sender.send().events == 0
        clock.now += timedelta(seconds=1)
    assert len(receiver.paths) == len(WAITS)
    assert timedelta(hours=12) < sum(WAITS, timedelta()) < timedelta(hours=24)
    position = sender.send().position  # given up; the next one is tried at once
    assert [(one.seq, one.kind, one.attempts) for one in position.dead] == [(1, "posted", len(WAITS) + 1)]
    assert "answered 500" in position.dead[0].error
    assert (position.attempts, position.due) == (1, clock.now + WAITS[0])
    with pytest.raises(NotTaken):
        outbox(book, receiver, clock).retry()
    receiver.otherwise = 204
    assert outbox(book, receiver, clock).retry().events == 2
    assert told(receiver) == [first, second]
    assert Kept(book, "erp").look().dead == ()


@pytest.mark.parametrize("how", ["hang", "close", "garbage", "redirect", 304, 400, 429, 503])
def test_what_is_not_answered_as_taken_is_sent_again(
    how: int | str, book: Book, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "SECONDS_MAX", 0.2)
    clock = Clock()
    sender = outbox(book, receiver, clock)
    sender.send()
    (commit,) = commits(book, "1")
    receiver.answers.append(how)
    sent = sender.send()
    assert (sent.events, sent.position.attempts) == (0, 1)
    assert "127.0.0.1" in sent.position.error
    clock.now += WAITS[0]
    assert sender.send().events == 1
    assert set(told(receiver)) == {commit}
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    assert set(receiver.paths) == {"/hook"}


def test_a_receiver_that_is_away_for_a_while_misses_nothing(book: Book) -> None:
    clock, receiver = Clock(), Receiver()
    with receiving(receiver):
        outbox(book, receiver, clock).send()
        made = commits(book, "1")
        outbox(book, receiver, clock).send()
    made += commits(book, "2", "3")
    assert "cannot be reached" in outbox(book, receiver, clock).send().position.error
    clock.now += WAITS[0]
    with receiving(receiver):
        outbox(book, receiver, clock).send()
    assert told(receiver) == made


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["commit", "send", "fail", "lost", "die"]), max_size=12))
def test_each_event_arrives_at_least_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    clock, made = Clock(), []
    book = make_book(tmp_path_factory.mktemp("outbox") / "book")
    keep = Kept.keep
    with receiving(Receiver()) as receiver, pytest.MonkeyPatch.context() as meanwhile:
        outbox(book, receiver, clock).send()
        for number, step in enumerate([*steps, "commit", "send"]):
            clock.now += WAITS[-1]
            if step == "commit":
                made += commits(book, str(number))
                continue
            receiver.answers.clear()
            receiver.answers.extend({"fail": [503], "lost": ["close"]}.get(step, []))
            if step == "die":  # after it was taken, before that was kept
                meanwhile.setattr(Kept, "keep", lambda *_: (_ for _ in ()).throw(Died()))
            try:
                outbox(book, receiver, clock).send()
            except Died:
                assert step == "die"
            meanwhile.setattr(Kept, "keep", keep)
        arrived = told(receiver)
        assert list(dict.fromkeys(arrived)) == made
        ids = {headers["webhook-id"]: body for headers, body in receiver.taken}
        assert len(ids) == len(made)
        assert all(ids[headers["webhook-id"]] == body for headers, body in receiver.taken)
    book.close()


def test_a_new_target_begins_now_and_one_of_another_book_says_so(book: Book, receiver: Receiver) -> None:
    made = commits(book, "1", "2")
    sender = outbox(book, receiver)
    assert sender.send().events == 0
    kept = book.path / FOLDER / "erp.json"
    for wrong in (kept.read_text("utf-8").replace(made[1], made[0]), "{", '{"seq": "x"}'):
        kept.write_text(wrong, encoding="utf-8")
        with pytest.raises(BookError, match=r"tillproof hooks retry .* erp --after COMMIT"):
            sender.send()
    with pytest.raises(InputError, match="no commit 7; its last one is 2"):
        sender.retry(after=7)
    assert sender.retry(after=1).events == 1
    assert told(receiver) == made[1:]
