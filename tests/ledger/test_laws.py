"""Laws 4 to 7 as properties: deterministic, append-only, nothing lost, exact."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.batch import Held
from ledger.book import Book
from ledger.tables import metadata
from ledger.writing import Commit
from tests import truths
from tests.builders import AT, balances, event, line, make_book, sale_batch, ticket

ON_EVERY_ENGINE = True
FEW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EMPTY = hashlib.sha256(b"").hexdigest()
STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)

Row = dict[str, Any]
Balances = dict[tuple[str, str, str, str], int]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty book, to be copied: copying is far faster than making one."""
    folder = tmp_path_factory.mktemp("blank") / "book"
    make_book(folder).close()
    return folder


@contextmanager
def fresh(blank: Path) -> Iterator[Book]:
    with tempfile.TemporaryDirectory() as folder:
        book = Book.open(truths.copied(blank, Path(folder) / "book"))
        try:
            yield book
        finally:
            book.close()


def deliver(
    book: Book, tickets: Sequence[Row], events: Sequence[Row] = (), held: Sequence[Held] = (), hours: int = 0
) -> Commit:
    batch = replace(sale_batch(*tickets, events=events), held=tuple(held))
    at = AT + timedelta(hours=hours)
    return book.post(batch, intake=book.begin_intake(EMPTY, "pos", at), at=at, last=True)


def sums_of(book: Book) -> Balances:
    """By account, currency, store and date: what the postings come to, which must be what the balances say."""
    posted: Counter[tuple[str, str, str, str]] = Counter()
    for chunk in book.committed():
        rows = chunk.postings.join(chunk.entries, on=["seq", "n"])
        for *key, day, amount in rows.select("account", "currency", "store", "business_date", "amount_minor").rows():
            posted[(*key, str(day))] += amount
    expected = {key: amount for key, amount in posted.items() if amount}
    stored = truths.rows(book, "SELECT account, currency, store, business_date, amount_minor FROM balances")
    assert {tuple(key): amount for *key, amount in stored if amount} == expected
    return expected


def entries_of(book: Book) -> list[Row]:
    return [row for chunk in book.committed() for row in chunk.entries.to_dicts()]


def postings_of(book: Book) -> list[Row]:
    return [row for chunk in book.committed() for row in chunk.postings.to_dicts()]


def adds_up(commit: Commit) -> bool:
    parts = (commit.posted, commit.duplicates, commit.versions, commit.quarantined, commit.ignored)
    return commit.records == sum(parts) and min(parts) >= 0


# --- what a till may send ---------------------------------------------------------------------------------------------

amounts = st.integers(1, 50_000)
stores = st.sampled_from(["Downtown", "Airport", "Café Süd"])
days = st.dates(date(2026, 10, 1), date(2026, 10, 4))
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@st.composite
def drawn_lines(draw: st.DrawFn, sign: int) -> Row:
    gross = draw(amounts)
    discount = draw(st.integers(0, gross))
    more: Row = {"kind": draw(st.sampled_from(["item", "item", "item", "gift_card", "fee", "service_charge"]))}
    more |= {"voided": draw(st.sampled_from([False, False, False, True])), "name": draw(names)}
    if draw(st.booleans()):
        more["cost_minor"] = sign * draw(amounts)
    return line(sign * gross, discount=sign * discount, **more)


@st.composite
def drawn_ticket(draw: st.DrawFn, external_id: str) -> Row:
    kind = draw(st.sampled_from(["sale", "sale", "sale", "return", "exchange", "void_before_tender"]))
    sign = -1 if kind == "return" else 1
    rows = draw(st.lists(drawn_lines(sign), min_size=1, max_size=3))
    if kind == "exchange":
        rows += draw(st.lists(drawn_lines(-1), min_size=1, max_size=2))
    taxes = [
        {"jurisdiction": name, "amount_minor": sign * draw(st.integers(0, 900)), "included": draw(st.booleans())}
        for name in draw(st.lists(st.sampled_from(["State", "City", None]), unique=True, max_size=2))
    ]
    more: Row = {
        "kind": kind,
        "store": draw(stores),
        "business_date": draw(days),
        "taxes": taxes,
        "currency": draw(st.sampled_from(["USD", "USD", "EUR"])),
        "tender": draw(st.sampled_from(["cash", "Visa", "gift card"])),
        "version_stamp": STAMP,
    }
    if kind == "sale":
        more |= {"tip_minor": draw(st.none() | st.integers(0, 500)), "rounding_minor": draw(st.integers(-2, 2))}
    return ticket(external_id, lines=rows, **more)


