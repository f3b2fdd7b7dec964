"""Connectors, each from its vendor's own format: bytes of a file to batches, against the plain parser.

Seconds are those of the processor, of all threads together: what one core would take.

The file holds one record of the golden files over and over, each time with another number. The baseline is what any
reader has to do first: parsing the JSON, splitting the CSV into cells, reading the XML's events.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import shutil
import statistics
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.row import Row
from ingest.files import Delivery
from ingest.hooks import Hooks
from ingest.signatures import Door
from ingest.sources import recognise, recognise_document
from ingest.staging import Stage
from ingest.tickets import Reading, gathered
from ledger.accounts import Chart
from ledger.book import Book
from ledger.document import DocumentRecord
from ledger.settings import BookSettings, parse
from tests.ingest.sources.signed_receipts import Till

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
AT = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = parse({"book": {"id": "bench", "name": "Bench", "currency": "USD", "time_zone": "America/New_York"}})
JSON_LEAST, CSV_LEAST, XML_LEAST = 20_000, 50_000, 10_000
SIGNED_LEAST = 2_000
"""Each signature is verified."""
PER_BATCH = 30_000
HOOKS_LEAST, HOOK_P99_MOST_MS = 500, 100
SENDERS = 40

Made = tuple[bytes, int]


def rows(folder: Path, tickets: int) -> Iterator[Row]:
    """Two rows a connector: tickets a second, and the share of the time that plain parsing takes; then webhooks."""
    chart = Chart.of(SETTINGS)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for name, make, plainly, least in CONNECTORS:
            content, count = make(tickets)
            path = Path(scratch) / f"export{'.csv' if least == CSV_LEAST else '.json'}"
            path.write_bytes(content)
            begin = time.process_time()
            plainly(content)
            plain = time.process_time() - begin
            begin = time.process_time()
            made = _read(path, SETTINGS, chart, Path(scratch))
            seconds = time.process_time() - begin
            assert made == count, (name, made, count)
            size = len(content) / count
            work = f"{name}: bytes to batches, {count:,} tickets of {size:,.0f} bytes"
            yield Row.at_least(f"{work}, tickets/s", count / seconds, least, f"{count / seconds:,.0f}")
            yield Row("the same, against plain parsing of the same bytes", f"{seconds / plain:.2f} times as long")
            path.unlink()
    yield from hook_rows(folder, max(tickets // 20, 2_000))


def _read(path: Path, settings: BookSettings, chart: Chart, scratch: Path) -> int:
    with path.open("rb") as file:
        source = recognise_document(file.read(1 << 16), path.name, None)
        file.seek(0)
        if source is not None:
            reading = Reading(settings, chart, source.name, "0" * 64, path.name, PER_BATCH)
            return sum(
                batch.tickets.height + len(batch.held) for batch in gathered(source.read(file, reading), reading)
            )
    stage = Stage(scratch)
    try:
        staged = stage.load(path, path.name)
        mapping = recognise({path.name: staged.columns})
        assert mapping is not None
        record = DocumentRecord("0" * 64, path.name, "text/csv", 0, 0, AT)
        delivery = Delivery(stage, [staged], mapping, settings, chart, "bench", record)
        return sum(batch.tickets.height for batch in delivery.batches(PER_BATCH))
    finally:
        stage.close()


def _lines_of(file: str, pick: Callable[[Any], Any], number: Callable[[Any, int], None]) -> Callable[[int], Made]:
    def make(tickets: int) -> Made:
        record = pick(json.loads((GOLDEN / file).read_text("utf-8")))
        out = []
        for n in range(tickets):
            number(record, n)
            out.append(json.dumps(record))
        return "\n".join(out).encode(), tickets

    return make


def _xml(tickets: int) -> Made:
    whole = (GOLDEN / "poslog/poslog.xml").read_text("utf-8")
    head, first = whole[: whole.index("<Transaction>")], whole.index("<SequenceNumber>1001<")
    start, end = whole.rindex("<Transaction>", 0, first), whole.index("</Transaction>", first) + len("</Transaction>")
    before, after = whole[start:end].split("1001", 1)
    return (head + "".join(f"{before}{n}{after}" for n in range(tickets)) + "</POSLog>").encode(), tickets


def _id(kind: Callable[[int], Any]) -> Callable[[Any, int], None]:
    def number(record: Any, n: int) -> None:
        record["id"] = kind(n)

    return number


def _guid(record: Any, n: int) -> None:
    record["guid"] = f"017fdd94-{n}"


def _uuid(record: Any, n: int) -> None:
    record["purchaseUUID1"] = f"39d8b706-{n}"


def _signed(tickets: int) -> Made:
    """Receipts that are signed one by one; signing them takes longer than reading them, so there are fewer."""
    till, count = Till(), min(tickets, 20_000)
    for n in range(count):
        till.sell(str(n), "2026-10-05T09:15:30", "12,00", "5,50")
    return json.dumps(till.log()).encode(), count + 1  # and what is told of the till


def _rows_of(file: str, first: int, many: int, columns: tuple[str, ...]) -> Callable[[int], Made]:
    def make(tickets: int) -> Made:
        with (GOLDEN / file).open(encoding="utf-8", newline="") as given:
            header, *found = csv.reader(given)
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(header)
        places = [header.index(column) for column in columns]
        chosen = [row[:] for row in found[first : first + many]]
        was = {place: chosen[0][place] for place in places}
        for n in range(tickets):
            for row in chosen:
                for place in places:
                    row[place] = f"{was[place]}{n}" if row[place] else ""
                writer.writerow(row)
        return out.getvalue().encode(), tickets

    return make


def _parsed(content: bytes) -> None:
    for line in content.splitlines():
        json.loads(line)


def _split(content: bytes) -> None:
    for _ in csv.reader(io.StringIO(content.decode())):
        pass


def _events(content: bytes) -> None:
    for _ in ET.iterparse(io.BytesIO(content)):  # our own file
        pass


CONNECTORS: list[tuple[str, Callable[[int], Made], Callable[[bytes], None], int]] = [
    ("Square orders", _lines_of("square/orders.json", lambda page: page["orders"][0], _id(lambda n: f"CAISEN{n}")),
     _parsed, JSON_LEAST),
    ("Square Items CSV", _rows_of("square/items-2026-10-05-2026-10-07.csv", 0, 2, ("Transaction ID", "Payment ID")),
     _split, CSV_LEAST),
    ("Shopify orders", _lines_of("shopify/orders.json", lambda page: page["orders"][2], _id(lambda n: 450789469 + n)),
     _parsed, JSON_LEAST),
    ("Shopify orders_export.csv", _rows_of("shopify/orders_export.csv", 0, 2, ("Name", "Id")), _split, CSV_LEAST),
    ("Stripe charges", _lines_of("stripe/charges.json", lambda page: page["data"][0], _id(lambda n: f"ch_3M{n}")),
     _parsed, JSON_LEAST),
    ("Stripe balance report", _rows_of("stripe/balance_change_from_activity.csv", 0, 1,
     ("balance_transaction_id", "source_id")), _split, CSV_LEAST),
    ("Toast orders", _lines_of("toast/orders.json", lambda page: page[0], _guid), _parsed, JSON_LEAST),
    ("Square payout entries", _lines_of("square/payout_entries.json", lambda page: page["payout_entries"][2],
     _id(lambda n: f"poe_{n}")), _parsed, JSON_LEAST),
    ("Clover orders", _lines_of("clover/orders.json", lambda page: page["elements"][0], _id(lambda n: f"MKP7N{n}")),
     _parsed, JSON_LEAST),
    ("Zettle purchases", _lines_of("zettle/purchases.json", lambda page: page["purchases"][0], _uuid),
     _parsed, JSON_LEAST),
    ("SumUp sales report", _rows_of("sumup/sales_report.csv", 0, 2, ("Transaction ID",)), _split, CSV_LEAST),
    ("Lightspeed sales history", _rows_of("lightspeed/sales.csv", 0, 5, ("Receipt Number",)), _split, CSV_LEAST),
    ("DEP7", _signed, _parsed, SIGNED_LEAST),
    ("POSLog", _xml, _events, XML_LEAST),
]  # fmt: skip


def hook_rows(folder: Path, deliveries: int) -> Iterator[Row]:
    """Webhooks of Stripe from forty senders at once, signed, kept and posted, each waiting for its acknowledgement."""
    path = folder / "book-hooks"
    shutil.rmtree(path, ignore_errors=True)
    business = {"id": "hooks", "name": "Hooks", "currency": "USD", "time_zone": "America/New_York"}
    book = Book.create_from(path, {"book": business})
    secret = "whsec_bench_0123456789"
    hooks = Hooks(book, Door("stripe", secret))
    event = json.loads((GOLDEN / "stripe/charge_succeeded.json").read_text("utf-8"))
    bodies = []
    for n in range(deliveries):
        event["id"], event["data"]["object"]["id"] = f"evt_{n}", f"ch_{n}"
        bodies.append(json.dumps(event).encode())
    taken: list[float] = []

    def send(body: bytes) -> None:
        now = datetime.now(UTC)
        stamp = str(int(now.timestamp()))
        signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        begin = time.perf_counter()
        hooks.take({"stripe-signature": f"t={stamp},v1={signature}"}, body, now)
        taken.append((time.perf_counter() - begin) * 1000)

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, bodies[: SENDERS * 5]))
        taken.clear()
        begin = time.perf_counter()
        list(pool.map(send, bodies[SENDERS * 5 :]))
        seconds = time.perf_counter() - begin
    rate, p99 = len(taken) / seconds, statistics.quantiles(taken, n=100)[98]
    assert sum(feed.posted for feed in book.feeds()) == deliveries
    book.close()
    shutil.rmtree(path, ignore_errors=True)
    work = f"{len(taken):,} webhooks from {SENDERS} senders, signed, kept and posted durably"
    yield Row.at_least(f"{work}, deliveries/s", rate, HOOKS_LEAST, f"{rate:,.0f}")
    yield Row.at_most("the same, p99", p99, HOOK_P99_MOST_MS, f"{p99:.0f} ms", " ms")
