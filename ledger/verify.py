"""``verify``: replay the whole book from truth and name the first record that does not match its seal.

Everything is recomputed from what stands in the tables: content digests, seals, postings' sums, payloads, links,
balances; and the bytes of every document against its name. Memory is bounded: the book is read some commits at a
time.

*Since* a commit, only what came after it is replayed, and the link of that commit is trusted. A balance is a sum from
the book's first day, so that then it can only be checked that on each store-day debits and credits are equal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl
import zstandard
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    or_,
    select,
    type_coerce,
)

from ledger import encoding, reading
from ledger import tables as t
from ledger.batch import Held
from ledger.bulk import fetch
from ledger.committed import Committed, chunks
from ledger.damage import unreadable
from ledger.document import BUNDLE, bundled
from ledger.errors import BookDamaged
from ledger.periods import Periods
from ledger.seals import GENESIS, NO_INTAKE, CaseRow, Link, case_payload, entry_seals, payload, period_payload

PROBLEMS_MAX = 20
KEY = ("seq", "n")
LINKED = tuple(each.name for each in fields(Link) if each.name not in ("book_id", "previous"))
_DOCUMENT_ID = re.compile("[0-9a-f]{64}")
NOTES = (t.periods, t.case_events)
"""The tables whose rows are commits that post nothing."""
BALANCE_KEY = ("account", "currency", "store", "business_date")


@dataclass(frozen=True)
class Verification:
    """What a replay found: how much was checked, and a sentence for each problem (the first ``PROBLEMS_MAX``).

    ``since`` is the commit after which it began, whose link was trusted; 0 for the whole book.
    """

    commits: int
    entries: int
    documents: int
    problems: tuple[str, ...]
    since: int = 0

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(connection: Connection, book_id: str, document_path: Callable[[str], Path], since: int = 0) -> Verification:
    """Replay the book, or what came after its commit ``since``, over a connection; ``document_path`` says where the
    bytes of a document are kept."""
    try:
        return _replay(connection, book_id, document_path, since)
    except BookDamaged:  # the file itself cannot be read, and says so
        raise
    except Exception:  # a driver's, a frame's or a calendar's, whichever meets the damage first
        problems = unreadable(connection, book_id)
        if not problems:
            raise
        return Verification(0, 0, 0, tuple(problems[:PROBLEMS_MAX]), since)


def _replay(connection: Connection, book_id: str, document_path: Callable[[str], Path], since: int) -> Verification:
    problems = _check_shape(connection, book_id, since)
    if problems:  # what cannot be read as it was written cannot be replayed
        return Verification(0, 0, 0, tuple(problems[:PROBLEMS_MAX]), since)
    head = connection.execute(
        select(t.book_head.c.seq, t.book_head.c.hash).where(t.book_head.c.book_id == book_id)
    ).first()
    upto = head[0] if head else 0
    trusted = connection.execute(
        select(t.commits.c.hash, t.commits.c.recorded_at).where(
            t.commits.c.book_id == book_id, t.commits.c.seq == since
        )
    ).first()
    if trusted is None and since:
        return Verification(0, 0, 0, (f"commit {since}: missing, so that nothing can be checked since then",), since)
    previous, expected_seq, entries = trusted[0] if trusted else GENESIS, since + 1, 0
    sums = pl.DataFrame(schema={**dict.fromkeys(BALANCE_KEY, pl.String), "amount_minor": pl.Int64})
    periods = reading.periods(connection, book_id)
    for chunk in chunks(connection, book_id, since, upto):
        digests = _digests(chunk, problems)
        _check_entries(chunk, digests, _reversed_versions(connection, book_id, chunk, digests), problems)
        _check_dates(chunk, periods, problems)
        previous, expected_seq = _check_links(connection, book_id, chunk, previous, expected_seq, problems)
        sums = _add(sums, chunk)
        entries += chunk.entries.height
    if expected_seq != upto + 1:
        problems.append(f"commit {expected_seq}: missing, though the head of the book is commit {upto}")
    elif head and head[1] != previous:
        problems.append(f"head of the book: its hash is not that of commit {upto}")
    _check_strays(connection, book_id, since, upto, problems)
    if trusted:
        _check_equal_sides(connection, book_id, problems)
    else:
        _check_balances(connection, book_id, sums, problems)
    documents = _check_documents(connection, book_id, document_path, trusted[1] if trusted else None, problems)
    return Verification(max(upto - since, 0), entries, documents, tuple(problems[:PROBLEMS_MAX]), since)


def _check_shape(connection: Connection, book_id: str, since: int) -> list[str]:
    """Values of a kind that no book writes (SQLite keeps whatever it is given), and deliveries or documents that
    entries came from and that are not there."""
    problems = []
    if connection.dialect.name == "sqlite":
        for table in t.metadata.sorted_tables:
            wrong = _of_wrong_kind(table)
            if since and "seq" in table.c:
                wrong &= table.c.seq > since
            row = connection.execute(
                select(*table.primary_key.columns).where(table.c.book_id == book_id, wrong).limit(1)
            )
            found = row.first()
            if found is not None:
                problems.append(
                    f"{table.name} at {'-'.join(map(str, found[1:]))}: a value is of a kind that was never written"
                )
    intakes = select(t.intakes.c.number).where(t.intakes.c.book_id == book_id)
    orphan = connection.execute(
        select(t.commits.c.seq)
        .where(t.commits.c.book_id == book_id, t.commits.c.intake != NO_INTAKE, t.commits.c.intake.not_in(intakes))
        .limit(1)
    ).first()
    if orphan is not None:
        problems.append(f"commit {orphan[0]}: its delivery is missing")
    recorded = select(t.documents.c.id).where(t.documents.c.book_id == book_id)
    unknown = connection.execute(
        select(t.intakes.c.number, t.intakes.c.document)
        .where(t.intakes.c.book_id == book_id, t.intakes.c.document.not_in(recorded))
        .limit(1)
    ).first()
    if unknown is not None:
        problems.append(f"document {unknown[1][:12]}: it is not recorded, though delivery {unknown[0]} is of it")
    return problems


def _of_wrong_kind(table: Table) -> ColumnElement[bool]:
    kinds: list[ColumnElement[bool]] = []
    for column in table.columns:
        kind = (
            "blob" if isinstance(column.type, LargeBinary) else "text" if isinstance(column.type, String) else "integer"
        )
        kinds.append(func.typeof(column).not_in((kind, "null")))
        if isinstance(column.type, Boolean):
            kinds.append(type_coerce(column, Integer).not_in((0, 1)))
        if column.name.endswith("_date"):
            kinds.append(func.date(column).is_distinct_from(column))
    return or_(*kinds)


def _digests(chunk: Committed, problems: list[str]) -> dict[tuple[int, int], bytes]:
    """Content digest of each ticket and event, recomputed; a difference to the stored one is a problem."""
    digests: dict[tuple[int, int], bytes] = {}
    ticket_contents = encoding.contents(chunk.tickets, chunk.lines, chunk.tenders, chunk.taxes, KEY)
    for what, frame, contents in (
        ("ticket", chunk.tickets, ticket_contents),
        ("till event", chunk.events, encoding.event_contents(chunk.events)),
    ):
        rows = frame.select("seq", "n", "version", "external_id").iter_rows()
        for (seq, n, version, external_id), content in zip(rows, contents, strict=True):
            digests[(seq, n)] = encoding.digest(content)
            if digests[(seq, n)] != version:
                problems.append(f"{what} {external_id} (entry {seq}-{n}): its content is not what was sealed")
    return digests


def _reversed_versions(
    connection: Connection, book_id: str, chunk: Committed, digests: dict[tuple[int, int], bytes]
) -> dict[tuple[int, int], bytes]:
    """Digest of what each reversal of a chunk reverses, by the address of the reversal."""
    found = {}
    rows = chunk.entries.filter(pl.col("kind") == "reversal").select("seq", "n", "reverses_seq", "reverses_n")
    for seq, n, of_seq, of_n in rows.iter_rows():
        version = digests.get((of_seq, of_n))
        for table in (t.tickets, t.events):
            if version is None and of_seq is not None:
                version = connection.execute(
                    select(table.c.version).where(table.c.book_id == book_id, table.c.seq == of_seq, table.c.n == of_n)
                ).scalar()
        found[(seq, n)] = version or b""
    return found


def _check_entries(
    chunk: Committed,
    digests: dict[tuple[int, int], bytes],
    reversed_versions: dict[tuple[int, int], bytes],
    problems: list[str],
) -> None:
    codes = encoding.posting_codes(chunk.postings, KEY)
    unbalanced = (
        chunk.postings.group_by(KEY).agg(pl.col("amount_minor").sum()).filter(pl.col("amount_minor") != 0).sort(KEY)
    )
    problems += [f"entry {seq}-{n}: its postings are off by {off}" for seq, n, off in unbalanced.iter_rows()]
    numbered = chunk.postings.group_by(KEY).agg((pl.col("number").sort() == pl.int_range(1, pl.len() + 1)).all())
    problems += [f"entry {seq}-{n}: its postings are misnumbered" for seq, n, ok in numbered.iter_rows() if not ok]
    entries = chunk.entries.join(codes, on=KEY, how="left", maintain_order="left").with_columns(
        pl.col("business_date", "original_business_date").cast(pl.String), pl.col("postings").fill_null("")
    )
    versions = [
        (reversed_versions if kind == "reversal" else digests).get((seq, n), b"")
        for seq, n, kind in entries.select(*KEY, "kind").iter_rows()
    ]
    recomputed = entry_seals(entries.with_columns(pl.Series("version", versions, pl.Binary)))
    rows = entries.select(*KEY, "store", "business_date", "seal").iter_rows()
    for (seq, n, store, business_date, sealed), again in zip(rows, recomputed, strict=True):
        if sealed != again:
            problems.append(f"entry {seq}-{n} ({store}, {business_date}): it is not what was sealed")


def _check_dates(chunk: Committed, periods: Periods, problems: list[str]) -> None:
    """Every entry on the date of its ticket, or moved out of a locked period; none in one."""
    own = pl.concat([chunk.tickets.select(*KEY, "business_date"), chunk.events.select(*KEY, "business_date")])
    belongs = pl.coalesce("original_business_date", "business_date")
    moved = chunk.entries.join(own, on=KEY, suffix="_own").filter(belongs != pl.col("business_date_own"))
    problems += [
        f"entry {seq}-{n}: it is not on the business date of its ticket" for seq, n in moved.select(KEY).iter_rows()
    ]
    if not periods:
        return
    for seq, day in chunk.entries.select("seq", "business_date").unique(maintain_order=True).iter_rows():
        if periods.before(seq).state(day) == "locked":
            problems.append(f"commit {seq}: it posted on {day}, which was locked by then")


def _check_links(
    connection: Connection,
    book_id: str,
    chunk: Committed,
    previous: bytes,
    expected_seq: int,
    problems: list[str],
) -> tuple[bytes, int]:
    tickets = encoding.provenances(chunk.tickets, chunk.lines, chunk.tenders, KEY)
    places = chunk.tickets.select(KEY).rows() + chunk.events.select(KEY).rows()
    provenance_of = dict(zip(places, tickets + encoding.event_provenances(chunk.events), strict=True))
    held = _held_of(connection, book_id, chunk)
    p = t.periods.c
    changes = {
        seq: change
        for seq, *change in connection.execute(
            select(p.seq, p.start_date, p.end_date, p.state, p.by, p.reason).where(
                p.book_id == book_id, p.seq >= chunk.first, p.seq <= chunk.last
            )
        )
    }
    worked = _worked_of(connection, book_id, chunk)
    for commit in chunk.commits.iter_rows(named=True):
        seq = commit["seq"]
        if seq != expected_seq:
            problems.append(f"commit {expected_seq}: missing")
        entries = chunk.entries.filter(pl.col("seq") == seq).select("n", "seal").rows()
        if len(entries) != commit["entries"] or any(n != place for place, (n, _) in enumerate(entries)):
            problems.append(f"commit {seq}: it has other entries than the {commit['entries']} that it sealed")
        notes = (seq in changes) + (seq in worked)
        if notes + bool(entries or held.get(seq)) > 1:
            problems.append(f"commit {seq}: it has rows of several kinds, and a commit is of one")
        if seq in changes:
            recomputed = period_payload(*changes[seq])
        elif seq in worked:
            recomputed = case_payload(worked[seq])
        else:
            recomputed = payload(
                [one for _, one in entries], [provenance_of.get((seq, n), "") for n, _ in entries], held.get(seq, [])
            )
        if recomputed != commit["payload"]:
            problems.append(
                f"commit {seq}: its entries, their places in documents or its holds are not what was sealed"
            )
        linked = {name: commit[name] for name in LINKED}
        link = Link(book_id=book_id, previous=previous, **linked | {"document": commit["document"] or ""})
        if link.hash() != commit["hash"] or commit["previous"] != previous:
            problems.append(f"commit {seq}: its link does not match the chain")
        previous, expected_seq = commit["hash"], seq + 1
    return previous, expected_seq


def _worked_of(connection: Connection, book_id: str, chunk: Committed) -> dict[int, list[CaseRow]]:
    """The events of cases that each commit of a chunk recorded."""
    c = t.case_events.c
    query = (
        select(c.seq, c.n, c.subject, c.number, c.kind, c.by, c.detail)
        .where(c.book_id == book_id, c.seq >= chunk.first, c.seq <= chunk.last)
        .order_by(c.seq, c.n)
    )
    found: dict[int, list[CaseRow]] = {}
    for seq, *values in connection.execute(query):
        found.setdefault(seq, []).append(tuple(values))
    return found


def _held_of(connection: Connection, book_id: str, chunk: Committed) -> dict[int, list[Held]]:
    h = t.holds.c
    names = list(Held.__dataclass_fields__)
    query = (
        select(h.seq, *(h[name] for name in names))
        .where(h.book_id == book_id, h.seq >= chunk.first, h.seq <= chunk.last)
        .order_by(h.seq, h.n)
    )
    found: dict[int, list[Held]] = {}
    for seq, *values in connection.execute(query):
        found.setdefault(seq, []).append(Held(*values))
    return found


def _add(sums: pl.DataFrame, chunk: Committed) -> pl.DataFrame:
    new = chunk.postings.join(chunk.entries, on=KEY).select(
        "account", "currency", "store", pl.col("business_date").cast(pl.String), "amount_minor"
    )
    return pl.concat([sums, new]).group_by(BALANCE_KEY).agg(pl.col("amount_minor").sum())


def _check_strays(connection: Connection, book_id: str, since: int, upto: int, problems: list[str]) -> None:
    """Rows that no commit put there."""
    sealed = (t.entries, t.tickets, t.events, t.lines, t.tenders, t.taxes, t.postings, t.holds, *NOTES, t.commits)
    for table in sealed:
        beyond = connection.execute(
            select(table.c.seq).where(table.c.book_id == book_id, table.c.seq > upto).limit(1)
        ).first()
        if beyond:
            problems.append(f"{table.name}: a row of commit {beyond[0]}, which the chain does not have")
    for table in (t.tickets, t.events, t.lines, t.tenders, t.taxes, t.postings):
        stray = connection.execute(
            select(table.c.seq, table.c.n)
            .where(
                table.c.book_id == book_id,
                table.c.seq > since,
                ~select(t.entries.c.n)
                .where(
                    t.entries.c.book_id == table.c.book_id, t.entries.c.seq == table.c.seq, t.entries.c.n == table.c.n
                )
                .exists(),
            )
            .limit(1)
        ).first()
        if stray:
            problems.append(f"{table.name}: a row at {stray[0]}-{stray[1]}, where there is no entry")


def _check_balances(connection: Connection, book_id: str, sums: pl.DataFrame, problems: list[str]) -> None:
    b = t.balances.c
    schema = pl.Schema({**dict.fromkeys(BALANCE_KEY, pl.String()), "stored": pl.Int64()})
    query = select(b.account, b.currency, b.store, b.business_date, b.amount_minor).where(b.book_id == book_id)
    stored = fetch(connection, query, schema)
    wrong = (
        sums.join(stored, on=BALANCE_KEY, how="full", coalesce=True)
        .with_columns(pl.col("amount_minor", "stored").fill_null(0))
        .filter(pl.col("amount_minor") != pl.col("stored"))
        .sort(BALANCE_KEY)
    )
    for account, _, store, day, amount, kept in wrong.head(PROBLEMS_MAX).iter_rows():
        problems.append(f"balance of {account}, {store}, {day}: {kept} is kept, the postings give {amount}")


def _check_equal_sides(connection: Connection, book_id: str, problems: list[str]) -> None:
    """Balances that do not come to nothing on a store-day, as every entry does."""
    b = t.balances.c
    query = (
        select(b.currency, b.store, b.business_date, func.sum(b.amount_minor))
        .where(b.book_id == book_id)
        .group_by(b.currency, b.store, b.business_date)
        .having(func.sum(b.amount_minor) != 0)
        .order_by(b.business_date, b.store, b.currency)
        .limit(PROBLEMS_MAX)
    )
    for currency, store, day, off in connection.execute(query):
        problems.append(f"balances of {store}, {day}: in {currency} they are off by {off}")


def _check_documents(
    connection: Connection,
    book_id: str,
    document_path: Callable[[str], Path],
    kept_since: int | None,
    problems: list[str],
) -> int:
    """The bytes of every document, or of those that were kept since an instant (in microseconds)."""
    records = reading.documents(connection, book_id)
    recorded = {record.id for record in records}
    if kept_since is not None:
        records = [one for one in records if reading.microseconds(one.received_at) >= kept_since]
    for record in records:
        if not _DOCUMENT_ID.fullmatch(record.id):
            problems.append(f"document {record.name} ({record.id[:12]}): its id is no SHA-256")
            continue
        path = document_path(record.id)
        hashed, size, content = hashlib.sha256(), 0, b""
        try:
            with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
                while part := plain.read(1 << 20):
                    hashed.update(part)
                    size += len(part)
                    content += part if record.media_type == BUNDLE else b""
        except FileNotFoundError:
            problems.append(f"document {record.name} ({record.id[:12]}): its file is missing")
            continue
        except (zstandard.ZstdError, OSError) as error:
            problems.append(f"document {record.name} ({record.id[:12]}): its file cannot be read: {error}")
            continue
        if hashed.hexdigest() != record.id or size != record.size_bytes:
            problems.append(f"document {record.name} ({record.id[:12]}): its bytes are not those that were kept")
        elif record.media_type == BUNDLE:
            problems += [
                f"document {name} ({identity[:12]}): it is not recorded, though {record.name} is of it"
                for name, identity in bundled(content).items()
                if identity not in recorded
            ]
    return len(records)
