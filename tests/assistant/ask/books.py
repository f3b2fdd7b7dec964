"""Books made from real tills' data, and the raw files beside them as DuckDB views that nothing of ours has
touched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from assistant.ask import Asker
from ingest.pipeline import take
from ledger.book import Book
from ledger.figures import Figures
from ledger.settings import Business
from tests.places import DATA

FILES = {
    "completejourney": ("transactions_sample.csv", "products.csv"),
    "supermarket": ("supermarket_sales.csv",),
    "chinook": ("Invoice.csv", "InvoiceLine.csv", "Customer.csv", "Employee.csv", "Track.csv", "Genre.csv"),
}
MAPPINGS = Path(__file__).parents[2] / "mappings"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)

RAW = {
    "completejourney": """
        CREATE VIEW raw AS SELECT t.basket_id AS ticket, 'Store ' || t.store_id AS store,
            'Household ' || t.household_id AS customer, CAST(t.quantity AS DECIMAL(18, 2)) AS quantity,
            CAST(CAST(t.sales_value AS DOUBLE) AS DECIMAL(18, 2)) AS net,
            CAST(t.retail_disc AS DECIMAL(18, 2)) + CAST(t.coupon_disc AS DECIMAL(18, 2))
                + CAST(t.coupon_match_disc AS DECIMAL(18, 2)) AS discount,
            p.department, p.product_category AS category, p.product_type AS item,
            CAST(t.transaction_timestamp AS TIMESTAMP) AS moment, CAST(moment AS DATE) AS day
        FROM read_csv('{folder}/transactions_sample.csv', all_varchar = true) t
        LEFT JOIN read_csv('{folder}/products.csv', all_varchar = true) p USING (product_id)""",
    "supermarket": """
        CREATE VIEW raw AS SELECT "Invoice ID" AS ticket, City AS store, "Customer type" AS customer,
            "Product line" AS category, CAST("Unit price" AS DECIMAL(18, 2)) * CAST(Quantity AS INT) AS net,
            CAST(Quantity AS INT) AS quantity, CAST(CAST("Tax 5%" AS DECIMAL(18, 4)) * 10000 AS BIGINT) AS parts,
            -- half a cent to the even one, in integers: a float is on either side of it
            CAST((parts // 100 + CASE WHEN parts % 100 > 50 OR (parts % 100 = 50 AND (parts // 100) % 2 = 1) THEN 1
                ELSE 0 END) / 100 AS DECIMAL(18, 2)) AS tax, Payment AS payment,
            strptime("Date" || ' ' || "Time", '%m/%d/%Y %H:%M:%S') AS moment, CAST(moment AS
            DATE) AS day
        FROM read_csv('{folder}/supermarket_sales.csv', all_varchar = true)""",
    "chinook": """
        CREATE VIEW raw AS SELECT i.InvoiceId AS ticket, i.BillingCountry AS store,
            c.FirstName || ' ' || c.LastName AS customer, e.FirstName || ' ' || e.LastName AS cashier,
            CAST(l.UnitPrice AS DECIMAL(18, 2)) * CAST(l.Quantity AS INT) AS net, CAST(l.Quantity AS INT) AS quantity,
            t.Name AS item, g.Name AS category, CAST(i.InvoiceDate AS TIMESTAMP) AS moment, CAST(moment AS DATE) AS
            day
        FROM read_csv('{folder}/InvoiceLine.csv', all_varchar = true) l
        JOIN read_csv('{folder}/Invoice.csv', all_varchar = true) i USING (InvoiceId)
        JOIN read_csv('{folder}/Customer.csv', all_varchar = true) c USING (CustomerId)
        JOIN read_csv('{folder}/Employee.csv', all_varchar = true) e ON e.EmployeeId = c.SupportRepId
        JOIN read_csv('{folder}/Track.csv', all_varchar = true) t USING (TrackId)
        JOIN read_csv('{folder}/Genre.csv', all_varchar = true) g USING (GenreId)""",
}


class RealBook:
    """A book of real data, its figures and interpreter, and the raw files in ``raw``, a view of lines."""

    def __init__(self, name: str, folder: Path) -> None:
        assert DATA is not None
        self.name = name
        self.book = Book.create(folder, Business(id=name, name=name, currency="USD"))
        files = [DATA / name / file for file in FILES[name]]
        self.report = take(self.book, files, source="till", mapping=MAPPINGS / f"{name}.toml", at=AT, on_commit=None)
        self.figures = Figures.open(self.book)
        self.figures.catch_up()
        self.asker = Asker(self.book, self.figures, _no_recall)
        self.raw = duckdb.connect()
        self.raw.execute(RAW[name].format(folder=DATA / name))

    def close(self) -> None:
        self.figures.close()
        self.book.close()
        self.raw.close()


def _no_recall() -> None:  # type: ignore[misc]
    raise AssertionError("a question for a figure needs no summaries")
