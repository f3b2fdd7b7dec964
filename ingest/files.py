"""``Delivery``: the staged files of one intake, read as batches by a mapping: one flat file, or a set joined by
ticket number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from ingest.convert import Converter, Rows
from ingest.mapping import Mapping
from ingest.staging import ROW, TICKET, Malformed, Stage, Staged
from ingest.tidying import called, renamed, told, without_sums
from ledger.accounts import Chart
from ledger.batch import EVENTS, Held, SaleBatch
from ledger.deliveries import AGAIN, again_words
from ledger.document import DocumentRecord
from ledger.errors import MappingError
from ledger.settings import BookSettings

DETAILS = ("lines", "tenders", "taxes")


class Delivery:
    """Files that are staged, with the mapping that reads them. Iterating it again reads them again."""

    def __init__(
        self,
        stage: Stage,
        staged: Sequence[Staged],
        mapping: Mapping,
        settings: BookSettings,
        chart: Chart,
        source: str,
        record: DocumentRecord,
    ) -> None:
        self.stage = stage
        self.mapping, named = called(mapping, [column for one in staged for column in one.columns])
        self.record = record
        self.source = source
        self._named = len(staged) > 1
        self._roles = self._assign([renamed(stage, one, named) for one in staged])
        self._sums = self._without_sums()
        self.mapping = told(stage, list(self._roles.values()), self.mapping)
        self._converter = Converter(self.mapping, settings, chart, source, record.id)

    def batches(self, tickets_per_batch: int) -> Iterator[SaleBatch]:
        """Batches of whole tickets in the order of the file, what could not be read held in the first of them."""
        made = self._flat(tickets_per_batch) if self.mapping.mapping.layout == "flat" else self._set(tickets_per_batch)
        yield from made

    def _assign(self, staged: Sequence[Staged]) -> dict[str, Staged]:
        """Each file's role: by its name in a set; ``tickets`` for a flat one. Lookups are joined to what they
        extend."""
        mapping = self.mapping
        roles: dict[str, Staged] = {}
        of_names = {one.name: mapping.role_of(one.name) for one in staged}
        for one in staged:
            role = of_names[one.name]
            if role is None and mapping.mapping.layout == "flat":
                role = "tickets"
            if role is None:
                taken = [given for given in (*of_names.values(), *roles) if given is not None]
                role = mapping.role_of_columns(one.columns, taken)
            if role is None:
                known = [*(file.name for file in mapping.files.values()), *(x.name for x in mapping.lookups.values())]
                raise MappingError(f"the mapping has no role for {one.name}; it reads {', '.join(known)}")
            if role in roles:
                raise MappingError(
                    f"{roles[role].name} and {one.name} both look like {role}; take them one after the other"
                )
            roles[role] = one
        if "tickets" not in roles:
            raise MappingError(f"the file of tickets ({mapping.files['tickets'].name}) is missing from those given")
        if "lines" in mapping.files and "lines" not in roles:
            raise MappingError(
                f"the file of lines ({mapping.files['lines'].name}) is missing beside {roles['tickets'].name}; give "
                "both in one command"
            )
        for name, lookup in mapping.lookups.items():
            of = "tickets" if mapping.mapping.layout == "flat" else lookup.of
            other = roles.pop(f"lookup:{name}", None)
            if other is None:
                raise MappingError(f"the file of lookup {name} ({lookup.name}) is missing from those given")
            for column, file in ((lookup.column, roles[of]), (lookup.key, other)):
                if column not in file.columns:
                    raise MappingError(f"{file.name} has no column {column!r}, by which lookup {name} is joined")
            roles[of] = self.stage.look_up(roles[of], name, lookup.column, other, lookup.key)
        self._check(roles)
        optional = mapping.mapping.optional
        return {role: self.stage.with_empty(file, optional) if optional else file for role, file in roles.items()}

    def _check(self, roles: dict[str, Staged]) -> None:
        if self.mapping.mapping.layout == "flat":
            flat = roles["tickets"]
            self.mapping.check_columns(flat.columns, ("ticket", "line", "tender", "tax"), flat.name)
            key = self.mapping.mapping.key
            if key is not None and key not in flat.columns:
                raise MappingError(f"{flat.name} has no column {key!r}, the key of [mapping]")
            return
        for role, staged in roles.items():
            # What has no file of its own is in the file of tickets.
            read = [role, *(one for one in DETAILS if role == "tickets" and one not in self.mapping.files)]
            singular = [{"taxes": "tax"}.get(one, one.removesuffix("s")) for one in read]
            self.mapping.check_columns(staged.columns, singular, staged.name)
            key = self.mapping.files[role].key  # type: ignore[index]
            if role != "events" and key not in staged.columns:
                raise MappingError(f"{staged.name} has no column {key!r}, the key of [files.{role}]")

    def _without_sums(self) -> list[Held]:
        """Sets the rows aside that add up the others, each ignored with its place."""
        left: list[Held] = []
        for role, staged in self._roles.items():
            key = self._key if self.mapping.mapping.layout == "flat" else (self.mapping.files[role].key,)  # type: ignore[index]
            if not set(key) <= set(staged.columns):
                continue
            self._roles[role], rows = without_sums(self.stage, staged, key)
            left += [self._left_out(staged, row) for row in rows]
        return left

    @property
    def _key(self) -> tuple[str, ...]:
        """The columns of a flat file whose values make a ticket."""
        given = self.mapping.mapping.key
        return (given,) if given else self.mapping.expressions[self.mapping.ticket["external_id"]].columns

    # --- flat ---------------------------------------------------------------------------------------------------

    def _flat(self, tickets_per_batch: int) -> Iterator[SaleBatch]:
        staged = self._roles["tickets"]
        key = self._key
        held = [*self._malformed(staged), *self._sums]
        if staged.rows == 0 and not held:
            return
        again = self._delivered_again(staged, key)
        if again:
            staged = self.stage.first_delivered(staged, key, self._delivery_column or "")
            held += again
        seen = False
        for rows in self.stage.whole_tickets(staged, key, tickets_per_batch):
            lines = self._rows(rows.rename({TICKET: "ticket"}), staged)
            first = Rows(lines.frame.unique("ticket", keep="first", maintain_order=True), lines.columns)
            yield self._converter.batch(first, lines, lines, lines, None, () if seen else held)
            seen = True
        if not seen:
            yield self._only_held(held)

    # --- set ----------------------------------------------------------------------------------------------------

    def _set(self, tickets_per_batch: int) -> Iterator[SaleBatch]:
        tickets = self._roles["tickets"]
        key = self.mapping.files["tickets"].key
        held = [one for staged in self._roles.values() for one in self._malformed(staged)] + self._sums
        repeated = [
            self._hold(tickets, row, "repeated-ticket", f"ticket {number} stands in {tickets.name} twice", number)
            for row, number in self.stage.repeated(tickets, key)
        ]
        if repeated:
            again = {one.locator: one for one in self._delivered_again(tickets, (key,))}
            held += [again.get(one.locator, one) for one in repeated]
            for role in DETAILS:
                if role in self._roles:
                    child_key = self.mapping.files[role].key  # type: ignore[index]
                    self._roles[role] = self.stage.without_copies(self._roles[role], child_key, tickets, key)
            tickets = self._roles["tickets"] = self.stage.without_repeated(tickets, key)
        details = {role: self._roles[role] for role in DETAILS if role in self._roles}
        for role, staged in details.items():
            child_key = self.mapping.files[role].key  # type: ignore[index]
            self.stage.number_by(tickets, key, staged, child_key)
            held += [
                self._hold(staged, row, "no-such-ticket", f"its ticket {number} is not in {tickets.name}")
                for row, number in self.stage.orphans(staged, child_key)
            ]
        events = self._events()
        seen = False
        for rows in self.stage.whole_tickets(tickets, (key,), tickets_per_batch):
            headers = self._rows(rows.rename({TICKET: "ticket"}), tickets)
            numbers = rows.select(pl.col(ROW).alias("parent_row"), pl.col(TICKET).alias("ticket"))
            first, last = int(rows[ROW].min()), int(rows[ROW].max())  # type: ignore[arg-type]
            parts = {
                role: self._rows(
                    self.stage.details(staged, first, last).join(
                        numbers, on="parent_row", how="inner", maintain_order="left"
                    ),
                    staged,
                )
                for role, staged in details.items()
            }
            of_tickets = {role: headers for role in DETAILS if role not in self.mapping.files}
            given = of_tickets | parts  # what has a file of its own that was not given is not there
            yield self._converter.batch(
                headers,
                given.get("lines"),
                given.get("tenders"),
                given.get("taxes"),
                None if seen else events,
                () if seen else held,
            )
            seen = True
        if not seen and (held or events is not None):
            yield self._only_held(held)

    @property
    def _delivery_column(self) -> str | None:
        """The column that names the delivery of a ticket, where a single one does."""
        given = self.mapping.ticket.get("delivery")
        columns = self.mapping.expressions[given].columns if given is not None else ()
        return columns[0] if len(columns) == 1 else None

    def _delivered_again(self, staged: Staged, key: Sequence[str]) -> list[Held]:
        """What is held of a file that brings tickets once more in a later delivery: see ``ledger.deliveries``."""
        column = self._delivery_column
        if column is None:
            return []
        return [
            self._hold(staged, row, AGAIN, again_words(number, delivery), number)
            for row, number, delivery in self.stage.delivered_again(staged, key, column)
        ]

    def _events(self) -> Rows | None:
        staged = self._roles.get("events")
        if staged is None:
            return None
        frame = self.stage.all_rows(staged)
        return self._rows(frame.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("ticket")), staged)

    # --- what could not be read ---------------------------------------------------------------------------------

    def _rows(self, frame: pl.DataFrame, staged: Staged) -> Rows:
        prefix = f"{staged.name} row " if self._named else "row "
        return Rows(frame.with_columns(pl.format("{}{}", pl.lit(prefix), pl.col(ROW)).alias("locator")), staged.columns)

    def _malformed(self, staged: Staged) -> list[Held]:
        return [self._hold_malformed(staged, one) for one in staged.malformed]

    def _hold_malformed(self, staged: Staged, one: Malformed) -> Held:
        return self._hold(
            staged, one.row, "malformed-row", f"{one.problem}; mend the row in the export and take it again"
        )

    def _hold(self, staged: Staged, row: int, rule: str, problem: str, external_id: str | None = None) -> Held:
        locator = f"{staged.name} row {row}" if self._named else f"row {row}"
        return Held(
            disposition="quarantined",
            rule=rule,
            reason=f"Row {row} of {staged.name} was not read: {problem} ({locator})",
            document=self.record.id,
            locator=locator,
            source=self.source,
            external_id=external_id,
        )

    def _left_out(self, staged: Staged, row: int) -> Held:
        locator = f"{staged.name} row {row}" if self._named else f"row {row}"
        reason = f"Row {row} of {staged.name} was left out: it adds up the other rows ({locator})"
        return Held("ignored", "row-of-sums", reason, self.record.id, locator, self.source)

    def _only_held(self, held: Sequence[Held]) -> SaleBatch:
        empty = SaleBatch.empty()
        return SaleBatch(
            empty.tickets, empty.lines, empty.tenders, empty.taxes, pl.DataFrame(schema=EVENTS), tuple(held)
        )
