"""What commits put into truth, as frames: read back, several small commits at a time, in order; or, of a commit that
was made here just now, as it was put in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import polars as pl
from sqlalchemy import Connection, Table, and_, select

from ledger import tables as t
from ledger.batch import EVENTS, LINES, TAXES, TENDERS, TICKETS
from ledger.bulk import fetch
from ledger.posting import POSTINGS
from ledger.seals import Link

ENTRIES_PER_READ = 50_000

ADDRESS = {"seq": pl.Int64(), "n": pl.Int64()}


def _schema(schema: pl.Schema, names: tuple[str, ...], *, version: bool = False) -> pl.Schema:
    return pl.Schema(
        {**ADDRESS, **({"version": pl.Binary()} if version else {}), **{name: schema[name] for name in names}}
    )


TICKET_ROWS = _schema(TICKETS, t.STORED_TICKET, version=True)
LINE_ROWS = _schema(LINES, t.STORED_LINE)
TENDER_ROWS = _schema(TENDERS, t.STORED_TENDER)
TAX_ROWS = _schema(TAXES, t.STORED_TAX)
EVENT_ROWS = _schema(EVENTS, t.STORED_EVENT, version=True)
DETAIL_ROWS = (TICKET_ROWS, LINE_ROWS, TENDER_ROWS, TAX_ROWS, EVENT_ROWS)
"""Of the frames of ``Details``, in order."""
POSTING_ROWS = _schema(POSTINGS, ("number", "account", "amount_minor"))
ENTRY_ROWS = pl.Schema(
    {
        **ADDRESS,
        "kind": pl.String(),
        "store": pl.String(),
        "business_date": pl.Date(),
        "currency": pl.String(),
        "seal": pl.Binary(),
        "original_business_date": pl.Date(),
        "reverses_seq": pl.Int64(),
        "reverses_n": pl.Int64(),
    }
)
COMMIT_ROWS = pl.Schema(
    {
        **{
            name: pl.Int64() for name in ("seq", "intake", "recorded_at", "records", "posted", "duplicates", "versions")
        },
        **{name: pl.Int64() for name in ("quarantined", "ignored", "entries")},
        "last": pl.Boolean(),
        **{name: pl.Binary() for name in ("payload", "previous", "hash")},
        "document": pl.String(),
        "source": pl.String(),
    }
)


@dataclass(frozen=True)
class Details:
    """Tickets and till events with all that belongs to them, as frames that each begin with (seq, n)."""

    tickets: pl.DataFrame
    lines: pl.DataFrame
    tenders: pl.DataFrame
    taxes: pl.DataFrame
    events: pl.DataFrame

    @property
    def addresses(self) -> pl.DataFrame:
        """Where they stand: (seq, n) of each."""
        return pl.concat([self.tickets.select("seq", "n"), self.events.select("seq", "n")])


@dataclass(frozen=True)
class Committed(Details):
    """What the commits from ``first`` to ``last`` put into truth, as frames that each begin with (seq, n).

    ``commits`` has a row a commit with its document; ``entries`` names what each entry reverses, if anything. A
    version of a ticket that was superseded has an entry of kind ``reversal`` that points at it; live is what is
    not reversed. ``taken_back`` is what is reversed on a later date than it was posted on, because its own was locked;
    it has the address of the reversal.
    """

    first: int
    last: int
    hash: str
    commits: pl.DataFrame
    entries: pl.DataFrame
    postings: pl.DataFrame
    taken_back: Details


def put_in(link: Link, source: str, entries: pl.DataFrame, postings: pl.DataFrame, given: Details) -> Committed:
    """What a commit has just put in, without reading it back. Only for one that reverses nothing."""
    commit = {name: getattr(link, name) for name in COMMIT_ROWS if name not in ("source", "hash")}
    document = pl.lit(link.document).alias("document")
    nothing = [pl.lit(None, ENTRY_ROWS[name]).alias(name) for name in ("reverses_seq", "reverses_n")]
    return Committed(
        first=link.seq,
        last=link.seq,
        hash=link.hash().hex(),
        commits=pl.DataFrame([commit | {"source": source, "hash": link.hash()}], schema=COMMIT_ROWS),
        entries=entries.with_columns(nothing).select(*ENTRY_ROWS, document),
        tickets=given.tickets.select(*TICKET_ROWS, document),
        lines=given.lines.select(*LINE_ROWS),
        tenders=given.tenders.select(*TENDER_ROWS),
        taxes=given.taxes.select(*TAX_ROWS),
        events=given.events.select(*EVENT_ROWS, document),
        postings=postings.select(*POSTING_ROWS),
        taken_back=Details(*(pl.DataFrame(schema=schema) for schema in DETAIL_ROWS)),
    )


def in_line(parts: Sequence[Committed], seq: int, hash_: str) -> bool:
    """Whether some commits follow one on the other, the first on commit ``seq`` with its hash."""
    for part in parts:
        if part.first != seq + 1 or part.commits["previous"][0].hex() != hash_:
            return False
        seq, hash_ = part.last, part.hash
    return True


def together(parts: Sequence[Committed]) -> Committed:
    """Commits that follow one on the other, as one."""

    def all_of(name: str) -> pl.DataFrame:
        frames: list[pl.DataFrame] = [getattr(one, name) for one in parts]
        return pl.concat(frames)

    back = [one.taken_back for one in parts]
    return Committed(
        first=parts[0].first,
        last=parts[-1].last,
        hash=parts[-1].hash,
        **{name: all_of(name) for name in ("commits", "entries", "postings", *(one.name for one in fields(Details)))},
        taken_back=Details(*(pl.concat([getattr(one, each.name) for one in back]) for each in fields(Details))),
    )


def chunks(connection: Connection, book_id: str, after: int, upto: int) -> Iterator[Committed]:
    """What the commits after ``after`` up to ``upto`` put in, several small ones at a time, in order."""
    counts = connection.execute(
        select(t.commits.c.seq, t.commits.c.entries)
        .where(t.commits.c.book_id == book_id, t.commits.c.seq > after, t.commits.c.seq <= upto)
        .order_by(t.commits.c.seq)
    ).fetchall()
    start = 0
    while start < len(counts):
        end, total = start, 0
        while end < len(counts) and (end == start or total + counts[end][1] <= ENTRIES_PER_READ):
            total += counts[end][1]
            end += 1
        yield _between(connection, book_id, counts[start][0], counts[end - 1][0])
        start = end


def _between(connection: Connection, book_id: str, first: int, last: int) -> Committed:
    def rows(table: Table, schema: pl.Schema, *order: str) -> pl.DataFrame:
        query = (
            select(*(table.c[name] for name in schema))
            .where(table.c.book_id == book_id, table.c.seq >= first, table.c.seq <= last)
            .order_by(*(table.c[name] for name in ("seq", "n", *order)))
        )
        return fetch(connection, query, schema)

    commits = fetch(
        connection,
        select(
            *(t.commits.c[name] for name in COMMIT_ROWS if name not in ("document", "source")),
            t.intakes.c.document,
            t.intakes.c.source,
        )
        .outerjoin(
            t.intakes,
            and_(t.intakes.c.book_id == t.commits.c.book_id, t.intakes.c.number == t.commits.c.intake),
        )
        .where(t.commits.c.book_id == book_id, t.commits.c.seq >= first, t.commits.c.seq <= last)
        .order_by(t.commits.c.seq),
        COMMIT_ROWS,
    )
    entries = fetch(
        connection,
        select(
            *(t.entries.c[name] for name in ENTRY_ROWS if not name.startswith("reverses")),
            t.reversals.c.reverses_seq,
            t.reversals.c.reverses_n,
        )
        .outerjoin(
            t.reversals,
            and_(
                t.reversals.c.book_id == t.entries.c.book_id,
                t.reversals.c.seq == t.entries.c.seq,
                t.reversals.c.n == t.entries.c.n,
            ),
        )
        .where(t.entries.c.book_id == book_id, t.entries.c.seq >= first, t.entries.c.seq <= last)
        .order_by(t.entries.c.seq, t.entries.c.n),
        ENTRY_ROWS,
    )
    document = commits.select("seq", "document")

    def with_document(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(document, on="seq", how="left", maintain_order="left")

    return Committed(
        first=first,
        last=last,
        hash=commits["hash"][-1].hex(),
        commits=commits,
        entries=with_document(entries),
        tickets=with_document(rows(t.tickets, TICKET_ROWS)),
        lines=rows(t.lines, LINE_ROWS, "number"),
        tenders=rows(t.tenders, TENDER_ROWS, "number"),
        taxes=rows(t.taxes, TAX_ROWS, "number"),
        events=with_document(rows(t.events, EVENT_ROWS)),
        postings=rows(t.postings, POSTING_ROWS, "number"),
        taken_back=_taken_back(connection, book_id, entries),
    )


def _taken_back(connection: Connection, book_id: str, entries: pl.DataFrame) -> Details:
    """What reversals on another date than that of the entry which they reverse take back."""
    found: list[Details] = []
    late = entries.filter(pl.col("reverses_seq").is_not_null() & pl.col("original_business_date").is_not_null())
    for row in late.iter_rows(named=True):
        reversed_ = (row["reverses_seq"], row["reverses_n"])
        day = connection.execute(
            select(t.entries.c.business_date).where(
                t.entries.c.book_id == book_id, t.entries.c.seq == reversed_[0], t.entries.c.n == reversed_[1]
            )
        ).scalar_one()
        if day != str(row["business_date"]):
            here = [pl.lit(row[name], pl.Int64).alias(name) for name in ADDRESS]
            frames = details(connection, book_id, *reversed_)
            found.append(Details(*(getattr(frames, each.name).with_columns(here) for each in fields(Details))))
    return Details(
        *(
            pl.concat([pl.DataFrame(schema=schema), *(getattr(one, each.name) for one in found)])
            for each, schema in zip(fields(Details), DETAIL_ROWS, strict=True)
        )
    )


def details(connection: Connection, book_id: str, seq: int, n: int) -> Details:
    """The ticket or the event at an address."""

    def at(table: Table, schema: pl.Schema, *order: str) -> pl.DataFrame:
        query = (
            select(*(table.c[name] for name in schema))
            .where(table.c.book_id == book_id, table.c.seq == seq, table.c.n == n)
            .order_by(*(table.c[name] for name in order))
        )
        return fetch(connection, query, schema)

    return Details(
        at(t.tickets, TICKET_ROWS),
        at(t.lines, LINE_ROWS, "number"),
        at(t.tenders, TENDER_ROWS, "number"),
        at(t.taxes, TAX_ROWS, "number"),
        at(t.events, EVENT_ROWS),
    )
