"""A book against a model of it: any sequence of deliveries, and after each step the book is what the model says.

The model is a few dictionaries of whole numbers. It knows the accounting rules as they are written down (DESIGN, the
chart's default accounts) and nothing of the ledger's code: what it predicts, it predicts on its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.batch import Held
from ledger.book import Book
from ledger.errors import PostingError
from ledger.figures import Figures, Period, Plan
from tests.builders import AT, event, keep_bytes, line, make_book, sale_batch, ticket

STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
DAYS = (date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3))
STORES = ("Downtown", "Airport")
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))

Key = tuple[str, str, str, str]  # account, currency, store, ISO business date
Row = dict[str, Any]


# --- the model ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """A ticket or till event as a till has it: amounts in cents, all positive but for the count's difference."""

    number: str
    kind: str  # sale, return, exchange, void, count
    store: str
    day: date
    sold: int = 0
    returned: int = 0
    discount: int = 0
    tax: int = 0
    tip: int = 0
    tender: str = "card"
    difference: int = 0
    stamp: int = 0
    memo: str = ""

    def collected(self) -> int:
        return 0 if self.kind in ("void", "count") else self.sold - self.discount - self.returned + self.tax + self.tip

    def effects(self) -> dict[str, int]:
        """What the record does to accounts: debits positive."""
        if self.kind == "void":
            return {}
        if self.kind == "count":
            return {"assets:cash": self.difference, "expenses:over-short": -self.difference}
        return {
            "income:sales": -self.sold,
            "income:discounts": self.discount,
            "income:returns": self.returned,
            "liabilities:tax:state": -self.tax,
            "liabilities:tips": -self.tip,
            {"cash": "assets:cash", "card": "assets:clearing:card"}[self.tender]: self.collected(),
        }


@dataclass
class Model:
    """What a book must hold after some deliveries."""

    versions: dict[str, dict[int, Record]] = field(default_factory=dict)  # number -> stamp -> record
    counts: Counter[str] = field(default_factory=Counter)
    holds: set[tuple[str, str]] = field(default_factory=set)  # rule, number
    commits: int = 0

    def deliver(self, record: Record) -> str:
        """What becomes of a record: posted, versions, duplicates or quarantined."""
        known = self.versions.setdefault(record.number, {})
        if not known:
            outcome = "posted"
        elif record in known.values():
            outcome = "duplicates"
        elif record.stamp in known:
            outcome = "quarantined"
            self.holds.add(("changed-without-newer-stamp", record.number))
        else:
            outcome = "versions"
        if outcome in ("posted", "versions"):
            known[record.stamp] = record
        self.counts[outcome] += 1
        self.counts["records"] += 1
        return outcome

    def live(self) -> list[Record]:
        return [known[max(known)] for known in self.versions.values() if known]

    def balances(self) -> dict[Key, int]:
        found: Counter[Key] = Counter()
        for one in self.live():
            for account, amount in one.effects().items():
                found[(account, "USD", one.store, str(one.day))] += amount
        return {key: amount for key, amount in found.items() if amount}

    def metrics(self) -> dict[str, int]:
        live = self.live()
        traded = [one for one in live if one.kind not in ("void", "count")]
        return {
            "net_sales": sum(one.sold - one.discount - one.returned for one in traded),
            "tax_collected": sum(one.tax for one in traded),
            "tips": sum(one.tip for one in traded),
            "total_collected": sum(one.collected() for one in traded),
            "transactions": sum(one.kind in ("sale", "exchange") for one in live),
            "over_short": sum(one.difference for one in live),
        }