@st.composite
def drawn_event(draw: st.DrawFn, external_id: str) -> Row:
    kind = draw(st.sampled_from(["count", "close", "paid_in", "paid_out", "no_sale"]))
    more: Row = {"store": draw(stores), "business_date": draw(days), "version_stamp": STAMP}
    more |= {"expected_minor": draw(amounts), "counted_minor": draw(st.none() | amounts)}
    more |= {"cash_in_minor": draw(st.none() | amounts), "cash_out_minor": draw(st.none() | amounts)}
    return event(external_id, kind, **more)


@st.composite
def histories(draw: st.DrawFn, most: int = 6) -> tuple[list[Row], list[Row]]:
    """Tickets and events of some identities, each in one or more versions with stamps of their own."""
    found: tuple[list[Row], list[Row]] = ([], [])
    for into, make in zip(found, (drawn_ticket, drawn_event), strict=True):
        for number in range(draw(st.integers(1, most))):
            for version in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
                into.append(draw(make(f"{number}")) | {"version_stamp": STAMP + timedelta(minutes=version)})
    return found


@st.composite
def deliveries(draw: st.DrawFn, records: Sequence[tuple[str, Row]]) -> list[list[tuple[str, Row]]]:
    """The records in any order, some several times, cut into batches anywhere."""
    repeated = draw(st.lists(st.sampled_from(records), max_size=6))
    ordered = draw(st.permutations([*records, *repeated]))
    cuts = sorted(draw(st.lists(st.integers(0, len(ordered)), max_size=4)))
    return [ordered[start:end] for start, end in zip([0, *cuts], [*cuts, len(ordered)], strict=True)]


# --- law 4: deterministic ---------------------------------------------------------------------------------------------


@FEW
@given(data=st.data())
def test_any_order_any_batches_and_any_number_of_repeats_give_the_same_book(blank: Path, data: st.DataObject) -> None:
    tickets, events = data.draw(histories())
    records = [*(("ticket", one) for one in tickets), *(("event", one) for one in events)]
    batches = data.draw(deliveries(records))
    with fresh(blank) as straight, fresh(blank) as other:
        deliver(straight, tickets, events)
        counts: Counter[str] = Counter()
        for number, batch in enumerate(batches):
            commit = deliver(
                other,
                [one for what, one in batch if what == "ticket"],
                [one for what, one in batch if what == "event"],
                hours=number,
            )
            assert adds_up(commit)
            counts.update(posted=commit.posted, versions=commit.versions, duplicates=commit.duplicates)
        assert sums_of(other) == sums_of(straight)
        assert other.store_day_roots() == straight.store_day_roots()
        assert sorted(row["seal"] for row in entries_of(other)) == sorted(row["seal"] for row in entries_of(straight))
        different = {(what, repr(sorted(one.items()))) for what, one in records}
        assert counts["posted"] == len({(what, one["external_id"]) for what, one in records})
        assert counts["posted"] + counts["versions"] == len(different)
        assert counts["duplicates"] == sum(len(batch) for batch in batches) - len(different)
        for book in (straight, other):
            assert book.verify().problems == ()


@FEW
@given(history=histories(most=4))
def test_taking_everything_again_posts_nothing_and_changes_no_root(
    blank: Path, history: tuple[list[Row], list[Row]]
) -> None:
    with fresh(blank) as book:
        deliver(book, *history)
        sums, roots, entries = sums_of(book), book.store_day_roots(), len(entries_of(book))
        again = deliver(book, *history, hours=5)
        assert (again.posted, again.versions, again.duplicates) == (0, 0, again.records)
        assert (sums_of(book), book.store_day_roots(), len(entries_of(book))) == (sums, roots, entries)


