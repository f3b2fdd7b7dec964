"""What the API's answers look like. Money is a decimal text in major units beside its currency; nothing is a float."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.held import record
from ingest.places import SourceLine
from ledger.document import DocumentRecord
from ledger.figures import Citation, Figure
from ledger.money import to_major
from ledger.reading import Entry, Feed, HeldRow


class Paged(BaseModel):
    """Where a list stands: ``next`` is the address of the following page, null on the last."""

    total: int = Field(description="rows of the whole list", examples=[128])
    next: str | None = Field(default=None, examples=["/api/v1/entries?store=Downtown&page=2"])


class CitedFigure(BaseModel):
    """One exact number with the address of its proof. ``value`` is null where there is none (a ratio over zero)."""

    metric: str = Field(examples=["net_sales"])
    side: str = Field(description="value, before, change or change_rate", examples=["value"])
    label: str = Field(examples=["net sales"])
    value: str | None = Field(description="decimal text in major units, percentages as percent", examples=["12345.67"])
    unit: str = Field(description="a currency code, %, points, or what is counted", examples=["USD"])
    citation: str = Field(description="token of the proof", examples=["eNpjYA"])
    url: str = Field(examples=["/citations/eNpjYA"])

    @classmethod
    def of(cls, figure: Figure, citation: Citation) -> CitedFigure:
        token = citation.token()
        return cls(
            metric=figure.metric,
            side=figure.side,
            label=figure.label,
            value=None if figure.value is None else str(figure.value),
            unit=figure.unit,
            citation=token,
            url=f"/citations/{token}",
        )


class Document(BaseModel):
    """A kept source document."""

    id: str = Field(description="SHA-256 of the stored bytes, hex", examples=["9f86d081884c7d65" * 4])
    name: str = Field(examples=["2026-10.csv"])
    media_type: str = Field(examples=["text/csv"])
    size_bytes: int = Field(examples=[184_213])
    masked: int = Field(description="card numbers that were masked before it was stored", examples=[0])
    received_at: datetime
    url: str = Field(description="the page that shows it", examples=["/documents/9f86..."])

    @classmethod
    def of(cls, record: DocumentRecord) -> Document:
        return cls(
            id=record.id,
            name=record.name,
            media_type=record.media_type,
            size_bytes=record.size_bytes,
            masked=record.masked,
            received_at=record.received_at,
            url=f"/documents/{record.id}",
        )


class Documents(Paged):
    documents: list[Document]


class Row(BaseModel):
    row: int = Field(examples=[17])
    cells: list[str] = Field(examples=[["T-1001", "2026-10-03", "Flat white", "3.50"]])


class DocumentLine(BaseModel):
    """A record of a document as it stands there, with its neighbours."""

    document: Document
    row: int = Field(
        description="from 1, the header; of a document without rows, its number among its like", examples=[17]
    )
    header: list[str] = Field(examples=[["ticket", "date", "item", "net"]])
    cells: list[str] = Field(examples=[["T-1001", "2026-10-03", "Flat white", "3.50"]])
    before: list[Row]
    after: list[Row]

    @classmethod
    def of(cls, line: SourceLine) -> DocumentLine:
        return cls(
            document=Document.of(line.document),
            row=line.row,
            header=list(line.header),
            cells=list(line.cells),
            before=[Row(row=number, cells=list(cells)) for number, cells in line.before],
            after=[Row(row=number, cells=list(cells)) for number, cells in line.after],
        )


class Posting(BaseModel):
    account: str = Field(examples=["income:sales"])
    amount: str = Field(description="debit positive, credit negative", examples=["-3.50"])


class JournalEntry(BaseModel):
    """One entry whole. ``ticket``, ``lines`` and their like are the canonical fields as they were posted, money in
    minor units as their names say; ``amount`` of a posting is in major units."""

    model_config = ConfigDict(ser_json_bytes="hex")

    id: str = Field(examples=["12-345"])
    kind: str = Field(description="ticket, event or reversal", examples=["ticket"])
    store: str = Field(examples=["Downtown"])
    business_date: date = Field(description="the date that it is posted on")
    original_business_date: date | None = Field(
        description="of a prior-period entry: the date that it belongs to, whose period was locked"
    )
    currency: str = Field(examples=["USD"])
    source: str = Field(examples=["till"])
    document: str = Field(description="id of the document")
    locator: str | None = Field(description="where it stands in the document", examples=["row 17"])
    recorded_at: datetime
    seal: str = Field(description="SHA-256 of the record, hex")
    ticket: dict[str, Any] | None
    event: dict[str, Any] | None
    lines: list[dict[str, Any]]
    tenders: list[dict[str, Any]]
    taxes: list[dict[str, Any]]
    postings: list[Posting]
    versions: list[str] = Field(description="all versions of the ticket, oldest first", examples=[["12-345"]])
    reverses: str | None
    reversed_by: str | None
    url: str = Field(description="the page that shows it", examples=["/entries/12-345"])

    @classmethod
    def of(cls, entry: Entry) -> JournalEntry:
        happened = entry.ticket or entry.event
        return cls(
            id=reference((entry.seq, entry.n)),
            kind=entry.kind,
            store=entry.store,
            business_date=entry.business_date,
            original_business_date=entry.original_business_date,
            currency=entry.currency,
            source=entry.source,
            document=entry.document,
            locator=happened["locator"] if happened else None,
            recorded_at=entry.recorded_at,
            seal=entry.seal,
            ticket=_plain(entry.ticket),
            event=_plain(entry.event),
            lines=[_plain(row) for row in entry.lines],
            tenders=[_plain(row) for row in entry.tenders],
            taxes=[_plain(row) for row in entry.taxes],
            postings=[
                Posting(account=row["account"], amount=str(to_major(row["amount_minor"], entry.currency)))
                for row in entry.postings
            ],
            versions=[reference(one) for one in entry.versions],
            reverses=reference(entry.reverses) if entry.reverses else None,
            reversed_by=reference(entry.reversed_by) if entry.reversed_by else None,
            url=f"/entries/{reference((entry.seq, entry.n))}",
        )


class Delivery(BaseModel):
    """One delivery: received = posted + duplicates + versions + quarantined + ignored."""

    intake: int = Field(examples=[3])
    document: str = Field(description="id of the document")
    name: str = Field(examples=["2026-10.csv"])
    source: str = Field(examples=["till"])
    at: datetime
    received: int = Field(examples=[1204])
    posted: int = Field(examples=[1200])
    duplicates: int = Field(examples=[0])
    versions: int = Field(examples=[1])
    quarantined: int = Field(examples=[2])
    ignored: int = Field(examples=[1])
    complete: bool = Field(description="false for one that was interrupted: taking its file again completes it")

    @classmethod
    def of(cls, feed: Feed) -> Delivery:
        return cls(**{name: getattr(feed, name) for name in cls.model_fields})


class Feeds(Paged):
    feeds: list[Delivery]


class HeldDifference(BaseModel):
    """A field whose value in what is held is not the posted one; null where there is none. Amounts are in minor units
    as their names say."""

    field: str = Field(examples=["line 1 net_minor"])
    before: str | None = Field(description="the posted value", examples=["900"])
    now: str | None = Field(description="the value of what is held", examples=["1000"])


class HeldRecord(BaseModel):
    """A record that was not posted: why, where it stands, and what a person can do."""

    disposition: str = Field(examples=["quarantined"])
    rule: str = Field(examples=["total-adds-up"])
    reason: str = Field(examples=["the total 12.00 is not net 10.00 + tax 1.00 (difference 1.00)"])
    document: str = Field(description="id of the document")
    locator: str = Field(examples=["row 17"])
    source: str = Field(examples=["till"])
    external_id: str | None = Field(examples=["T-1001"])
    store: str | None = Field(examples=["Downtown"])
    business_date: str | None = Field(examples=["2026-10-03"])
    amount: str | None = Field(description="in the book's currency", examples=["12.00"])
    held_at: datetime | None
    released: bool = Field(description="it, or a version of its ticket, has been posted since")
    accepted: str | None = Field(description="who let it in as a new version of what was posted, and why")
    differences: list[HeldDifference] = Field(
        description="what differs, where it was posted before with other content and no newer time of change"
    )
    differences_more: int = Field(description="fields that differ beside those", examples=[0])
    advice: str = Field(examples=["Mend the mapping, the rule or book.toml, then 'tillproof release BOOK' ..."])

    @classmethod
    def of(cls, held: HeldRow, currency: str) -> HeldRecord:
        return cls(**record(held, currency))


class HeldRecords(Paged):
    held: list[HeldRecord]


def reference(address: tuple[int, int]) -> str:
    """The public reference of an entry: ``reference((12, 345)) == "12-345"``."""
    return f"{address[0]}-{address[1]}"


def _plain(row: dict[str, Any] | None) -> Any:
    """A stored row without its address, digests as hex."""
    if row is None:
        return None
    kept = {name: value for name, value in row.items() if name not in ("seq", "n")}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in kept.items()}