def as_rows(records: list[Record]) -> tuple[list[Row], list[Row]]:
    """Records as the builders of batches take them: tickets and events."""
    tickets, events = [], []
    for one in records:
        stamp = STAMP + timedelta(minutes=one.stamp)
        header: Row = {"store": one.store, "business_date": one.day, "version_stamp": stamp}
        if one.kind == "count":
            counted = {"expected_minor": 10_000, "counted_minor": 10_000 + one.difference}
            events.append(event(one.number, "count", **header, **counted, cashier=one.memo))
            continue
        lines = [line(one.sold, discount=one.discount)] if one.sold else []
        lines += [line(-one.returned)] if one.returned else []
        kind = "void_before_tender" if one.kind == "void" else one.kind
        taxes = [{"jurisdiction": "State", "amount_minor": one.tax, "included": False}] if one.tax else []
        more = {"tip_minor": one.tip or None, "tender": one.tender, "memo": one.memo}
        tickets.append(ticket(one.number, kind=kind, lines=lines, taxes=taxes, **header, **more))
    return tickets, events


# --- the book, as it is read ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """All of a book's commits, as rows."""

    head: str
    links: list[str]
    entries: list[Row]
    tickets: list[Row]
    postings: list[Row]

    @classmethod
    def of(cls, book: Book, head: str) -> Seen:
        seen = cls(head, [], [], [], [])
        for chunk in book.committed():
            seen.links.extend(link.hex() for link in chunk.commits["hash"].to_list())
            seen.entries.extend(chunk.entries.to_dicts())
            seen.tickets.extend(chunk.tickets.select("seq", "n", "external_id", "version_stamp").to_dicts())
            seen.postings.extend(chunk.postings.to_dicts())
        return seen

    def reversed(self) -> set[tuple[int, int]]:
        return {(row["reverses_seq"], row["reverses_n"]) for row in self.entries if row["kind"] == "reversal"}

    def balances(self) -> dict[Key, int]:
        places = {
            (row["seq"], row["n"]): (row["currency"], row["store"], str(row["business_date"])) for row in self.entries
        }
        found: Counter[Key] = Counter()
        for row in self.postings:
            found[(row["account"], *places[(row["seq"], row["n"])])] += row["amount_minor"]
        return {key: amount for key, amount in found.items() if amount}


# --- what happens -----------------------------------------------------------------------------------------------------

amounts = st.integers(100, 90_000)


@st.composite
def records(draw: st.DrawFn, kind: str) -> Record:
    sold, returned = draw(amounts), draw(amounts)
    return Record(
        number=f"{kind[0]}{draw(st.integers(1, 6))}",
        kind=kind,
        store=draw(st.sampled_from(STORES)),
        day=draw(st.sampled_from(DAYS)),
        sold=sold if kind in ("sale", "exchange", "void") else 0,
        returned=returned if kind in ("return", "exchange") else 0,
        discount=draw(st.integers(0, sold)) if kind == "sale" else 0,
        tax=draw(st.integers(0, 900)) if kind == "sale" else 0,
        tip=draw(st.integers(0, 500)) if kind == "sale" else 0,
        tender=draw(st.sampled_from(["cash", "card"])),
        difference=draw(st.integers(-500, 500)) if kind == "count" else 0,
        stamp=draw(st.integers(0, 5)),
        memo=draw(st.sampled_from(["", "a", "b"])),
    )


