"""What belongs to the business: ``book.toml`` and the answers in ``names.toml``, read here and nowhere else.

Everything has a default but the name and the currency. Names under ``[stores]`` close their list: once a store is
listed, a ticket of an unlisted store is held until it is listed too, never guessed. A tender without a known type is
always held; ``[names] hold`` does the same for new categories and taxes, and for stores before one is listed.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ledger import names
from ledger.errors import NotABook, SettingsError
from ledger.fiscal import FiscalCalendar
from ledger.money import decimals

FILE = "book.toml"

_SPARK_MASTER = re.compile(
    r"local\[(\d+|\*)\]|local-cluster\[\d+,\d+,\d+\]|spark://[\w.-]+:\d+(,[\w.-]+:\d+)*", re.ASCII
)


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Store(_Section):
    """A place that sells. ``cut_off`` is the wall-clock time at which its business date begins."""

    time_zone: str | None = None
    cut_off: time | None = None
    region: str | None = None
    owner: str | None = None
    aliases: tuple[str, ...] = ()
    approval_limit: Decimal | None = Field(default=None, gt=0, description="money back from here on needs approval")

    def approval_limit_minor(self, currency: str) -> int | None:
        """The approval limit in minor units; None where the store has none."""
        return None if self.approval_limit is None else int(self.approval_limit.scaleb(decimals(currency)))

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return None if value is None else _zone(value)


class Rule(_Section):
    """How the book tunes a validation rule that is shipped, or adds one of its own (``expression`` and
    ``sentence``)."""

    enabled: bool = True
    severity: Literal["quarantine", "ignore", "warn"] | None = None
    expression: str | None = None
    sentence: str | None = None
    parameters: dict[str, int | float | str] = Field(default_factory=dict)


class Business(_Section):
    """The ``[book]`` table."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    name: str = Field(min_length=1, max_length=120)
    currency: str
    time_zone: str = "UTC"
    cut_off: time = time(0, 0)
    locale: str = "en_US"
    week_starts: Literal["monday", "sunday", "saturday"] = "monday"
    fiscal_year_starts: int = Field(default=1, ge=1, le=12)

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        try:
            decimals(value)
        except SettingsError as error:
            raise ValueError(str(error)) from None  # so that the error names the key
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return _zone(value)


class Fiscal(_Section):
    """The ``[fiscal]`` table: when the business's fiscal years start, and what they are divided into.

    ``starts`` is month and day. Without ``weeks`` a year has twelve months; with it, twelve periods of whole weeks, and
    it starts on the ``weekday`` nearest to that date or the last one not after it (``rule``). ``named_after`` is the
    calendar year that a fiscal year is called by; where it is not set, the one that it ends in, but the one that it
    starts in where it starts in January or February, as retailers call theirs.
    """

    starts: str = Field(pattern=r"^\d{2}-\d{2}$")
    weeks: Literal["4-4-5", "4-5-4", "5-4-4"] | None = None
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = None
    rule: Literal["nearest", "last"] | None = None
    named_after: Literal["start", "end"] | None = None

    @field_validator("starts")
    @classmethod
    def _a_date(cls, value: str) -> str:
        try:
            date.fromisoformat(f"2001-{value}")  # not a leap year: the 29th of February is no start
        except ValueError:
            raise ValueError(f"{value!r} is not a month and day of every year, such as 07-01") from None
        return value

    @model_validator(mode="after")
    def _only_weeks_have_a_rule(self) -> Fiscal:
        if self.weeks is None and (self.weekday is not None or self.rule is not None):
            raise ValueError("weekday and rule are for a calendar of weeks: set weeks, too, or leave them out")
        return self

    @property
    def calendar(self) -> FiscalCalendar:
        """The calendar that the table describes."""
        month, day = (int(part) for part in self.starts.split("-"))
        return FiscalCalendar(
            month=month,
            day=day,
            weeks=self.weeks,
            weekday=self.weekday or "sunday",
            rule=self.rule or "nearest",
            named_after=self.named_after or ("start" if month <= 2 else "end"),
        )


