"""``/exports``: the journal for other accounting systems, and what has changed since it was given to them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, BinaryIO, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from assistant.known_on import AsOf, known_on
from assistant.server.api.models import Paged
from assistant.server.errors import API_ERRORS
from assistant.server.paging import Limit, cut
from assistant.server.request import Opened, PageNumber
from ledger.book import Book
from ledger.exports import archive
from ledger.exports.formats import PARQUET, TEXT_FORMATS
from ledger.exports.log import DayChange, Exported, Made
from ledger.exports.store_days import Selection
from ledger.exports.write import export
from ledger.money import to_major

router = APIRouter(prefix="/exports", tags=["exports"])

BYTES_AT_ONCE = 1 << 18
_MIMES = sorted({one.media_type for one in TEXT_FORMATS.values()} | {archive.MEDIA_TYPE})


class Wanted(BaseModel):
    """What to export: everything, without days, stores and currency; as known at the last commit, without ``as_of``.

    Without ``detail``, an entry per store and business date; ``parquet`` is always per ticket, and comes as a ZIP.
    """

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={"examples": [{"format": "xero", "from": "2026-10-01", "to": "2026-10-31"}]},
    )

    format: Literal["beancount", "hledger", "iif", "quickbooks", "xero", "saft", "parquet"]
    detail: Literal["daily", "ticket"] | None = None
    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    stores: tuple[str, ...] = Field(default=(), max_length=1000)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    as_of: AsOf | None = Field(
        default=None, description="a commit's number, a date or a time: what was known then", examples=["2026-10-31"]
    )


class AccountDifference(BaseModel):
    """By how much an account's balance on a store-day changed; debits are positive."""

    account: str = Field(examples=["income:sales"])
    currency: str = Field(examples=["USD"])
    amount: str = Field(examples=["-12.00"])


class ChangedDay(BaseModel):
    """An exported store-day that has changed since."""

    store: str = Field(examples=["Downtown"])
    business_date: date
    entries: int = Field(description="entries that were posted since")
    differences: list[AccountDifference]

    @classmethod
    def of(cls, change: DayChange) -> ChangedDay:
        return cls(
            store=change.store,
            business_date=change.business_date,
            entries=change.entries,
            differences=[
                AccountDifference(
                    account=one.account, currency=one.currency, amount=str(to_major(one.amount_minor, one.currency))
                )
                for one in change.differences
            ],
        )


class ExportRecord(BaseModel):
    """A remembered export. No ``from`` means from the beginning, no ``to`` that the book was empty; no stores means all
    of them, no currency all of them."""

    number: int = Field(examples=[3])
    at: datetime
    format: str = Field(examples=["xero"])
    detail: str = Field(examples=["daily"])
    first: date | None = Field(serialization_alias="from")
    last: date | None = Field(serialization_alias="to")
    stores: list[str]
    currency: str | None
    as_of: int = Field(description="the commit that it was made at")
    entries: int
    sha256: str
    changes: list[ChangedDay]

    @classmethod
    def of(cls, one: Exported) -> ExportRecord:
        same = ("number", "at", "format", "detail", "first", "last", "currency", "entries", "sha256")
        return cls(
            **{name: getattr(one, name) for name in same},
            stores=list(one.stores),
            as_of=one.seq,
            changes=[ChangedDay.of(change) for change in one.changes],
        )


class ExportRecords(Paged):
    exports: list[ExportRecord]


@router.get("")
def list_exports(service: Opened, page: PageNumber = 1, limit: Limit = 100) -> ExportRecords:
    """What was exported, the newest first, each with the store-days that have changed since."""
    found = service.book.exports()
    rows, following = cut(found, page, limit, "/api/v1/exports")
    return ExportRecords(total=len(found), next=following, exports=[ExportRecord.of(one) for one in rows])


@router.post(
    "",
    response_class=StreamingResponse,
    responses={
        **API_ERRORS,
        200: {"content": {media: {} for media in _MIMES}, "description": "The file; X-Export-Number names its record."},
    },
)
def make_export(wanted: Wanted, service: Opened) -> StreamingResponse:
    """Write the journal as another system takes it, remember that, and give the file."""
    known = known_on(service.book, wanted.as_of)
    selection = Selection(
        as_of=known.seq if known else service.book.head().seq,
        detail=wanted.detail or ("ticket" if wanted.format == PARQUET else "daily"),
        **{name: getattr(wanted, name) for name in ("first", "last", "stores", "currency")},
    )
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it has sent it
    try:
        made = _written(service.book, wanted.format, selection, file)
        number = service.book.remember_export(made, datetime.now(UTC))
    except BaseException:
        file.close()
        raise
    days = f"-{made.dates[0]}-{made.dates[1]}" if made.dates else ""
    suffix, media_type = _kind(wanted.format)
    name = f"{service.book.id}{days}-{wanted.format}{suffix}"
    return StreamingResponse(
        _pieces(file),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Export-Number": str(number)},
    )


def _written(book: Book, format: str, selection: Selection, file: BinaryIO) -> Made:
    """Write an export to an open file; of several files, as one archive."""
    if format != PARQUET:
        return export(book, format, selection, file)
    with tempfile.TemporaryDirectory(prefix="tillproof-") as folder:
        made = export(book, format, selection, Path(folder))
        archive.pack(map(Path, made.files), file)
    return made


def _kind(format: str) -> tuple[str, str]:
    """Suffix and media type of what is downloaded in a format."""
    if format == PARQUET:
        return ".zip", archive.MEDIA_TYPE
    one = TEXT_FORMATS[format]
    return one.suffix, f"{one.media_type}; charset={one.encoding}"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(BYTES_AT_ONCE):
            yield piece