class BookAgainstModel(RuleBasedStateMachine):
    blank: Path

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.book = Book.open(Path(shutil.copytree(self.blank, Path(self.folder.name) / "book")))
        self.document = self.book.documents()[0].id
        self.figures: Figures | None = None
        self.model = Model()
        self.sent: list[Record] = []
        self.heads: list[str] = []
        self.frozen: dict[tuple[int, int], str] = {}
        self._seen: Seen | None = None

    def teardown(self) -> None:
        if hasattr(self, "book"):
            if self.figures is not None:
                self.figures.close()
            self.book.close()
            self.folder.cleanup()

    def deliver(self, *chosen: Record, held: tuple[Held, ...] = ()) -> None:
        tickets, events = as_rows(list(chosen))
        batch = sale_batch(*tickets, events=events, document=self.document)
        batch = type(batch)(batch.tickets, batch.lines, batch.tenders, batch.taxes, batch.events, held)
        # Tickets of a batch are resolved before its events; the numbers of the two never meet.
        expected = Counter(self.model.deliver(one) for one in chosen)
        commit = self.book.post(
            batch, intake=self.book.begin_intake(self.document, "pos", AT), at=AT + timedelta(hours=1), last=True
        )
        self.sent += chosen
        self.model.commits += 1
        for one in held:
            self.model.holds.add((one.rule, str(one.external_id)))
            self.model.counts["quarantined"] += 1
            self.model.counts["records"] += 1
        got = {name: getattr(commit, name) for name in ("posted", "duplicates", "versions", "quarantined")}
        assert got == {name: expected[name] + (len(held) if name == "quarantined" else 0) for name in got}
        self.heads.append(commit.hash)

    @rule(record=records("sale"))
    def a_sale(self, record: Record) -> None:
        self.deliver(record)

    @rule(record=records("return"))
    def a_return(self, record: Record) -> None:
        self.deliver(record)

    @rule(record=records("exchange"))
    def an_exchange(self, record: Record) -> None:
        self.deliver(record)

    @rule(record=records("void"))
    def a_void(self, record: Record) -> None:
        self.deliver(record)

    @rule(record=records("count"))
    def a_till_count(self, record: Record) -> None:
        self.deliver(record)

    @rule(many=st.lists(records("sale") | records("return"), min_size=2, max_size=6))
    def a_batch(self, many: list[Record]) -> None:
        self.deliver(*many)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_same_again(self, data: st.DataObject) -> None:
        self.deliver(data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: self.sent)
    @rule()
    def everything_again(self) -> None:
        tickets = [one for one in self.sent if one.kind != "count"]
        self.deliver(*tickets, *(one for one in self.sent if one.kind == "count"))

    @precondition(lambda self: self.model.live())
    @rule(data=st.data(), by=st.sampled_from([-10, 10]))
    def a_version(self, data: st.DataObject, by: int) -> None:
        """A newer or an older one, never seen."""
        old = data.draw(st.sampled_from(self.model.live()))
        stamps = [one.stamp for one in self.model.versions[old.number].values()]
        stamp = max(stamps) + by if by > 0 else min(stamps) + by
        fresh = data.draw(records(old.kind))
        self.deliver(Record(**{**vars(fresh), "number": old.number, "stamp": stamp}))

    @precondition(lambda self: self.model.live())
    @rule(data=st.data())
    def a_conflict(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.model.live()))
        self.deliver(Record(**{**vars(old), "memo": f"{old.memo}, but other"}))

    @rule(number=st.integers(1, 3))
    def an_unbalanced_ticket_is_held_by_validation(self, number: int) -> None:
        held = Held("quarantined", "totals", "it does not add up", self.document, f"row {number}", "pos", f"u{number}")
        self.deliver(held=(held,))

    @rule(record=records("sale"), off=st.integers(1, 99))
    def an_unbalanced_ticket_that_came_through_is_refused_whole(self, record: Record, off: int) -> None:
        wrong, _ = as_rows([Record(**{**vars(record), "number": "wrong"})])
        wrong[0]["tenders"][0]["amount_minor"] += off
        batch = sale_batch(*wrong, document=self.document)
        with pytest.raises(PostingError):
            self.book.post(batch, intake=self.book.begin_intake(self.document, "pos", AT), at=AT, last=True)

    @rule()
    def the_book_is_opened_again(self) -> None:
        if self.figures is not None:
            self.figures.close()
            self.figures = None
        path = self.book.path
        self.book.close()
        self.book = Book.open(path)

    @rule()
    def the_figures_catch_up(self) -> None:
        """The model's metrics, from the columnar copy."""
        if self.figures is None:
            self.figures = Figures.open(self.book)
        self.figures.catch_up()
        expected = self.model.metrics()
        result = self.figures.run(Plan(metrics=tuple(expected), period=OCTOBER))
        got = {figure.metric: figure.value or 0 for figure in result.figures}
        for name, minor in expected.items():
            assert got[name] * (1 if name == "transactions" else 100) == minor, name

    @rule()
    def the_book_verifies(self) -> None:
        outcome = self.book.verify()
        assert outcome.problems == ()
        assert outcome.commits == self.model.commits
        assert outcome.entries == len(self.seen().entries)

    # --- what holds after every step ------------------------------------------------------------------------------

    def seen(self) -> Seen:
        """The book as it stands, read once after each step."""
        head = self.book.head().hash
        if self._seen is None or self._seen.head != head:
            self._seen = Seen.of(self.book, head)
        return self._seen

    @invariant()
    def received_is_posted_and_duplicates_and_versions_and_quarantined(self) -> None:
        feeds = self.book.feeds()
        for name in ("posted", "duplicates", "versions", "quarantined"):
            assert sum(getattr(feed, name) for feed in feeds) == self.model.counts[name], name
        assert sum(feed.received for feed in feeds) == self.model.counts["records"]
        assert sum(feed.ignored for feed in feeds) == 0

    @invariant()
    def each_commit_is_one_link_and_the_last_is_the_head(self) -> None:
        assert self.book.head().seq == self.model.commits
        links = self.seen().links
        assert links == self.heads
        assert self.book.head().hash == (links[-1] if links else "0" * 64)

    @invariant()
    def every_entry_sums_to_zero(self) -> None:
        sums = Counter[tuple[int, int]]()
        for row in self.seen().postings:
            sums[(row["seq"], row["n"])] += row["amount_minor"]
        assert not any(sums.values())

    @invariant()
    def balances_are_those_of_the_model(self) -> None:
        assert self.seen().balances() == self.model.balances()

    @invariant()
    def the_trial_balance_is_zero(self) -> None:
        assert sum(self.seen().balances().values()) == 0

    @invariant()
    def exactly_one_version_of_each_record_is_live(self) -> None:
        reversed_ = self.seen().reversed()
        live = [
            row for row in self.seen().entries if row["kind"] != "reversal" and (row["seq"], row["n"]) not in reversed_
        ]
        assert len(live) == len(self.model.live())

    @invariant()
    def the_live_version_is_the_newest(self) -> None:
        reversed_ = self.seen().reversed()
        live = {
            row["external_id"]: row["version_stamp"]
            for row in self.seen().tickets
            if (row["seq"], row["n"]) not in reversed_
        }
        assert live == {
            one.number: STAMP + timedelta(minutes=one.stamp) for one in self.model.live() if one.kind != "count"
        }

    @invariant()
    def every_version_but_the_live_one_is_reversed_once(self) -> None:
        kinds = Counter(row["kind"] for row in self.seen().entries)
        versions = sum(len(known) for known in self.model.versions.values())
        assert kinds["ticket"] + kinds["event"] == versions
        assert kinds["reversal"] == versions - len(self.model.live())

    @invariant()
    def what_was_posted_has_not_changed(self) -> None:
        seals = {(row["seq"], row["n"]): row["seal"].hex() for row in self.seen().entries}
        assert {place: seals.get(place) for place in self.frozen} == self.frozen
        self.frozen = seals

    @invariant()
    def what_is_held_is_what_the_model_holds(self) -> None:
        assert {(row.rule, row.external_id) for row in self.book.held(released=True)} == self.model.holds

    @invariant()
    def each_store_day_that_has_entries_has_a_root(self) -> None:
        days = {(row["store"], str(row["business_date"])) for row in self.seen().entries}
        assert self.book.store_day_roots().keys() == days

    @invariant()
    def each_entry_opens_to_its_document(self) -> None:
        entries = self.seen().entries
        for row in entries[-1:]:
            entry = self.book.entry(row["seq"], row["n"])
            assert entry is not None
            assert entry.document == self.document
            assert (entry.ticket or entry.event) is not None


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("model") / "book"
    book = make_book(folder)
    keep_bytes(book, b"model")
    book.close()
    yield folder


def run(blank: Path, examples: int, steps: int) -> None:
    BookAgainstModel.blank = blank
    run_state_machine_as_test(
        BookAgainstModel,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            print_blob=True,
        ),
    )


def test_a_book_is_what_the_model_says_whatever_is_delivered(blank: Path) -> None:
    run(blank, examples=12, steps=15)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_book_is_what_the_model_says_for_a_long_time(blank: Path) -> None:
    run(blank, examples=1_000, steps=50)
