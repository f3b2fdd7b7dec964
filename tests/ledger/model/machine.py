"""``BookAgainstModel``: any sequence of deliveries and changes of periods; after each step the book is what the model
says.

One sequence is one fresh book. ``run`` draws many of them.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
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
from ledger.errors import BookError, PostingError
from ledger.figures import Figures, Period, Plan
from ledger.periods import State
from tests.builders import AT, event, line, sale_batch, ticket
from tests.ledger.model.expected import Model, Record, net_sales_by_day
from tests.ledger.model.seen import Row, Seen

STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
DAYS = (date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3))
STORES = ("Downtown", "Airport")
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 10, 31))
MEMORY = Path("/dev/shm")  # a book that nobody will need needs no disk
LOOKS_FROM = 3
"""The book is looked at as a whole from so many commits on; its figures every fourth time, since they cost as much as
ten steps."""

Fresh = Callable[[Path], Book]
"""Gives an open, empty book with one kept document, in a folder that is not there yet."""


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


amounts = st.integers(100, 90_000)


@st.composite
def records(draw: st.DrawFn, *kinds: str) -> Record:
    kind = draw(st.sampled_from(kinds))
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
        tender=draw(st.sampled_from(["cash", "card"])) if kind in ("sale", "return", "exchange") else "card",
        difference=draw(st.integers(-500, 500)) if kind == "count" else 0,
        stamp=draw(st.integers(0, 5)),
        memo=draw(st.sampled_from(["", "a", "b"])),
    )


class BookAgainstModel(RuleBasedStateMachine):
    fresh: Fresh

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.book = type(self).fresh(Path(self.folder.name) / "book")
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

    # --- what happens -----------------------------------------------------------------------------------------------

    def deliver(self, *chosen: Record, held: tuple[Held, ...] = (), into_soft_closed: bool = False) -> None:
        tickets, events = as_rows(list(chosen))
        batch = replace(sale_batch(*tickets, events=events, document=self.document), held=held)
        # Tickets of a batch are resolved before its events; the numbers of the two never meet.
        expected = Counter(self.model.deliver(one, into_soft_closed) for one in chosen)
        commit = self.book.post(
            batch,
            intake=self.book.begin_intake(self.document, "pos", AT),
            at=AT + timedelta(hours=1),
            last=True,
            into_soft_closed=into_soft_closed,
        )
        self.sent += chosen
        for one in held:
            self.model.counts[self.model.hold(one.rule, str(one.external_id))] += 1
            self.model.counts["records"] += 1
        self.model.commit()
        got = {name: getattr(commit, name) for name in ("posted", "duplicates", "versions", "quarantined")}
        assert got == {name: expected[name] + (len(held) if name == "quarantined" else 0) for name in got}
        self.heads.append(commit.hash)

    @rule(record=records("sale", "return", "exchange", "void", "count"))
    def a_record(self, record: Record) -> None:
        self.deliver(record)

    @rule(many=st.lists(records("sale", "return"), min_size=2, max_size=6))
    def a_batch(self, many: list[Record]) -> None:
        self.deliver(*many)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), everything=st.booleans(), into_soft_closed=st.booleans())
    def the_same_again(self, data: st.DataObject, everything: bool, into_soft_closed: bool) -> None:
        """What was held for a soft-closed period may be let in by it."""
        ordered = sorted(dict.fromkeys(self.sent), key=lambda one: one.kind == "count")
        chosen = ordered if everything else [data.draw(st.sampled_from(ordered))]
        self.deliver(*chosen, into_soft_closed=into_soft_closed)

    @precondition(lambda self: self.model.live())
    @rule(data=st.data(), by=st.sampled_from([-10, 10]))
    def a_version(self, data: st.DataObject, by: int) -> None:
        """A newer or an older one, never seen; of what belongs to a closed period, where there is such."""
        live = self.model.live()
        old = data.draw(st.sampled_from([one for one in live if self.model.state(one.day) != "open"] or live))
        fresh = data.draw(records("sale" if old.number[0] == "s" else old.kind))
        self.deliver(replace(fresh, number=old.number, stamp=self.unseen_stamp(old, by)))

    @precondition(lambda self: any(one.kind == "sale" for one in self.model.live()))
    @rule(data=st.data())
    def a_sale_becomes_a_void(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from([one for one in self.model.live() if one.kind == "sale"]))
        void = replace(old, kind="void", discount=0, tax=0, tip=0, tender="card")
        self.deliver(replace(void, stamp=self.unseen_stamp(old, 10)))

    def unseen_stamp(self, old: Record, by: int) -> int:
        stamps = [one.stamp for one in self.model.versions[old.number].values()]
        return (max(stamps) if by > 0 else min(stamps)) + by

    @precondition(lambda self: self.model.live())
    @rule(data=st.data())
    def a_conflict(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.model.live()))
        self.deliver(replace(old, memo=f"{old.memo}, but other"))

    @precondition(lambda self: any(self.model.state(one.day) != "soft_closed" for one in self.model.live()))
    @rule(data=st.data(), more=st.integers(0, 1))
    def a_period_is_soft_closed(self, data: st.DataObject, more: int) -> None:
        self.change_period(data, "soft_closed", more)

    @precondition(lambda self: any(self.model.state(one.day) != "locked" for one in self.model.live()))
    @rule(data=st.data(), more=st.integers(0, 1))
    def a_period_is_locked(self, data: st.DataObject, more: int) -> None:
        self.change_period(data, "locked", more)

    @precondition(lambda self: any(self.model.state(one.day) != "open" for one in self.model.live()))
    @rule(data=st.data(), more=st.integers(0, 1))
    def a_period_is_opened_again(self, data: st.DataObject, more: int) -> None:
        self.change_period(data, "open", more)

    def change_period(self, data: st.DataObject, state: State, more: int) -> None:
        """From a day that something was delivered for, so many days more; then again, which would change nothing."""
        days = sorted({one.day for one in self.model.live() if self.model.state(one.day) != state})
        start = data.draw(st.sampled_from(days))
        end = start + timedelta(days=more)

        def change() -> None:
            self.book.change_period(start, end, state, by="Ada", reason="why", at=AT)

        change()
        self.model.change_period(start, end, state)
        self.heads.append(self.book.head().hash)
        with pytest.raises(BookError, match="already"):
            change()

    @precondition(lambda self: set(self.model.states.values()) - {"open"})
    @rule(record=records("sale", "return", "count"), data=st.data(), into_soft_closed=st.booleans())
    def a_record_comes_late_for_a_closed_period(
        self, record: Record, data: st.DataObject, into_soft_closed: bool
    ) -> None:
        closed = [day for day, state in self.model.states.items() if state != "open"]
        late = replace(record, day=data.draw(st.sampled_from(closed)))
        self.deliver(late, into_soft_closed=into_soft_closed)

    @rule(number=st.integers(1, 3), wrong=records("sale"), off=st.integers(1, 99))
    def unbalanced_tickets_are_held_by_validation_or_else_refused_whole(
        self, number: int, wrong: Record, off: int
    ) -> None:
        held = Held("quarantined", "totals", "it does not add up", self.document, f"row {number}", "pos", f"u{number}")
        self.deliver(held=(held,))
        rows, _ = as_rows([replace(wrong, number="wrong")])
        rows[0]["tenders"][0]["amount_minor"] += off
        batch = sale_batch(*rows, document=self.document)
        with pytest.raises(PostingError):
            self.book.post(batch, intake=self.book.begin_intake(self.document, "pos", AT), at=AT, last=True)

    # --- what is looked at now and then -----------------------------------------------------------------------------

    @precondition(lambda self: self.model.commits >= LOOKS_FROM)
    @rule(data=st.data(), figures=st.integers(0, 3))
    def the_book_is_opened_again_verified_and_looked_at_as_known_then(self, data: st.DataObject, figures: int) -> None:
        if self.figures is not None:
            self.figures.close()
            self.figures = None
        path = self.book.path
        self.book.close()
        self.book = Book.open(path)
        outcome = self.book.verify()
        assert outcome.problems == ()
        assert outcome.commits == self.model.commits
        assert outcome.entries == len(self.seen().entries)
        seq = data.draw(st.integers(1, self.model.commits))
        assert Seen.of(self.book, upto=seq).balances() == self.model.history[seq - 1].balances
        if not figures:
            self.look_at_figures(seq)
            self.look_at_figures(None)

    def look_at_figures(self, seq: int | None) -> None:
        """The model's metrics, from the columnar copy, as known at a commit or now."""
        if self.figures is None:
            self.figures = Figures.open(self.book)
        self.figures.catch_up()
        known = self.model.history[seq - 1 if seq else -1]
        result = self.figures.run(Plan(metrics=tuple(known.metrics), period=OCTOBER, as_of=seq))
        got = {figure.metric: figure.value or 0 for figure in result.figures}
        for name, minor in known.metrics.items():
            assert got[name] * (1 if name == "transactions" else 100) == minor, name
        by_day = Plan(metrics=("net_sales",), dimensions=("business_date",), period=OCTOBER, as_of=seq)
        daily = self.figures.run(by_day)
        amounts = {str(key[0]): int((row[0].value or 0) * 100) for key, row in zip(daily.keys, daily.rows, strict=True)}
        assert {day: amount for day, amount in amounts.items() if amount} == net_sales_by_day(known.balances)

    # --- what holds after every step --------------------------------------------------------------------------------

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
    def entries_are_on_the_dates_that_periods_leave_them(self) -> None:
        assert self.seen().dated() == Counter(
            ("reversal" if one.reversal else "record", one.of.store, str(one.day), str(one.belongs or "") or None)
            for one in self.model.entered
        )

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
        for row in self.seen().entries[-1:]:
            entry = self.book.entry(row["seq"], row["n"])
            assert entry is not None
            assert entry.document == self.document
            assert (entry.ticket or entry.event) is not None


def run(fresh: Fresh, *, sequences: int, steps: int, drawn_from: int | None = None) -> None:
    """Draw sequences of ``steps`` steps, each in a fresh book; by a seed of its own where one is given."""
    machine: Any = type("BookAgainstModel", (BookAgainstModel,), {"fresh": staticmethod(fresh)})
    if drawn_from is not None:
        machine = seed(drawn_from)(machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            derandomize=False,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
