"""Frozen books: for each revision of the truth's tables a database as that revision left it, as SQL in
``tests/golden/schemas``, one for SQLite and one for PostgreSQL.

They were made once and are never made anew: what they hold is what old books hold. A new revision gets its own by

    python -m tests.ledger.frozen

which writes those of the newest revision where they are missing (it needs PostgreSQL's programs).
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import tomli_w
import zstandard

from ledger.batch import Held
from ledger.book import Book
from ledger.cases.events import (
    WEIGHTS,
    Assigned,
    Attached,
    Commented,
    Filed,
    FlagAdded,
    FlagGone,
    FlagSuppressed,
    Opened,
    SampleDrawn,
    Stepped,
    Suppressed,
    SuppressionEnded,
    Verdict,
    WeightsAdopted,
    WeightsReverted,
    subject_of,
)
from ledger.truth import FILE, REVISION
from tests import truths
from tests.builders import AT, event, keep_bytes, line, make_book, sale_batch, ticket
from tests.ledger.exports.shop import written
from tests.postgres import Cluster, binaries, cluster

FOLDER = Path(__file__).parents[1] / "golden" / "schemas"
DOCUMENTS = tuple(f"document {number}".encode() for number in range(3))
STAMP = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
BUSINESS = {"id": "test", "name": "Test", "currency": "USD"}
FIRST = ticket("1", lines=[line(1000, discount=100, tax_minor=72, cost_minor=300), line(250, kind="fee")], tax=72,
               tip_minor=100, version_stamp=STAMP, memo="Café; 'quoted'")  # fmt: skip
COUNT = event("c", counted_minor=990, expected_minor=1000, version_stamp=STAMP)


def fill(book: Book, revision: str) -> None:
    """What a book of a revision may hold: versions with reversals, a hold, till events; from 0002 on the columns that
    came then; from 0003 on an export; from 0004 on a locked period and what came late for it; from 0006 on a ticket
    that tells its delivery and when that was received; from 0007 on cases."""
    documents = [keep_bytes(book, content, f"{number}.csv") for number, content in enumerate(DOCUMENTS)]
    held = Held("quarantined", "a-rule", "a reason", documents[0], "row 9", "pos", "H1", "Downtown", "2026-10-05", 5)
    cash = {"type": "cash", "amount_minor": 2000, "change_minor": 1000}
    later = hours(1)
    deliveries: list[tuple[list[dict[str, Any]], list[dict[str, Any]], list[Held]]] = [
        ([FIRST, ticket("2", store="Airport", tenders=[cash]), ticket("3", kind="void_after_tender")], [COUNT], [held]),
        (
            [ticket("1", lines=[line(1100)], tax=80, version_stamp=later)],
            [event("c", counted_minor=995, expected_minor=1000, version_stamp=later)],
            [],
        ),
        ([ticket("2", store="Airport", tenders=[cash]), ticket("4", kind="return", lines=[line(-400)])], [], []),
    ]
    if revision >= "0002":
        euros = {"foreign_currency": "EUR", "foreign_amount": "18.00", "exchange_rate": "1.1111"}
        remitted = {"jurisdiction": "State", "amount_minor": 72, "included": False, "facilitator": True}
        comped = line(1000, discount=1000, discount_kind="comp")
        deliveries[2][0].extend(
            [ticket("5", lines=[comped]), ticket("6", tenders=[{**cash, **euros}]), ticket("7", taxes=[remitted])]
        )
    for number, (document, (tickets, events, holds)) in enumerate(zip(documents, deliveries, strict=True)):
        deliver(book, document, tickets, events, holds, days=number)
    if revision >= "0003":
        book.remember_export(written(book, "xero")[1], AT + timedelta(days=3))
    if revision >= "0004":
        lock = {"by": "Ada", "reason": "October is filed", "at": AT + timedelta(days=4)}
        book.change_period(date.min, date(2026, 10, 5), "locked", **lock)  # type: ignore[arg-type]
        late = [ticket("1", version_stamp=hours(2)), ticket("8")]
        if revision >= "0006":
            late.append(ticket("9", lines=[line(300)], delivery="B-17", received_at=hours(3)))
        deliver(book, documents[0], late, [], [], days=4)
    if revision >= "0007":
        work_cases(book)


def work_cases(book: Book) -> None:
    """Cases with each kind of event, a suppression, weights and a sample, from AT + 5 days on."""
    case, other = subject_of("a case"), subject_of("another case")
    cause = Opened("Downtown", "Grace", "refunds", None, date(2026, 9, 28), date(2026, 10, 25), None)
    scope = Suppressed("voids", None, "Downtown", None, "1", date(2026, 12, 31), "Ada", "training week", 0.4, case)
    weights = WeightsAdopted(5, 1, 0, (("refund_no_receipt_cash", 0.5455),), (), "the first verdicts")
    commits: list[list[Filed]] = [
        [
            Filed(case, "Tillproof", cause),
            Filed(case, "Tillproof", FlagAdded("f" * 64, "Grace", '{"kind":"refund_no_receipt_cash"}')),
            Filed(other, "Tillproof", replace(cause, person=None, about="sequence_gap", follows=case)),
        ],
        [
            Filed(case, "Ada", event)
            for event in (
                Assigned("Ada"),
                Commented("Café; 'quoted'"),
                Attached(hashlib.sha256(DOCUMENTS[0]).hexdigest(), "0.csv"),
                Stepped("waiting", "asked the store"),
                Verdict("loss", "no receipt was found"),
                Stepped("reopened", "the receipt turned up"),
                FlagGone("f" * 64),
            )
        ],
        [
            Filed(subject_of("a scope"), "Ada", scope),
            Filed(subject_of("a scope"), "Tillproof", FlagSuppressed("e" * 64, "{}")),
            Filed(subject_of("a scope"), "Ada", SuppressionEnded("training is over")),
            Filed(WEIGHTS, "Ada", weights),
            Filed(WEIGHTS, "Ada", WeightsReverted("too early")),
            Filed(subject_of("a sample"), "Ada", SampleDrawn(date(2026, 10, 5), date(2026, 10, 11), 40, 2)),
        ],
    ]
    for number, filed in enumerate(commits):
        book.record_cases(filed, at=AT + timedelta(days=5, hours=number))


def hours(later: int) -> datetime:
    return STAMP + timedelta(hours=later)


def deliver(book: Book, document: str, tickets: list[Any], events: list[Any], holds: list[Held], days: int) -> Any:
    batch = replace(sale_batch(*tickets, events=events, document=document), held=tuple(holds))
    at = AT + timedelta(days=days)
    return book.post(batch, intake=book.begin_intake(document, "pos", at), at=at, last=True)


def restored(folder: Path, revision: str, running: Cluster | None) -> Path:
    """The folder of a frozen book, its truth in SQLite or in a new database of a cluster; nothing is migrated yet."""
    folder.mkdir()
    settings: dict[str, Any] = {"book": BUSINESS}
    script = (FOLDER / f"{revision}.{'postgresql' if running else 'sqlite'}.sql").read_text("utf-8")
    if running is None:
        with closing(sqlite3.connect(folder / FILE)) as database:
            database.executescript(script)
    else:
        url = running.url(running.database())
        settings["truth"] = {"url": url}
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script)  # type: ignore[arg-type]
    (folder / "book.toml").write_text(tomli_w.dumps(settings), encoding="utf-8")
    for content in (b"", *DOCUMENTS):
        name = hashlib.sha256(content).hexdigest()
        path = folder / "documents" / name[:2] / f"{name}.zst"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zstandard.compress(content))
    return folder


def frozen(book: Book, running: Cluster | None) -> str:
    """A book's database as SQL that makes it again."""
    if running is None:
        with closing(sqlite3.connect(book.path / FILE)) as database:
            return "\n".join(database.iterdump()) + "\n"
    programs = binaries()
    assert programs is not None
    name = book.settings.truth.url.removeprefix("postgresql://postgres@/").partition("?")[0]  # type: ignore[union-attr]
    command = [str(programs / "pg_dump"), "-h", str(running.socket), "-U", "postgres", "--inserts", "--no-owner", name]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kept = [
        row for row in dumped.splitlines() if row and not re.match(r"--|\\|SET |SELECT pg_catalog\.set_config", row)
    ]
    return "\n".join(kept) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with cluster() as running, TemporaryDirectory() as folder:
        for engine, on in (("sqlite", None), ("postgresql", running)):
            target = FOLDER / f"{REVISION}.{engine}.sql"
            if target.exists():
                continue
            truths.use(on)
            book = make_book(Path(folder) / engine)
            fill(book, REVISION)
            target.write_text(frozen(book, on), encoding="utf-8")
            book.close()
            print(target)


if __name__ == "__main__":
    main()
