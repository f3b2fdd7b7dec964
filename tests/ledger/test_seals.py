"""The sealed formats, computed here a second time from ``docs/seals.md`` with nothing but ``hashlib``.

The constants below are the format. A change that makes one of these tests fail breaks every book, proof and checkpoint
there is: it needs a new version of the format, not a new constant.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ledger import encoding
from ledger.batch import Held
from ledger.proofs import merkle
from ledger.proofs.store_days import StoreDay, book_root
from ledger.seals import GENESIS, Link, case_payload, entry_seals, payload, period_payload
from tests.builders import event, make_book, post, sale_batch, ticket

CLOSED = datetime(2026, 10, 5, 16, 30, tzinfo=UTC)
CLOSED_US = 1_791_217_800_000_000


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def s(text: str) -> bytes:
    return b"s%d:%s" % (len(text.encode()), text.encode())


def i(number: int) -> bytes:
    return b"i%d;" % number


def h(raw: bytes) -> bytes:
    return b"h%d:%s" % (len(raw), raw)


N = b"n;"

WRITTEN = {
    "content": "421d62fdac2f3c57ddf849c439d9134b61eaf28e84c0f2b11a2889de30d925e5",
    "event content": "458b55d8c7bc8a8142938f7cc45b3732a483aa6c7975ee41d8f0393f56b931f3",
    "seal": "7194cfd5f6e593f72889d64b5464d67c57e79d1abdc1ac773a40a1536ffe8b5b",
    "payload": "47aee0da010425bfb78a0f36939c0bdde4bebf35f6ea0cd78572ab3a704d7123",
    "link": "2c393ba162236efa6016040af0232c0aece032f095653bc4d2e39debe40bef21",
    "book root": "4d946f76513bea888b5bfa85d6e2ba73061801e4b32838bc4951d10cc00d269d",
    "root of 0": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "root of 1": "7f9c9e31ac8256ca2f258583df262dbc7d6f68f2a03043d5c99a4ae5a7396ce9",
    "root of 2": "cdcbbe2edb959de753954802f60eb72f65bc5cb62956d0c96d8ee0764813d893",
    "root of 3": "109a70f4bbeb04ef814614e81fa32196bf79c720356799359f08f6909187aa9f",
    "root of 5": "62b2953228195c889ae9ed27bed1d323f3f58dc03d5972088183d0a7feed1a3f",
}

# --- one ticket, written down by hand from docs/seals.md -----------------------------------------------------------

TICKET = ticket("T-1", store="Café Süd", tax=72, tip_minor=100, version_stamp=CLOSED, memo="a;b:c")
CONTENT = b"".join(
    [
        b"T",
        *(s("pos"), s("T-1"), b"t%d;" % CLOSED_US, s("Café Süd"), s("1"), N, b"d2026-10-05;"),
        *(N, b"t%d;" % CLOSED_US, i(-240), s("sale"), N, N, s("Ada"), N, N, N, s("in store"), s("USD"), s("a;b:c")),
        *(N, N, N, N, i(100), N, N, i(1172)),  # gross, discount, net, tax, tip, service charge, rounding, total
        b"L",
        *(i(1), s("item"), s("A1"), s("Apple pie"), s("Food"), i(1_000_000), N, N, i(1000), i(0), N, N, b"b0;"),
        *(i(1000), N, N),  # net, tax, cost
        b"P",
        *(i(1), s("card"), N, i(1172), N, N, N, N, N, N, N),
        b"X",
        *(i(1), N, s("State"), N, N, i(72), b"b0;"),
    ]
)
DIGEST = sha(b"tillproof/content/1\n", CONTENT)


def posted(sign: int) -> bytes:
    amounts = {
        "assets:clearing:card": 1172,
        "income:sales": -1000,
        "liabilities:tax:state": -72,
        "liabilities:tips": -100,
    }
    return b"".join(b"A" + s(account) + i(sign * amount) for account, amount in amounts.items())


def seal_of(kind: str, digest: bytes, postings: bytes) -> bytes:
    sealed = (s(kind), h(digest), s("Café Süd"), s("2026-10-05"), s("USD"))
    return sha(b"tillproof/entry/1", *sealed, s(postings.decode()))


SEAL = seal_of("ticket", DIGEST, posted(1))
PROVENANCE = b"T" + s("row 2") + N + b"L" + s("row 2") + b"P" + s("row 2")
PAYLOAD = sha(SEAL, s(PROVENANCE.decode()))


def test_the_content_of_a_ticket() -> None:
    batch = sale_batch(TICKET)
    (content,) = encoding.contents(batch.tickets, batch.lines, batch.tenders, batch.taxes, ("ticket",))
    assert content == CONTENT.decode()
    assert encoding.digest(content) == DIGEST
    assert DIGEST.hex() == WRITTEN["content"]


def test_the_content_of_a_till_event() -> None:
    content = b"".join(
        [
            b"E",
            *(s("pos"), s("c-1"), b"t%d;" % CLOSED_US, s("Downtown"), s("1"), N, b"d2026-10-05;", N, N, s("count")),
            *(s("USD"), N, N, N, i(1000), i(990), N, N),
        ]
    )
    counted = event("c-1", version_stamp=CLOSED, expected_minor=1000, counted_minor=990)
    assert encoding.event_contents(sale_batch(events=[counted]).events) == [content.decode()]
    assert sha(b"tillproof/content/1\n", content).hex() == WRITTEN["event content"]


LATER = {
    "discount_kind": ("lines", "comp", b"+discount_kind=s4:comp"),
    "foreign_currency": ("tenders", "EUR", b"+foreign_currency=s3:EUR"),
    "foreign_amount": ("tenders", "10.00", b"+foreign_amount=s5:10.00"),
    "exchange_rate": ("tenders", "1.1", b"+exchange_rate=s3:1.1"),
    "facilitator": ("taxes", False, b"+facilitator=b0;"),
}
"""Columns that came with a later version: the frame, a value, and what stands at the end of the row for it."""
LATER_WRITTEN = {
    "discount_kind": "2242b30e3c02761dd6be6a425c6c8312aac446fa7d3c2500424f1931999d3f82",
    "foreign_currency": "1b61446bd2fa5e174eeaf18161aa8b182eb29811ddd3011ff92bbed07aa6f623",
    "foreign_amount": "db8b1f89fa77f238ac988aa68b56f11191f61cde6a6c20fb3415f04477cfecf6",
    "exchange_rate": "9ac4edda8fcad7ca81c1a35db940f4da4bfd21278a410fdbfdac126f27c631f3",
    "facilitator": "1ec410ec6e757ce2d560ad577b8d64027a088212bcffdbc043529d263ea45f52",
    "all": "db6fa3870fa712abc579d63760fccbf744801a052767c71d5f112d2aad89ae16",
}


def content_with(*names: str) -> bytes:
    """The content of ``TICKET`` by hand, with some later columns at the end of the rows that they are of."""
    ends = {"lines": b"P", "tenders": b"X", "taxes": b""}  # the tag of the row after it
    content = CONTENT
    for frame, tag in ends.items():
        added = b"".join(code for name, (of, _, code) in LATER.items() if of == frame and name in names)
        place = content.rindex(tag + i(1) + (s("card") if tag == b"P" else N)) if tag else len(content)
        content = content[:place] + added + content[place:]
    return content


@pytest.mark.parametrize("names", [*((name,) for name in LATER), tuple(LATER)], ids=[*LATER, "all"])
def test_the_content_of_a_ticket_with_columns_that_came_later(names: tuple[str, ...]) -> None:
    given: dict[str, dict[str, Any]] = {"lines": {}, "tenders": {}, "taxes": {}}
    for name in names:
        given[LATER[name][0]][name] = LATER[name][1]
    batch = sale_batch({**TICKET, **{frame: [{**TICKET[frame][0], **more}] for frame, more in given.items()}})
    (content,) = encoding.contents(batch.tickets, batch.lines, batch.tenders, batch.taxes, ("ticket",))
    assert content.encode() == content_with(*names)
    assert sha(b"tillproof/content/1\n", content.encode()).hex() == LATER_WRITTEN["all" if names[1:] else names[0]]


def test_the_seal_of_an_entry_and_of_its_reversal() -> None:
    row = {"version": DIGEST, "store": "Café Süd", "business_date": "2026-10-05", "currency": "USD"}
    row |= {"original_business_date": None}
    rows = [
        {"kind": "ticket", **row, "postings": posted(1).decode()},
        {"kind": "reversal", **row, "postings": posted(-1).decode()},
    ]
    schema = {"original_business_date": pl.String}
    late = pl.DataFrame([rows[0] | {"original_business_date": "2026-09-30"}])
    assert entry_seals(pl.DataFrame(rows, schema_overrides=schema)) == [SEAL, seal_of("reversal", DIGEST, posted(-1))]
    assert SEAL.hex() == WRITTEN["seal"]
    framed = b"tillproof/entry/1" + s("ticket") + h(DIGEST)
    framed += b"".join(map(s, ("Café Süd", "2026-10-05", "USD", posted(1).decode(), "2026-09-30")))
    assert entry_seals(late) == [sha(framed)]


def test_the_payload_of_events_of_cases() -> None:
    events = [(0, "ab", 1, "opened", "Tillproof", "{}"), (1, "ab", 2, "commented", "Ada", '{"text":"é"}')]
    coded = [
        b"i0;s2:abi1;s6:openeds9:Tillproofs2:{}",
        b'i1;s2:abi2;s9:commenteds3:Adas13:{"text":"' + "é".encode() + b'"}',
    ]
    assert case_payload(events) == sha(b"tillproof/cases/1", *coded)


def test_the_payload_of_a_change_of_a_period() -> None:
    given = ("0001-01-01", "2026-09-30", "locked", "Ada", "filed")
    assert period_payload(*given) == sha(b"tillproof/period/1", b"".join(map(s, given)))


def test_the_payload_of_a_commit() -> None:
    held = Held("quarantined", "a-rule", "a reason", "d" * 64, "row 9", "pos", "H1", None, "2026-10-05", 5)
    holds = (s("quarantined"), s("a-rule"), s("a reason"), s("d" * 64), s("row 9"), s("pos"), s("H1"), N)
    assert payload([SEAL], [PROVENANCE.decode()], []) == PAYLOAD
    assert payload([SEAL, SEAL], ["", "x"], [held]) == sha(SEAL, s(""), SEAL, s("x"), *holds, s("2026-10-05"), i(5))
    assert PAYLOAD.hex() == WRITTEN["payload"]


def linked(previous: bytes, **fields: Any) -> bytes:
    """A link by hand: the version, then every field in order."""
    order = ("intake", "document", "records", "posted", "duplicates", "versions", "quarantined", "ignored", "entries")
    values = [s(fields[name]) if name == "document" else i(fields[name]) for name in order]
    return sha(
        b"tillproof/link/1", s(fields["book_id"]), i(fields["seq"]), h(previous), i(fields["recorded_at"]), *values,
        i(1 if fields["last"] else 0), h(fields["payload"]),
    )  # fmt: skip


FIRST: dict[str, Any] = {
    "book_id": "test", "seq": 1, "recorded_at": 1_793_534_400_000_000, "intake": 1,
    "document": hashlib.sha256(b"").hexdigest(), "records": 1, "posted": 1, "duplicates": 0, "versions": 0,
    "quarantined": 0, "ignored": 0, "entries": 1, "last": True, "payload": PAYLOAD,
}  # fmt: skip


def test_the_link_of_a_commit() -> None:
    assert bytes(32) == GENESIS
    assert Link(previous=GENESIS, **FIRST).hash() == linked(GENESIS, **FIRST)
    assert linked(GENESIS, **FIRST).hex() == WRITTEN["link"]


# --- trees -----------------------------------------------------------------------------------------------------------

LEAVES = [struct.pack(">I", number) * 8 for number in range(5)]
A, B, C, D, E = (sha(b"\x00", leaf) for leaf in LEAVES)
ROOTS = {
    0: hashlib.sha256().digest(),
    1: A,
    2: sha(b"\x01", A, B),
    3: sha(b"\x01", sha(b"\x01", A, B), C),
    5: sha(b"\x01", sha(b"\x01", sha(b"\x01", A, B), sha(b"\x01", C, D)), E),
}


@pytest.mark.parametrize("leaves", ROOTS)
def test_the_root_over_some_leaves(leaves: int) -> None:
    assert merkle.root(LEAVES[:leaves]) == ROOTS[leaves]
    assert ROOTS[leaves].hex() == WRITTEN[f"root of {leaves}"]


def test_the_root_of_a_book_is_over_its_store_days_with_their_sizes() -> None:
    days = [StoreDay("Airport", "2026-10-05", 2, A), StoreDay("Café Süd", "2026-10-05", 1, B)]
    leaves = [
        sha(b"tillproof/store-day/1", s("Airport"), s("2026-10-05"), i(2), h(A)),
        sha(b"tillproof/store-day/1", s("Café Süd"), s("2026-10-05"), i(1), h(B)),
    ]
    assert book_root(days) == sha(b"\x01", sha(b"\x00", leaves[0]), sha(b"\x00", leaves[1]))
    assert book_root(days).hex() == WRITTEN["book root"]


# --- a whole book ----------------------------------------------------------------------------------------------------


def test_a_book_has_the_head_and_the_root_that_were_computed_by_hand(tmp_path: Path) -> None:
    book = make_book(tmp_path / "book")
    try:
        post(book, TICKET)
        assert book.head().hash == linked(GENESIS, **FIRST).hex()
        assert book.store_day_roots() == {("Café Süd", "2026-10-05"): sha(b"\x00", SEAL).hex()}
    finally:
        book.close()
