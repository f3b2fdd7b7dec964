"""The books that the questions are about: three of real tills' data, and the sample, with the raw files beside each as
views that share no code with ours.

The sample's views: ``raw`` lines of items sold (and, with a negative quantity, taken back) on completed tickets,
``cards`` its gift cards and service charges, ``tickets`` all tickets with their ``kind``, ``collected`` tenders less
change, ``taxes``, ``counts`` till counts, ``lines`` the lines of all tickets, and ``held`` the receipts that cannot be
posted.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from assistant.ask import Asker
from assistant.ask.reading import Trouble
from assistant.recall import Recall
from assistant.sample import write
from ingest.pipeline import take
from ledger.book import Book
from ledger.figures import Figures
from ledger.settings import Business
from tests.assistant.ask.books import AT, FILES, MAPPINGS, RAW
from tests.places import DATA

SAMPLE_DAYS, SAMPLE_TICKETS, SAMPLE_SEED, SAMPLE_END = 669, 8000, 7, date(2026, 10, 31)
"""From 2025-01-01 on, so that 2026 has a year to be compared with. The questions' truths depend on all four."""

BOOKS = ("supermarket", "completejourney", "chinook", "sample")
IN_DATA = BOOKS[:-1]
"""Books of the data that lies beside the checkout."""

VIEWS = """
CREATE TABLE flat AS SELECT * FROM read_csv('{folder}/shops.csv', all_varchar = true);
CREATE TABLE held AS SELECT DISTINCT "Receipt No" AS ticket FROM flat WHERE Payment = 'Moonpay'
    OR ("Type" IN ('SALE', 'REFUND') AND Paid::DECIMAL(18, 2) - coalesce(Change, '0')::DECIMAL(18, 2)
        + coalesce("Paid 2", '0')::DECIMAL(18, 2) <> "Receipt Total"::DECIMAL(18, 2));
CREATE TABLE places AS SELECT * FROM (VALUES ('Maple Street Kitchen', 'Riverside', 'Rosa Marlow'),
    ('The Anchor Bar', 'Harbour', 'Rosa Marlow'), ('Harbour Books', 'Harbour', 'Li Wei'),
    ('Elm Street Grocer', 'Riverside', 'Li Wei'), ('Maple Online', 'Online', 'Li Wei')) AS t(store, region, owner);
CREATE TABLE tenders AS
    SELECT DISTINCT "Receipt No" AS ticket, 1 AS number, lower(Payment) AS tender, Card AS brand, Paid::DECIMAL(18, 2)
        - coalesce(Change, '0')::DECIMAL(18, 2) AS amount FROM flat
        WHERE Payment IS NOT NULL AND "Receipt No" NOT IN (FROM held)
    UNION ALL SELECT DISTINCT "Receipt No", 2, lower("Payment 2"), NULL, "Paid 2"::DECIMAL(18, 2) FROM flat
        WHERE "Payment 2" IS NOT NULL AND "Receipt No" NOT IN (FROM held)
    UNION ALL SELECT check_no, tender_no::INT, lower(tender), scheme, amount::DECIMAL(18, 2) - change::DECIMAL(18, 2)
        FROM read_csv('{folder}/checks/check_tenders.csv', all_varchar = true);
CREATE TABLE tickets AS SELECT t.*, region, owner, paid.tender, paid.brand FROM (
    SELECT DISTINCT "Receipt No" AS ticket, Store AS store, Register AS register, "Business Date"::DATE AS day,
        Closed::TIMESTAMP AS moment, "Type" AS kind, Cashier AS cashier, Customer AS customer, Channel AS channel,
        NULL::INT AS guests, coalesce(Tip, '0')::DECIMAL(18, 2) AS tip, "Receipt Total"::DECIMAL(18, 2) AS total
        FROM flat WHERE "Receipt No" NOT IN (FROM held)
    UNION ALL SELECT check_no, site, terminal, business_day::DATE, closed_at::TIMESTAMP, check_type, server, NULL,
        'in store', covers::INT, tip::DECIMAL(18, 2), total::DECIMAL(18, 2)
        FROM read_csv('{folder}/checks/checks.csv', all_varchar = true)) t
    JOIN places USING (store) LEFT JOIN (SELECT ticket, CASE count(DISTINCT tender) WHEN 1 THEN min(tender) ELSE 'split'
        END AS tender, min(brand) AS brand FROM tenders GROUP BY 1) paid USING (ticket);
CREATE TABLE lines AS SELECT l.*, t.* EXCLUDE (ticket), split_part(path, ' / ', 1) AS department FROM (
    SELECT "Receipt No" AS ticket, "Line"::INT AS line, Item AS item, Category AS path, "Line Type" AS line_kind,
        Qty::INT AS quantity, "Unit Price"::DECIMAL(18, 2) * Qty::INT AS gross, coalesce(Discount, '0')::DECIMAL(18, 2)
        AS discount, Net::DECIMAL(18, 2) AS net, "State Tax"::DECIMAL(18, 2) + "City Tax"::DECIMAL(18, 2) AS tax,
        Cost::DECIMAL(18, 2) AS cost, Status = 'VOID' AS voided FROM flat
    UNION ALL SELECT check_no, line_no::INT, description, "group", upper(line_type), qty::INT, price::DECIMAL(18, 2)
        * qty::INT, discount::DECIMAL(18, 2), net::DECIMAL(18, 2), NULL, cost::DECIMAL(18, 2),
        coalesce(status, '') = 'VOID' FROM read_csv('{folder}/checks/check_lines.csv', all_varchar = true)) l
    JOIN tickets t USING (ticket);
CREATE TABLE taxes AS SELECT x.*, t.* EXCLUDE (ticket) FROM (
    SELECT "Receipt No" AS ticket, 'State' AS jurisdiction, sum("State Tax"::DECIMAL(18, 2)) AS amount
        FROM flat GROUP BY 1
    UNION ALL SELECT "Receipt No", 'City', sum("City Tax"::DECIMAL(18, 2)) FROM flat GROUP BY 1
    UNION ALL SELECT check_no, authority, amount::DECIMAL(18, 2)
        FROM read_csv('{folder}/checks/check_taxes.csv', all_varchar = true)) x
    JOIN tickets t USING (ticket) WHERE kind IN ('SALE', 'REFUND');
CREATE VIEW raw AS SELECT * FROM lines WHERE kind IN ('SALE', 'REFUND') AND line_kind = 'ITEM' AND NOT voided;
CREATE VIEW cards AS SELECT * FROM lines WHERE kind IN ('SALE', 'REFUND') AND line_kind <> 'ITEM' AND NOT voided;
CREATE VIEW collected AS SELECT n.* EXCLUDE (tender, brand), n.tender AS paid_by, n.brand AS card, t.* EXCLUDE (ticket)
    FROM tenders n JOIN tickets t USING (ticket) WHERE kind IN ('SALE', 'REFUND');
CREATE TABLE counts AS SELECT event_no, site AS store, terminal AS register, business_day::DATE AS day, event, cashier,
    counted::DECIMAL(18, 2) - expected::DECIMAL(18, 2) AS over_short, paid_out::DECIMAL(18, 2) AS paid_out,
    no_sales::INT AS no_sales FROM read_csv('{folder}/checks/till_counts.csv', all_varchar = true);
"""


