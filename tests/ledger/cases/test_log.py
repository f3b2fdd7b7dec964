"""Events of cases in truth: one commit each time, in order, sealed, and refused as a whole."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.book import Book
from ledger.cases.case import folded
from ledger.cases.events import Commented, Event, Filed, FlagAdded, Stepped, Suppressed, Verdict, subject_of
from ledger.cases.people import DETECTOR
from ledger.cases.worked import Worked
from ledger.errors import CaseError, CaseMoved
from tests.builders import AT, make_book, post, ticket
from tests.ledger.cases.test_case import CAUSE, SCOPE, SUBJECT, events, names
from tests.ledger.frozen import work_cases

ON_BOTH_ENGINES = True

OPENED = [Filed(SUBJECT, DETECTOR, CAUSE), Filed(SUBJECT, DETECTOR, FlagAdded("f1", "Grace", "{}"))]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Book:
    return make_book(tmp_path_factory.mktemp(engine) / "book")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = make_book(tmp_path / "book")
    made.record_cases(OPENED, at=AT)
    return made


_drawn = itertools.count()


@settings(max_examples=25)
@given(st.lists(st.tuples(names, events), max_size=10))
def test_truth_and_the_fold_in_memory_refuse_the_same_and_come_to_the_same(
    shared: Book, tried: list[tuple[str, Event]]
) -> None:
    subject = subject_of("drawn", next(_drawn))
    made = shared.record_cases([Filed(subject, DETECTOR, CAUSE)], at=AT)
    known = Worked(made)
    for number, (by, event) in enumerate(tried):
        at = AT + timedelta(minutes=number)
        try:
            for one in shared.record_cases([Filed(subject, by, event)], at=at):
                known.add(one)
        except CaseError:
            continue
    read = shared.case_events(subject=subject)
    assert read == list(known.cases[subject].history)
    for length in range(1, len(read) + 1):
        folded(read[:length])
    assert folded(read) == known.cases[subject]


def test_after_all_that_the_book_verifies(shared: Book) -> None:
    work_cases(shared)
    outcome = shared.verify()
    assert outcome.problems == ()
    assert outcome.commits == shared.head().seq
    assert Worked(shared.case_events()).seq == shared.head().seq


def test_events_are_one_commit_with_its_time_and_what_is_refused_leaves_nothing(book: Book) -> None:
    head = book.head()
    assert [(one.seq, one.n, one.number, one.at) for one in book.case_events()] == [(1, 0, 1, AT), (1, 1, 2, AT)]
    with pytest.raises(CaseError):
        book.record_cases(
            [Filed(SUBJECT, "Ada", Commented("fine so far")), Filed(SUBJECT, "Grace", Verdict("expected", ""))], at=AT
        )
    assert book.head() == head
    assert len(book.case_events()) == 2
    assert book.record_cases([], at=AT) == []
    assert book.head() == head


def test_whoever_decides_on_what_he_has_not_seen_is_told(book: Book) -> None:
    verdict = [Filed(SUBJECT, "Ada", Verdict("loss", ""))]
    book.record_cases([Filed(SUBJECT, "Lin", Commented("I have the receipt"))], at=AT)
    with pytest.raises(CaseMoved):
        book.record_cases(verdict, at=AT, seen={SUBJECT: 2})
    book.record_cases(verdict, at=AT, seen={SUBJECT: 3})


def test_events_can_be_decided_from_what_there_is(book: Book) -> None:
    def close_all(worked: Worked) -> list[Filed]:
        return [Filed(one.id, "Ada", Verdict("policy", "")) for one in worked.cases.values() if not one.closed]

    assert len(book.record_cases(close_all, at=AT)) == 1
    assert book.record_cases(close_all, at=AT) == []


def test_two_who_decide_at_once_make_one_verdict(book: Book) -> None:
    def decide(name: str) -> bool:
        try:
            book.record_cases([Filed(SUBJECT, name, Verdict("loss", ""))], at=AT)
        except CaseError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decide, ["Ada", "Lin", "Bo", "Cy"])) == 1
    assert book.verify().ok


def test_a_suppression_from_a_case_about_oneself_is_refused(book: Book) -> None:
    terms = Suppressed(**{**vars(SCOPE), "case": SUBJECT})
    with pytest.raises(CaseError, match="himself"):
        book.record_cases([Filed("s", "Grace", terms)], at=AT)
    book.record_cases([Filed("s", "Ada", terms)], at=AT)


def test_tickets_and_cases_stand_in_one_chain(book: Book) -> None:
    post(book, ticket("1"))
    book.record_cases([Filed(SUBJECT, "Ada", Stepped("waiting", "asked"))], at=AT)
    post(book, ticket("2"))
    outcome = book.verify()
    assert (outcome.problems, outcome.commits, outcome.entries) == ((), 4, 2)
    assert book.checkpoint().seq == 4


def test_books_of_one_history_have_one_head(engine: str) -> None:
    heads = set()
    for _ in range(2):
        with TemporaryDirectory() as folder:
            made = make_book(Path(folder) / "book")
            made.record_cases(OPENED, at=AT)
            heads.add(made.head())
            made.close()
    assert len(heads) == 1