@FEW
@given(history=histories(most=3))
def test_the_same_deliveries_at_the_same_times_give_the_same_head(
    blank: Path, history: tuple[list[Row], list[Row]]
) -> None:
    with fresh(blank) as first, fresh(blank) as second:
        assert deliver(first, *history) == deliver(second, *history)
        assert first.head() == second.head()


# --- law 5: append-only -----------------------------------------------------------------------------------------------


@FEW
@given(data=st.data(), newest_last=st.booleans(), at_once=st.booleans())
def test_a_changed_ticket_leaves_both_entries_and_a_reversal_and_counts_as_its_newest_version_alone(
    blank: Path, data: st.DataObject, newest_last: bool, at_once: bool
) -> None:
    old = data.draw(drawn_ticket("1"))
    new = data.draw(drawn_ticket("1")) | {"version_stamp": STAMP + timedelta(seconds=1)}
    ordered = [old, new] if newest_last else [new, old]
    with fresh(blank) as book, fresh(blank) as only_new:
        if at_once:
            commits = [deliver(book, ordered)]
        else:
            commits = [deliver(book, [one], hours=number) for number, one in enumerate(ordered)]
        deliver(only_new, [new])
        assert sum(one.posted for one in commits) == 1
        assert sum(one.versions for one in commits) == 1
        assert sums_of(book) == sums_of(only_new)
        entries = entries_of(book)
        assert sorted(row["kind"] for row in entries) == ["reversal", "ticket", "ticket"]
        reversal = next(row for row in entries if row["kind"] == "reversal")
        entry = book.entry(reversal["reverses_seq"], reversal["reverses_n"])
        assert entry is not None
        assert entry.ticket is not None
        assert entry.ticket["version_stamp"] == STAMP
        assert entry.reversed_by == (reversal["seq"], reversal["n"])
        assert len(entry.versions) == 2
        back = book.entry(reversal["seq"], reversal["n"])
        assert back is not None
        assert [(one["account"], -one["amount_minor"]) for one in back.postings] == [
            (one["account"], one["amount_minor"]) for one in entry.postings
        ]
        assert book.verify().problems == ()


@FEW
@given(first=histories(most=3), later=histories(most=4))
def test_what_is_posted_stays_as_it_is_whatever_comes_later(
    blank: Path, first: tuple[list[Row], list[Row]], later: tuple[list[Row], list[Row]]
) -> None:
    with fresh(blank) as book:
        deliver(book, *first)
        before = next(book.committed(upto=1))
        deliver(book, *later, hours=1)
        after = next(book.committed(upto=1))
        for name in ("commits", "entries", "tickets", "lines", "tenders", "taxes", "events", "postings"):
            assert getattr(after, name).equals(getattr(before, name)), name


@FEW
@given(data=st.data(), stamps=st.sampled_from([(STAMP, STAMP), (None, STAMP), (STAMP, None), (None, None)]))
def test_a_changed_ticket_without_a_newer_stamp_is_held_and_changes_nothing(
    blank: Path, data: st.DataObject, stamps: tuple[datetime | None, datetime | None]
) -> None:
    old = data.draw(drawn_ticket("1")) | {"version_stamp": stamps[0], "memo": "first"}
    new = data.draw(drawn_ticket("1")) | {"version_stamp": stamps[1], "memo": "second"}
    with fresh(blank) as book:
        deliver(book, [old])
        sums, roots = sums_of(book), book.store_day_roots()
        commit = deliver(book, [new], hours=1)
        assert adds_up(commit)
        assert (commit.quarantined, commit.posted, commit.versions) == (1, 0, 0)
        assert [one.rule for one in book.held()] == ["changed-without-newer-stamp"]
        assert (sums_of(book), book.store_day_roots()) == (sums, roots)


# --- law 6: nothing is lost -------------------------------------------------------------------------------------------


