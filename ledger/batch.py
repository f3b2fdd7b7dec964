"""``SaleBatch``: the canonical POS model, as a few Polars frames with declared schemas.

A connector turns bytes into batches; validation splits a batch; posting rules turn it into entries. A file of a
million rows and a webhook of one ticket take this same path.

Units and signs, everywhere:

- money is ``Int64`` minor units of the ticket's ``currency``; a missing value is null, never zero;
- a quantity is ``Int64`` millionths (``quantity_micro``): exact, three apples are ``3_000_000``;
- a rate is ``Int64`` millionths (``rate_micro``): 8.25 % is ``82_500``;
- instants are UTC; ``utc_offset_minutes`` gives the store's wall clock at that instant;
- amounts are signed as the store sees a sale: what is sold is positive, what is taken back is negative (a returned
  line has negative ``quantity_micro``, ``gross_minor``, ``discount_minor``, ``net_minor`` and ``tax_minor``);
- on every line ``gross_minor - discount_minor == net_minor``; ``net_minor`` is without tax, whether the till adds tax
  or includes it;
- a service charge is a line of kind ``service_charge``;
- a payout or settlement moves money that processors hold, and sells nothing: its tenders say which way (a debit is
  positive), come to nothing together, and it has no lines;
- ``total_minor`` of a ticket = net of its lines that are not voided + tax + tip + rounding
  = tenders (``amount_minor - change_minor``, which include the tip).

``ticket`` in every frame is the ticket's number *within the batch* (0, 1, 2 ...), the join key of the frames; a
ticket's identity is ``(source, external_id)``. ``locator`` says where in its document a row stands: ``row 17``
(the header is row 1), or ``FILE row 17`` in a set of files, or a JSON pointer, or an XPath.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

UTC_INSTANT = pl.Datetime("us", "UTC")

SALE, RETURN, EXCHANGE = "sale", "return", "exchange"
VOID_BEFORE_TENDER, VOID_AFTER_TENDER = "void_before_tender", "void_after_tender"
PAYOUT, SETTLEMENT = "payout", "settlement"
SETTLEMENT_KINDS = (PAYOUT, SETTLEMENT)
TICKET_KINDS = (SALE, RETURN, EXCHANGE, VOID_BEFORE_TENDER, VOID_AFTER_TENDER, *SETTLEMENT_KINDS)
VOID_KINDS = (VOID_BEFORE_TENDER, VOID_AFTER_TENDER)

LINE_KINDS = ("item", "gift_card", "deposit", "fee", "donation", "service_charge", "adjustment", "account_payment")
DISCOUNT_KINDS = ("discount", "comp")
EVENT_KINDS = ("open", "close", "count", "no_sale", "paid_in", "paid_out", "tips_paid_out")

TICKETS = pl.Schema(
    {
        "ticket": pl.Int64(),
        "source": pl.String(),
        "external_id": pl.String(),
        "version_stamp": UTC_INSTANT,
        "store": pl.String(),
        "register": pl.String(),
        "sequence": pl.Int64(),
        "business_date": pl.Date(),
        "opened_at": UTC_INSTANT,
        "closed_at": UTC_INSTANT,
        "utc_offset_minutes": pl.Int32(),
        "kind": pl.String(),
        "original_external_id": pl.String(),
        "receipt_present": pl.Boolean(),
        "cashier": pl.String(),
        "approver": pl.String(),
        "customer": pl.String(),
        "guests": pl.Int64(),
        "channel": pl.String(),
        "currency": pl.String(),
        "memo": pl.String(),
        "gross_minor": pl.Int64(),
        "discount_minor": pl.Int64(),
        "net_minor": pl.Int64(),
        "tax_minor": pl.Int64(),
        "tip_minor": pl.Int64(),
        "service_charge_minor": pl.Int64(),
        "rounding_minor": pl.Int64(),
        "total_minor": pl.Int64(),
        "document": pl.String(),
        "locator": pl.String(),
        "delivery": pl.String(),
        "received_at": UTC_INSTANT,
    }
)
"""Header of a ticket. The ``*_minor`` columns are the till's own totals (null where the source has none). ``delivery``
is the source's own number of the batch that brought the ticket and ``received_at`` when that was received, where the
source tells them."""

LINES = pl.Schema(
    {
        "ticket": pl.Int64(),
        "number": pl.Int64(),
        "kind": pl.String(),
        "item_id": pl.String(),
        "name": pl.String(),
        "category": pl.String(),
        "quantity_micro": pl.Int64(),
        "list_price_minor": pl.Int64(),
        "unit_price_minor": pl.Int64(),
        "gross_minor": pl.Int64(),
        "discount_minor": pl.Int64(),
        "discount_code": pl.String(),
        "override_reason": pl.String(),
        "voided": pl.Boolean(),
        "net_minor": pl.Int64(),
        "tax_minor": pl.Int64(),
        "cost_minor": pl.Int64(),
        "locator": pl.String(),
        "discount_kind": pl.String(),
    }
)
"""Lines. ``category`` is a path with `` / `` between its steps; ``cost_minor`` is the cost of the whole line,
signed. ``discount_kind`` is ``comp`` where the discount gives the line away for the house's own reasons. An
``account_payment`` is what a customer pays on a house account."""

TENDERS = pl.Schema(
    {
        "ticket": pl.Int64(),
        "number": pl.Int64(),
        "type": pl.String(),
        "brand": pl.String(),
        "amount_minor": pl.Int64(),
        "change_minor": pl.Int64(),
        "tip_minor": pl.Int64(),
        "token": pl.String(),
        "entry_method": pl.String(),
        "authorisation": pl.String(),
        "fee_minor": pl.Int64(),
        "rounding_minor": pl.Int64(),
        "locator": pl.String(),
        "foreign_currency": pl.String(),
        "foreign_amount": pl.String(),
        "exchange_rate": pl.String(),
    }
)
"""Tenders. ``amount_minor`` is what was handed over (negative: handed back), ``change_minor`` what was given back,
>= 0, ``fee_minor`` what the processor keeps of it. What was handed over in another currency is in
``foreign_currency`` and ``foreign_amount``, with the till's ``exchange_rate``, both decimals as the source writes
them; ``amount_minor`` is what the till booked for it."""

TAXES = pl.Schema(
    {
        "ticket": pl.Int64(),
        "number": pl.Int64(),
        "line": pl.Int64(),
        "jurisdiction": pl.String(),
        "rate_micro": pl.Int64(),
        "base_minor": pl.Int64(),
        "amount_minor": pl.Int64(),
        "included": pl.Boolean(),
        "facilitator": pl.Boolean(),
    }
)
"""Taxes of a ticket; ``line`` is null for a tax on the whole ticket. Their sum is the ticket's tax.
``facilitator`` marks what a marketplace collects and remits itself: it is in what the customer paid, and never
owed by the store."""

EVENTS = pl.Schema(
    {
        "source": pl.String(),
        "external_id": pl.String(),
        "version_stamp": UTC_INSTANT,
        "store": pl.String(),
        "register": pl.String(),
        "cashier": pl.String(),
        "business_date": pl.Date(),
        "at": UTC_INSTANT,
        "utc_offset_minutes": pl.Int32(),
        "kind": pl.String(),
        "currency": pl.String(),
        "opening_float_minor": pl.Int64(),
        "cash_in_minor": pl.Int64(),
        "cash_out_minor": pl.Int64(),
        "expected_minor": pl.Int64(),
        "counted_minor": pl.Int64(),
        "deposited_minor": pl.Int64(),
        "no_sales": pl.Int64(),
        "document": pl.String(),
        "locator": pl.String(),
        "delivery": pl.String(),
    }
)
"""Till events: opening, closing, counts, no-sales, money paid in or out of a drawer."""


DECIDED = "decided-by-a-person"
"""The rule of the record that says what a person decided about something held: an ignored record of the same source
and number. From then on it is held no more."""


@dataclass(frozen=True)
class Held:
    """One record that was not posted: quarantined (a person must look) or ignored (by a rule that says why).

    ``rule`` is the id of the rule, ``reason`` a sentence with the values, ``locator`` the place in the document.
    Store, date and amount are what could be read, for showing money at risk.
    """

    disposition: str  # "quarantined" | "ignored"; "accepted" is the record of ledger.conflicts
    rule: str
    reason: str
    document: str
    locator: str
    source: str
    external_id: str | None = None
    store: str | None = None
    business_date: str | None = None
    amount_minor: int | None = None


@dataclass(frozen=True)
class SaleBatch:
    """Some tickets of one document with all that belongs to them, and what was already held while reading them.

    ``held`` are records that never became tickets (a malformed row); ``records`` is the number of records that the
    batch accounts for: tickets + events + held.
    """

    tickets: pl.DataFrame
    lines: pl.DataFrame
    tenders: pl.DataFrame
    taxes: pl.DataFrame
    events: pl.DataFrame
    held: tuple[Held, ...] = field(default=())

    @classmethod
    def empty(cls) -> SaleBatch:
        """A batch with nothing in it, every frame with its schema."""
        tickets, lines, tenders, taxes, events = (
            pl.DataFrame(schema=s) for s in (TICKETS, LINES, TENDERS, TAXES, EVENTS)
        )
        return cls(tickets, lines, tenders, taxes, events)

    @classmethod
    def joined(cls, batches: Sequence[SaleBatch]) -> SaleBatch:
        """Several batches as one, their tickets numbered on."""
        if len(batches) == 1:
            return batches[0]
        after = 0
        offsets = []
        for one in batches:
            offsets.append(after)
            after += 0 if one.tickets.is_empty() else int(one.tickets["ticket"].max()) + 1  # type: ignore[arg-type]

        def rows(name: str) -> pl.DataFrame:
            frames: list[pl.DataFrame] = [getattr(one, name) for one in batches]
            filled = [frame for frame in frames if frame.height]
            if not filled:
                return frames[0]
            # In one piece: frames of many small ones cost twice as much in all that follows.
            together = pl.concat(filled, rechunk=True)
            if "ticket" not in together.columns:
                return together
            by = [offset for offset, frame in zip(offsets, frames, strict=True) for _ in range(frame.height)]
            return together.with_columns(together["ticket"] + pl.Series(by, dtype=pl.Int64))

        return cls(
            **{name: rows(name) for name in ("tickets", "lines", "tenders", "taxes", "events")},
            held=tuple(one for batch in batches for one in batch.held),
        )

    @property
    def records(self) -> int:
        return self.tickets.height + self.events.height + len(self.held)

    def checked(self) -> SaleBatch:
        """The same batch, after asserting that every frame has exactly its schema: columns, order and types."""
        for name, schema in (
            ("tickets", TICKETS),
            ("lines", LINES),
            ("tenders", TENDERS),
            ("taxes", TAXES),
            ("events", EVENTS),
        ):
            frame: pl.DataFrame = getattr(self, name)
            same = frame.columns == schema.names() and frame.dtypes == schema.dtypes()  # half of what schemas take
            assert same, f"{name}: {frame.schema} is not the declared schema"
        return self

    def keep(self, tickets: pl.Series) -> SaleBatch:
        """Only the tickets whose batch numbers are given (events and held stay)."""
        wanted = tickets.implode()
        return replace(
            self,
            tickets=self.tickets.filter(pl.col("ticket").is_in(wanted)),
            lines=self.lines.filter(pl.col("ticket").is_in(wanted)),
            tenders=self.tenders.filter(pl.col("ticket").is_in(wanted)),
            taxes=self.taxes.filter(pl.col("ticket").is_in(wanted)),
        )
