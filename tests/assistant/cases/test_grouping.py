"""Flags become cases: one for each cause, whatever came first; suppressed ones are counted, and can break through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.flags import facts
from assistant.flags.cases import filed
from assistant.flags.desk import Desk
from assistant.flags.flag import Flag, Level
from assistant.flags.suppress import breaks_through, suppression_id
from ledger.book import Book
from ledger.cases.events import Filed, Recorded, Suppressed, SuppressionEnded, Verdict
from ledger.cases.worked import Worked
from tests.assistant.cases.flags import AT, DAY, TODAY, flag, updated
from tests.builders import make_book

SCOPE = Suppressed("refunds", None, "Downtown", "Grace", None, TODAY, "Ada", "training week", 0.8, None)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return make_book(tmp_path / "book")


def suppress(book: Book, terms: Suppressed = SCOPE) -> str:
    subject = suppression_id(book.id, terms, 0)
    book.record_cases([Filed(subject, "Ada", terms)], at=AT)
    return subject


def causes(book: Book) -> dict[tuple[str | None, str | None, str, str | None], int]:
    """Cases by store, person, family and what else, with how many flags each has."""
    cases = Desk(book).worked().cases.values()
    return {
        (one.cause.store, one.cause.person, one.cause.family, one.cause.about): len(one.flags)
        for one in sorted(cases, key=lambda one: one.id)
    }


def test_flags_of_one_person_and_family_are_one_case(book: Book) -> None:
    made = updated(
        book,
        flag(about=1),
        flag("refund_old", about=2),
        flag(about=3, cashier="Ada"),
        flag(about=4, store="Airport"),
        flag("void_cash", about=5, family="voids"),
    )
    assert (made.flags, made.added, made.suppressed, made.known, len(made.cases)) == (5, 5, 0, 0, 4)
    assert causes(book) == {
        ("Downtown", "Grace", "refunds", None): 2,
        ("Downtown", "Ada", "refunds", None): 1,
        ("Airport", "Grace", "refunds", None): 1,
        ("Downtown", "Grace", "voids", None): 1,
    }


def test_what_is_systemic_is_one_case_whoever_was_at_the_till(book: Book) -> None:
    tax = [flag("tax_rate", n, family="tax", cashier=f"C{n}", store=f"S{n % 3}") for n in range(40)]
    documents = [flag("late", n, level=Level.DOCUMENT, document=f"d{n % 2}", business_date=None) for n in range(4)]
    gaps = [flag("gap", n, level=Level.STORE_DAY, family="completeness", cashier=None) for n in range(3)]
    missing = flag("missing", 1, level=Level.STORE_DAY, family="completeness", cashier=None)
    updated(book, *tax, *documents, *gaps, missing)
    assert causes(book) == {
        (None, None, "tax", "tax_rate"): 40,
        (None, None, "refunds", "late d0"): 2,
        (None, None, "refunds", "late d1"): 2,
        ("Downtown", None, "completeness", "gap"): 3,
        ("Downtown", None, "completeness", "missing"): 1,
    }
    people = next(one for one in Desk(book).worked().cases.values() if one.cause.family == "tax").persons
    assert "C7" in people, "whose flags are in it must not close it either"


def test_a_hint_goes_to_the_case_of_its_ticket(book: Book) -> None:
    updated(book, flag("unusual", 1, family="unusual"), flag(about=1), flag("unusual", 2, family="unusual"))
    assert causes(book) == {
        ("Downtown", "Grace", "refunds", None): 2,
        ("Downtown", "Grace", "unusual", None): 1,
    }


def test_a_window_ends_and_another_case_begins(book: Book) -> None:
    updated(book, *(flag(about=n, business_date=DAY + timedelta(days=n)) for n in range(60)))
    sizes = [len(one.flags) for one in Desk(book).worked().cases.values()]
    assert sum(sizes) == 60
    assert sorted(sizes)[-1] == 28
    for case in Desk(book).worked().cases.values():
        days = [facts.read(one.facts).business_date for one in case.flags]
        assert case.cause.first <= min(days)  # type: ignore[type-var, operator]
        assert max(days) <= case.cause.last  # type: ignore[type-var, operator]


def test_the_same_scan_again_changes_nothing(book: Book) -> None:
    flags = [flag(about=n, cashier=f"C{n % 3}") for n in range(9)]
    updated(book, *flags)
    head = book.head()
    again = updated(book, *(replace(one, score=0.99) for one in flags))
    assert (again.added, again.known, again.cases) == (0, 9, ())
    assert book.head() == head


def test_a_new_flag_of_a_closed_cause_makes_a_case_that_follows_it(book: Book) -> None:
    [first] = updated(book, flag(about=1)).cases
    book.record_cases([Filed(first, "Ada", Verdict("loss", ""))], at=AT)
    [second] = updated(book, flag(about=1), flag(about=2)).cases
    assert Desk(book).find(second).cause.follows == first
    assert updated(book, flag(about=3)).cases == ()
    assert len(Desk(book).find(second).flags) == 2


@st.composite
def found(draw: st.DrawFn) -> list[Flag]:
    return [
        flag(
            draw(st.sampled_from(["a", "b"])),
            number,
            family=draw(st.sampled_from(["refunds", "voids", "tax"])),
            cashier=draw(st.sampled_from(["Ada", "Grace", None])),
            store=draw(st.sampled_from(["Downtown", "Airport"])),
            business_date=DAY + timedelta(days=draw(st.integers(0, 80))),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


def fold(*parts: list[Flag]) -> dict[str, frozenset[str]]:
    """Flags of each case after some scans, each of all that was known by then."""
    worked = Worked()
    for number, part in enumerate(parts, start=1):
        for n, one in enumerate(filed(worked, part, book_id="test", window_days=28, today=TODAY)):
            place = worked.next_number(one.subject)
            worked.add(Recorded(number, n, one.subject, place, one.by, AT, one.event))
    return {case.id: frozenset(one.flag for one in case.flags) for case in worked.cases.values()}


@settings(max_examples=60)
@given(found(), st.randoms(), st.integers(0, 12))
def test_cases_do_not_depend_on_which_flags_came_first(flags: list[Flag], chance: object, cut: int) -> None:
    shuffled = [*flags]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = fold(flags)
    assert fold(shuffled) == fold(shuffled[:cut], shuffled) == whole
    assert sorted(one for case in whole.values() for one in case) == sorted(one.id for one in flags)


def test_a_suppressed_flag_is_counted_and_makes_no_case(book: Book) -> None:
    subject = suppress(book)
    made = updated(book, flag(about=1), flag(about=2), flag(about=3, cashier="Ada"))
    assert (made.added, made.suppressed, len(made.cases)) == (1, 2, 1)
    assert len(Desk(book).worked().suppressions[subject].flags) == 2
    assert updated(book, flag(about=1)).known == 1


def test_a_far_higher_score_breaks_through(book: Book) -> None:
    suppress(book, replace(SCOPE, score=0.5))
    made = updated(book, flag(about=1, score=0.79), flag(about=2, score=0.81))
    assert (made.suppressed, made.added) == (1, 1)
    later = updated(book, flag(about=1, score=0.9), flag(about=2, score=0.81))
    assert (later.suppressed, later.added, later.known) == (0, 1, 1)


@given(st.floats(0, 1), st.floats(0, 1))
def test_nothing_breaks_through_its_like(score: float, suppressed: float) -> None:
    assert not breaks_through(score, score)
    assert not (breaks_through(score, suppressed) and breaks_through(suppressed, score))
    assert breaks_through(1.0, suppressed) == (suppressed < 1)


def test_a_suppression_ends_and_what_it_held_back_stays_back(book: Book) -> None:
    subject = suppress(book)
    updated(book, flag(about=1))
    tomorrow = TODAY + timedelta(days=1)
    after = updated(book, flag(about=1), flag(about=2), today=tomorrow)
    assert (after.known, after.added) == (1, 1)
    suppress_again = replace(SCOPE, until=date(2027, 1, 1))
    longer = suppression_id(book.id, suppress_again, 1)
    book.record_cases([Filed(longer, "Ada", suppress_again)], at=AT)
    assert updated(book, flag(about=3), today=tomorrow).suppressed == 1
    book.record_cases([Filed(longer, "Ada", SuppressionEnded("they are trained"))], at=AT)
    assert updated(book, flag(about=4), today=tomorrow).added == 1
    assert Desk(book).worked().suppressions[subject].flags
    assert book.verify().ok


def test_a_certain_finding_that_a_later_scan_does_not_have_is_gone_and_may_come_again(book: Book) -> None:
    day = {"level": Level.STORE_DAY, "family": "completeness", "cashier": None, "certain": True}
    missing, older = flag("missing", 1, **day), flag("missing", 2, **day | {"business_date": DAY - timedelta(days=90)})
    sank = flag(about=3, score=0.1)
    updated(book, missing, older, sank)
    assert updated(book, looked_from=None).gone == 0
    assert updated(book, looked_from=DAY).gone == 1, "the older day was not looked at, and a score that sank was seen"
    desk = Desk(book)
    [one] = desk.queue(TODAY).gone
    assert one.head == missing
    assert len(desk.queue(TODAY).today) == 2
    assert updated(book, looked_from=DAY).gone == 0
    again = updated(book, missing, looked_from=DAY)
    assert (again.added, again.cases, again.gone) == (1, (), 0)
    assert desk.queue(TODAY).gone == ()
    assert len(desk.find(one.case.id).flags) == 1
    desk.record(one.case.id, [Verdict("error", "")], by="Ada", at=AT)
    assert updated(book, looked_from=DAY).gone == 0
    assert updated(book, missing, looked_from=DAY).known == 1
    assert book.verify().ok


def test_a_flag_is_read_as_it_was_written() -> None:
    one = flag(about="=1+1", level=Level.STORE_DAY, score=1 / 3)
    assert facts.read(facts.written(one)) == one