@FEW
@given(data=st.data())
def test_every_record_is_posted_duplicate_version_quarantined_or_ignored(blank: Path, data: st.DataObject) -> None:
    held = st.builds(
        Held,
        disposition=st.sampled_from(["quarantined", "ignored"]),
        rule=st.sampled_from(["a", "b"]),
        reason=names,
        document=st.just(EMPTY),
        locator=st.integers(2, 4).map(lambda row: f"row {row}"),
        source=st.just("pos"),
        amount_minor=st.none() | st.integers(-9, 9),
    )
    total: Counter[str] = Counter()
    with fresh(blank) as book:
        for number in range(data.draw(st.integers(1, 3))):
            tickets, events = data.draw(histories(most=3))
            # Two stamps that are the same, or none, make conflicts likely.
            tickets = [one | {"version_stamp": data.draw(st.sampled_from([None, STAMP]))} for one in tickets]
            holds = data.draw(st.lists(held, max_size=4))
            commit = deliver(book, tickets, events, holds, hours=number)
            assert commit.records == len(tickets) + len(events) + len(holds)
            assert adds_up(commit)
            assert commit.quarantined == sum(one.disposition == "quarantined" for one in commit.held)
            assert commit.ignored == sum(one.disposition == "ignored" for one in commit.held)
            total.update(received=commit.records, posted=commit.posted, versions=commit.versions)
            total.update(duplicates=commit.duplicates, quarantined=commit.quarantined, ignored=commit.ignored)
            known = {(one.locator, one.rule, one.reason) for one in book.held(released=True)}
            assert {(one.locator, one.rule, one.reason) for one in commit.held} <= known
        kept = [row for row in entries_of(book) if row["kind"] != "reversal"]
        assert len(kept) == total["posted"] + total["versions"]
        feeds = book.feeds()
        for name, expected in total.items():
            assert sum(getattr(one, name) for one in feeds) == expected
        assert all(one.complete for one in feeds)
        assert book.verify().problems == ()


# --- law 7: exact -----------------------------------------------------------------------------------------------------


@FEW
@given(history=histories())
def test_each_entry_sums_to_zero_and_so_does_each_currency(blank: Path, history: tuple[list[Row], list[Row]]) -> None:
    with fresh(blank) as book:
        deliver(book, *history)
        by_entry: Counter[tuple[int, int]] = Counter()
        for row in postings_of(book):
            by_entry[(row["seq"], row["n"])] += row["amount_minor"]
        assert not any(by_entry.values())
        by_currency: Counter[str] = Counter()
        for (_, currency, _, _), amount in sums_of(book).items():
            by_currency[currency] += amount
        assert not any(by_currency.values())


@FEW
@given(history=histories(most=4))
def test_amounts_are_whole_minor_units_in_and_out(blank: Path, history: tuple[list[Row], list[Row]]) -> None:
    tickets, events = history
    with fresh(blank) as book:
        deliver(book, tickets, events)
        for table in ("tickets", "lines", "tenders", "taxes", "events", "postings", "balances"):
            for column in [each.name for each in metadata.tables[table].columns]:
                if column.endswith(("_minor", "_micro")):
                    found = {value for (value,) in truths.rows(book, f"SELECT DISTINCT {column} FROM {table}")}
                    assert {type(value) for value in found} <= {int, type(None)}, (table, column)
        chunk = next(book.committed())
        kept = {row["locator"]: row for row in chunk.tickets.to_dicts()}
        for number, one in enumerate(tickets):
            stored = kept[f"row {number + 2}"]
            rows = chunk.lines.filter((pl.col("seq") == stored["seq"]) & (pl.col("n") == stored["n"])).to_dicts()
            for name in ("gross_minor", "discount_minor", "net_minor", "cost_minor", "quantity_micro"):
                assert [row[name] for row in rows] == [row.get(name) for row in one["lines"]]
            assert stored["total_minor"] == one["total_minor"]
            assert stored["tip_minor"] == one.get("tip_minor")


def test_an_amount_of_sixteen_digits_comes_out_to_the_last_minor_unit(blank: Path) -> None:
    huge = 9_007_199_254_740_993  # the first whole number that a float cannot hold
    with fresh(blank) as book:
        deliver(book, [ticket("1", lines=[line(huge)], tax=1)])
        assert balances(book) == {
            "assets:clearing:card": huge + 1,
            "income:sales": -huge,
            "liabilities:tax:state": -1,
        }
