"""What differs in a conflict: kept whole in the reason, read back from it, and never read in a wrong way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger.batch import Held
from ledger.conflicts import CONFLICT, VALUE_CHARACTERS_MAX, Conflict, Difference, read, reason
from tests.builders import event, line, make_book, post, ticket

VALUES = st.one_of(
    st.none(),
    st.integers(),
    st.booleans(),
    st.text(max_size=40),
    st.sampled_from(["None", ', now "x', "a; and 3 more", "x, now y; memo was a, now b", '"', "a\nb", "a,", ";"]),
)
FIELDS = st.sampled_from(["memo", "total_minor", "line 1 name", "line 12 net_minor", "tax 2 base_minor"])


def held(text: str, external_id: str = "7", locator: str = "row 2") -> Held:
    return Held("quarantined", CONFLICT, text, "d" * 64, locator, "pos", external_id)


@given(
    st.dictionaries(FIELDS, st.tuples(VALUES, VALUES), min_size=1),
    st.sampled_from(["Ticket", "Till event"]),
    st.text(max_size=20),
    st.sampled_from(["row 2", "a (b); c row 2"]),
)
def test_what_differs_is_read_back_as_it_was(
    fields: dict[str, tuple[object, object]], what: str, external_id: str, locator: str
) -> None:
    old, new = ({name: pair[side] for name, pair in fields.items()} for side in (0, 1))
    differing = {name: pair for name, pair in fields.items() if pair[0] != pair[1]}
    found = read(held(reason(what, external_id, locator, old, new), external_id, locator))
    shown = {name: tuple(None if value is None else str(value) for value in pair) for name, pair in differing.items()}
    assert found == (Conflict(tuple(Difference(name, *pair) for name, pair in shown.items())) if differing else None)


def test_every_field_of_a_ticket_that_differs_is_kept(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    post(book, ticket("1", lines=[line(1000), line(500)]))
    post(book, ticket("1", lines=[line(1000, name="Pear; pie", category=None), line(600, name="Tea")], cashier="Bo"))
    (row,) = book.held()
    found = read(row)
    assert found is not None
    changes = {one.field: (one.before, one.now) for one in found.differences}
    assert changes == {
        "cashier": ("Ada", "Bo"),
        "total_minor": ("1500", "1600"),
        "line 1 name": ("Apple pie", "Pear; pie"),
        "line 1 category": ("Food", None),
        "line 2 name": ("Apple pie", "Tea"),
        "line 2 gross_minor": ("500", "600"),
        "line 2 net_minor": ("500", "600"),
        "tender 1 amount_minor": ("1500", "1600"),
    }
    assert found.more == 0
    assert book.verify().ok


def test_a_till_event_in_conflict_has_its_parts_too(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    for counted in (990, 980):
        post(book, events=[event("c", counted_minor=counted, expected_minor=1000)])
    assert read(book.held()[0]) == Conflict((Difference("counted_minor", "990", "980"),))


def test_a_long_value_and_a_long_list_are_cut_and_say_so() -> None:
    old = {f"line {number} name": "a" * 1000 for number in range(300)}
    text = reason("Ticket", "7", "row 2", old, dict.fromkeys(old, "b"))
    found = read(held(text))
    assert found is not None
    assert len(text) < 11_000
    assert found.differences[0] == Difference("line 0 name", "a" * VALUE_CHARACTERS_MAX + "…", "b")
    assert len(found.differences) + found.more == 300
    assert f"and {found.more} more (row 2)" in text


def test_a_reason_of_an_older_version_is_read_where_it_can_be_read_in_one_way_only() -> None:
    before = "Ticket 7 was posted before with other content and this one has no newer time of change: "
    plain = held(f"{before}memo was None, now late; line 1 name was Apple pie, now Cherry pie; and 5 more (row 2)")
    assert read(plain) == Conflict(
        (Difference("memo", None, "late"), Difference("line 1 name", "Apple pie", "Cherry pie")), 5
    )
    assert read(held(f"{before}memo was a, now b, now c (row 2)")) is None
    assert read(replace(plain, rule="total-adds-up")) is None