class TruthSettings(_Section):
    """The ``[truth]`` table: nothing for SQLite beside the book, a ``url`` for PostgreSQL.

    ``url`` is such as ``postgresql://user@host/database``. The password belongs in ``~/.pgpass`` or ``PGPASSWORD``: a
    book's folder is copied and shared.
    """

    url: str | None = None
    isolation: Literal["read committed", "serializable"] = "read committed"

    @field_validator("url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        return None if value is None else _postgresql_url(value)


class FiguresSettings(_Section):
    """The ``[figures]`` table: the engine that the figures' copy sits in, DuckDB in the book's folder by default.

    ``url`` is the database for PostgreSQL, without a password as that of the truth; for Spark it is the master,
    ``local[2]`` where there is none.
    """

    engine: Literal["duckdb", "postgresql", "spark"] = "duckdb"
    url: str | None = None

    @model_validator(mode="after")
    def _url_of_the_engine(self) -> FiguresSettings:
        if self.engine == "duckdb" and self.url is not None:
            raise ValueError("DuckDB is a file in the book's folder and has no url; set engine, too, or leave it out")
        if self.engine == "postgresql":
            if self.url is None:
                raise ValueError("PostgreSQL needs a url, such as postgresql://user@host/database")
            _postgresql_url(self.url)
        if self.engine == "spark" and self.url is not None and not _SPARK_MASTER.fullmatch(self.url):
            raise ValueError("the url must be a master of Spark, such as local[2] or spark://host:7077")
        return self


_OurAccount = Annotated[str, Field(pattern=r"^(assets|liabilities|equity|income|expenses)(:[a-z0-9][a-z0-9-]*)+$")]
_TheirAccount = Annotated[str, Field(min_length=1, max_length=200)]


class PeerSettings(_Section):
    """What another accounting system calls our accounts: ``[exports.FORMAT.accounts]``."""

    accounts: dict[_OurAccount, _TheirAccount] = Field(default_factory=dict)


class XeroSettings(PeerSettings):
    """``[exports.xero]``. ``tax_rate`` is the name of a rate in Xero that computes no tax; it differs by country."""

    tax_rate: str = Field(default="Tax Exempt", min_length=1, max_length=50)
    tracking: str = Field(default="Store", min_length=1, max_length=100)


class Exports(_Section):
    """``[exports]``: our accounts' names in other systems; ``accounts`` for all accounting packages, a table a format
    for one. The plain-text formats (beancount, hledger) have a syntax of their own and take only their own."""

    accounts: dict[_OurAccount, _TheirAccount] = Field(default_factory=dict)
    beancount: PeerSettings = PeerSettings()
    hledger: PeerSettings = PeerSettings()
    iif: PeerSettings = PeerSettings()
    quickbooks: PeerSettings = PeerSettings()
    saft: PeerSettings = PeerSettings()
    xero: XeroSettings = XeroSettings()


_Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
_HTTPS = re.compile(r"https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class PullSettings(_Section):
    """``[pull.NAME]``: what is fetched from a vendor's service, from the day ``since`` on.

    ``vendor`` is whose service it is where the name does not say so, ``url`` where it is asked where that is not the
    vendor's own address, ``locations`` are Square's locations or Toast's restaurants. Secrets are read from environment
    variables, which ``token_from`` and ``client_from`` name, and never stand here. Every ``interval_minutes`` is asked
    for what changed since the last time, and for ``overlap_minutes`` before that.
    """

    since: date
    vendor: str | None = Field(default=None, pattern=r"^[a-z]{1,40}$")
    url: str | None = None
    locations: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")], ...] = ()
    token_from: _Variable | None = None
    client_from: _Variable | None = None
    interval_minutes: int = Field(default=5, ge=1, le=1_440)
    overlap_minutes: int = Field(default=10, ge=1, le=44_640)

    @field_validator("url")
    @classmethod
    def _an_origin(cls, value: str | None) -> str | None:
        if value is not None and not _HTTPS.fullmatch(value):  # a token is sent there: never in the clear
            raise ValueError("write it as https://shop.example.com, without a path")
        return value


class FlagRule(_Section):
    """How the book tunes a check or rule that raises flags; ``weight`` is the share of what goes wrong that takes this
    form."""

    enabled: bool = True
    weight: float | None = Field(default=None, gt=0, le=1)
    sentence: str | None = None
    parameters: dict[str, int | float | str] = Field(default_factory=dict)


class Promotion(_Section):
    """The dates between which a discount code may be used, both included; in all stores or some."""

    first: date
    last: date
    stores: tuple[str, ...] = ()


class FlagSettings(_Section):
    """The ``[flags]`` table. Flags are looked for on the last ``days`` business dates; ``closed`` are dates on which no
    store trades; ``promotions`` are by discount code; ``roles`` put cashiers among their like."""

    days: int = Field(default=400, ge=7, le=4_000)
    closed: tuple[date, ...] = ()
    promotions: dict[str, Promotion] = Field(default_factory=dict)
    roles: dict[str, str] = Field(default_factory=dict)
    rules: dict[str, FlagRule] = Field(default_factory=dict)


class Reviewer(_Section):
    """Somebody who works cases: what the tills call him, and the stores that he runs. He works no case about either."""

    cashiers: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()


class CasesSettings(_Section):
    """``[cases]``: how many cases a day are queued for review, how many days make the window of a case, who works
    them (anybody, until one is listed), and whom the digest is from and to."""

    a_day: int = Field(default=20, ge=1, le=1000)
    window_days: int = Field(default=28, ge=1, le=366)
    reviewers: dict[str, Reviewer] = Field(default_factory=dict)
    digest_from: str | None = Field(default=None, pattern=r"^[^\s@]+@[^\s@]+$")
    digest_to: tuple[Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$")], ...] = ()


FeesFrom = Literal["tickets", "payouts"]
_Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/\s]+={0,2}\s*$", max_length=20_000)]


class SourceSettings(_Section):
    """``[sources.NAME]``: ``tickets`` says which of a vendor's records become tickets where it offers several, ``fees``
    whether what the processor keeps of a payment comes with its ticket or with the payout.

    ``stores``, ``tenders``, ``categories`` and ``taxes`` say what this source's names mean in the book. ``rates`` are
    the rates in percent at which it charges the tax of a jurisdiction; at another one its ticket is held.

    Of fiscal receipts (RKSV): ``signature_keys`` are certificates or public keys by the number that receipts name,
    ``turnover_keys`` the keys of turnover counters by till, all in base64; ``special_rate`` is the VAT in percent of
    amounts at the special rate, where the time of the receipt does not tell it.
    """

    tickets: str | None = Field(default=None, pattern=r"^[a-z][a-z_-]{0,39}$")
    fees: FeesFrom | None = None
    signature_keys: dict[str, _Base64] = Field(default_factory=dict)
    turnover_keys: dict[str, _Base64] = Field(default_factory=dict)
    special_rate: Decimal | None = Field(default=None, ge=0, lt=100, max_digits=6, decimal_places=4)
    stores: dict[str, str] = Field(default_factory=dict)
    tenders: dict[str, str] = Field(default_factory=dict)
    categories: dict[str, str] = Field(default_factory=dict)
    taxes: dict[str, str] = Field(default_factory=dict)
    rates: dict[str, tuple[Annotated[Decimal, Field(ge=0, max_digits=7, decimal_places=4)], ...]] = Field(
        default_factory=dict
    )


class WatchedFolder(_Section):
    """A folder that is watched: ``path`` is one of this machine, or ``sftp://user@host/path``. ``source`` is the till
    whose files it gets, where they do not tell it; with ``together`` the files that are there at the same time are one
    set."""

    path: str = Field(min_length=1)
    source: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$")
    together: bool = False

    @field_validator("path")
    @classmethod
    def _no_password(cls, value: str) -> str:
        if value.startswith("sftp://") and ":" in value.removeprefix("sftp://").rpartition("@")[0]:
            raise ValueError("the address must not hold the password; put it into TILLPROOF_SFTP_PASSWORD")
        return value


class WatchSettings(_Section):
    """``[watch]``: the folders that are watched. A file is complete when it has not changed for ``quiet_seconds``, or
    with a ``marker`` such as ``.done`` when a file of its name and that ending is beside it."""

    folders: tuple[WatchedFolder, ...] = ()
    quiet_seconds: float = Field(default=5, gt=0, le=3_600)
    every_seconds: float = Field(default=2, gt=0, le=3_600)
    marker: str | None = Field(default=None, pattern=r"^\.[A-Za-z0-9]{1,20}$")


HookEvent = Literal["posted", "held", "flagged", "closed"]


class HookTarget(_Section):
    """``[hooks.out.NAME]``: an address that is told what is committed, and what it is told."""

    url: str
    events: tuple[HookEvent, ...] = ("posted", "held", "flagged", "closed")

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@\\]+(/[^\s#]*)?", value, re.ASCII):
            raise ValueError("write the address as https://hooks.example.com/..., without a name, a password or a #")
        return value


class HooksSettings(_Section):
    """``[hooks]``: who is told what happens, by name."""

    out: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")], HookTarget] = Field(default_factory=dict)


class NamesSettings(_Section):
    """``[names]``: of which kinds a name that the book does not know holds its ticket. Tenders always are such a kind,
    and stores once one is listed."""

    hold: tuple[Literal["stores", "categories", "taxes"], ...] = ()


_NO_SOURCE = SourceSettings()


class PaperSettings(_Section):
    """``[paper]``: how surely a document on paper must be read to post by itself, and whether a Z-report posts a
    summary of its day where the book has no tickets of its store and day from elsewhere."""

    confidence: float = Field(default=0.98, ge=0.5, le=1)
    z_reports: Literal["reconcile", "post"] = "reconcile"


class BookSettings(_Section):
    """``book.toml``, whole.

    ``accounts`` overrides the shipped chart: ``tenders``, ``categories``, ``line_kinds``, ``taxes`` each map a
    name of the till to an account.
    """

    book: Business
    fiscal: Fiscal | None = None
    truth: TruthSettings = TruthSettings()
    figures: FiguresSettings = FiguresSettings()
    stores: dict[str, Store] = Field(default_factory=dict)
    tenders: dict[str, str] = Field(default_factory=dict, description="tender type of the till -> canonical type")
    accounts: dict[str, dict[str, str]] = Field(default_factory=dict)
    pull: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")], PullSettings] = Field(default_factory=dict)
    rules: dict[str, Rule] = Field(default_factory=dict)
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    names: NamesSettings = NamesSettings()
    exports: Exports = Exports()
    flags: FlagSettings = FlagSettings()
    cases: CasesSettings = CasesSettings()
    watch: WatchSettings = WatchSettings()
    hooks: HooksSettings = HooksSettings()
    paper: PaperSettings = PaperSettings()

    @property
    def fiscal_calendar(self) -> FiscalCalendar | None:
        """The fiscal calendar, from ``[fiscal]`` or ``[book] fiscal_year_starts``; None where neither says one."""
        if self.fiscal is not None:
            return self.fiscal.calendar
        month = self.book.fiscal_year_starts
        return None if month == 1 else Fiscal(starts=f"{month:02}-01").calendar

    def tickets_of(self, source: str, usually: str) -> str:
        """Which of a source's records become tickets: ``[sources.NAME] tickets``, or what usually does."""
        return self.source(source).tickets or usually

    def source(self, name: str) -> SourceSettings:
        """What the book says of a source; nothing of one that it does not name."""
        return self.sources.get(name, _NO_SOURCE)

    def store_names(self, source: str) -> dict[str, str]:
        """The book's store for each other name that a source may call it by."""
        aliases = {alias: name for name, store in self.stores.items() for alias in store.aliases}
        return aliases | self.source(source).stores

    def holds_new(self, table: Literal["stores", "categories", "taxes"]) -> bool:
        """Whether a name of a kind that the book does not know holds its ticket."""
        return table in self.names.hold or (table == "stores" and bool(self.stores))

    def fees_of(self, source: str, usually: FeesFrom) -> FeesFrom:
        """Which of a source's documents the fees on payments are posted from: ``[sources.NAME] fees``, or as usual."""
        return self.source(source).fees or usually

    def store(self, name: str) -> Store:
        """Settings of a store by its name; the book's own zone and cut-off where it sets none."""
        found = self.stores.get(name, Store())
        return found.model_copy(
            update={
                "time_zone": found.time_zone or self.book.time_zone,
                "cut_off": found.cut_off if found.cut_off is not None else self.book.cut_off,
            }
        )


def read(folder: Path) -> BookSettings:
    """Read ``book.toml`` in a book's folder, with the names that were answered.

    Raises NotABook when the file is not there and SettingsError, naming table and key, when it says something wrong.
    """
    path = folder / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise NotABook(f"{folder} is not a book: it has no {FILE}; make one with 'tillproof init {folder}'") from None
    try:
        return parse(names.added(tomllib.loads(text.decode("utf-8")), names.read(folder)))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}") from None


def parse(tables: dict[str, Any]) -> BookSettings:
    """Settings from the tables of ``book.toml``; SettingsError names the first wrong key."""
    try:
        return BookSettings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"{FILE}: [{where}] {first['msg']}") from None


def slug(name: str) -> str:
    """An id for a book from its name: ``slug("Maple Street Group") == "maple-street-group"``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:32].strip("-") or "book"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{value!r} is not an IANA time zone such as Europe/Berlin") from None
    return value


def _postgresql_url(value: str) -> str:
    try:
        parts = make_url(value)
    except ArgumentError:
        parts = None
    if parts is None or parts.drivername != "postgresql":
        raise ValueError("the url must begin with postgresql://, such as postgresql://user@host/database")
    if parts.password or "password" in parts.query:
        raise ValueError("the url must not hold the password; put it into ~/.pgpass or PGPASSWORD")
    return value