class Subject:
    """One book of the evaluation: its folder, what answers questions about it, and its raw files as views."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.raw = duckdb.connect()
        if name == "sample":
            self.book = _sample(folder)
            self.raw.execute(VIEWS.format(folder=folder / "exports"))
        else:
            assert DATA is not None
            self.book = Book.create(folder / "book", Business(id=name, name=name, currency="USD"))
            files = [DATA / name / file for file in FILES[name]]
            take(self.book, files, source="till", mapping=MAPPINGS / f"{name}.toml", at=AT, on_commit=None)
            self.raw.execute(RAW[name].format(folder=DATA / name).replace("CREATE VIEW", "CREATE TABLE"))
        self.folder = folder / "book"
        self.figures = Figures.open(self.book)
        self.figures.catch_up()
        self.asker = Asker(self.book, self.figures, _no_recall)

    def close(self) -> None:
        self.figures.close()
        self.book.close()
        self.raw.close()


def _sample(folder: Path) -> Book:
    exports = folder / "exports"
    report = write(exports, days=SAMPLE_DAYS, tickets=SAMPLE_TICKETS, seed=SAMPLE_SEED, end=SAMPLE_END)
    book = Book.create_from(folder / "book", exports / "book.toml")
    for delivery in report.deliveries:
        take(book, delivery.files, source=delivery.source, mapping=None, at=AT, on_commit=None)
    return book


def _no_recall() -> Recall:
    """The questions are for figures: an open one, for which summaries would be searched, has no answer here."""
    raise Trouble("abstained", "There are no summaries.")
