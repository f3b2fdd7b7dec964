"""A general ledger in the shape of the OECD's Standard Audit File for Tax 2.0: header, chart of accounts with
opening and closing balances, and GeneralLedgerEntries with their control totals.

Source: OECD, "Guidance for the Standard Audit File - Tax, Version 2.0", appendix B. Tax administrations each have a
schema of their own (Norway, Portugal, Poland ...) that wants more than a book of tills knows, such as a company's
registration number and standard tax codes: this is the common shape, not a filing.

There is no clock here: AuditFileDateCreated is the last business date of the export, so that the same content gives
the same bytes.
"""

from __future__ import annotations

from html import escape

import polars as pl

from ledger.exports.journal import Part
from ledger.exports.peer import Peer, TextFormat
from ledger.exports.texts import amount_texts, joined, plain
from ledger.exports.totals import Totals
from ledger.money import to_major

NAMESPACE = "urn:OECD:StandardAuditFile-Taxation/2.00"
JOURNAL = "POS"


def body(part: Part, peer: Peer) -> str:
    """One Transaction an entry, one Line a posting, the store as the line's analysis."""
    size = part.postings.with_columns(pl.col("amount_minor").abs())
    lines = part.postings.with_columns(
        amount_texts(size),
        _escaped(peer.accounts(part.postings)).alias("theirs"),
        (pl.int_range(pl.len()).over("entry") + 1).alias("record"),
        pl.when(pl.col("amount_minor") > 0).then(pl.lit("Debit")).otherwise(pl.lit("Credit")).alias("side"),
    ).join(part.entries.select("entry", "id", "store", "title", "ticket"), on="entry", maintain_order="left")
    rows = lines.select(
        "entry",
        pl.concat_str(
            pl.format("<Line><RecordID>{}</RecordID><AccountID>{}</AccountID>", pl.col("record"), pl.col("theirs")),
            pl.format(
                "<Analysis><AnalysisType>Store</AnalysisType><AnalysisID>{}</AnalysisID></Analysis>", _text("store")
            ),
            pl.format("<SourceDocumentID>{}</SourceDocumentID>", _text("ticket")).fill_null(""),
            pl.format("<Description>{}</Description>", _text("title")),
            pl.format(
                "<{}Amount><Amount>{}</Amount></{}Amount></Line>\n", pl.col("side"), pl.col("amount"), pl.col("side")
            ),
        ).alias("rows"),
    )
    day = pl.col("business_date")
    description = pl.concat_str(pl.col("title"), (" - " + pl.col("memo")).fill_null(""))
    texts = part.entries.join(joined(rows, "rows"), on="entry", how="left", maintain_order="left").select(
        pl.concat_str(
            pl.format(
                "<Transaction><TransactionID>{}</TransactionID><Period>{}</Period><PeriodYear>{}</PeriodYear>",
                pl.col("id"),
                day.dt.month(),
                day.dt.year(),
            ),
            pl.format("<TransactionDate>{}</TransactionDate>", day),
            pl.format("<SourceID>{}</SourceID>", _text("source")).fill_null(""),
            pl.format("<Description>{}</Description>", _escaped(description)),
            pl.format("<SystemEntryDate>{}</SystemEntryDate><GLPostingDate>{}</GLPostingDate>\n", day, day),
            pl.col("rows"),
            pl.lit("</Transaction>\n"),
        ).alias("text")
    )
    return "".join(texts["text"])


def around(totals: Totals, peer: Peer) -> tuple[str, str]:
    """Header, chart of accounts and control totals; and the end tags."""
    currency = totals.currencies[0] if totals.currencies else peer.business.currency

    def major(amount_minor: int) -> str:
        return str(to_major(amount_minor, currency))

    days = (
        f"<SelectionCriteria><SelectionStartDate>{totals.first}</SelectionStartDate>"
        f"<SelectionEndDate>{totals.last}</SelectionEndDate></SelectionCriteria>\n"
        if totals.first
        else ""
    )
    accounts = []
    for name in totals.accounts:
        before = totals.before.get(name, 0)
        after = before + totals.debits.get((name, currency), 0) - totals.credits.get((name, currency), 0)
        accounts.append(
            f"<Account><AccountID>{escape(peer.account(name))}</AccountID>"
            f"<AccountDescription>{escape(name)}</AccountDescription><AccountType>GL</AccountType>"
            f"{_balance('Opening', before, major(abs(before)))}"
            f"{_balance('Closing', after, major(abs(after)))}</Account>\n"
        )
    created = f"<AuditFileDateCreated>{totals.last}</AuditFileDateCreated>" if totals.last else ""
    opening = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{NAMESPACE}">\n'
        f"<Header><AuditFileVersion>2.00</AuditFileVersion>{created}"
        "<SoftwareCompanyName>Tillproof</SoftwareCompanyName><SoftwareID>Tillproof</SoftwareID>\n"
        f"<Company><Name>{escape(peer.business.name)}</Name></Company>"
        f"<DefaultCurrencyCode>{currency}</DefaultCurrencyCode>\n{days}</Header>\n"
        f"<MasterFiles><GeneralLedgerAccounts>\n{''.join(accounts)}</GeneralLedgerAccounts></MasterFiles>\n"
        f"<GeneralLedgerEntries><NumberOfEntries>{totals.entries}</NumberOfEntries>"
        f"<TotalDebit>{major(sum(totals.debits.values()))}</TotalDebit>"
        f"<TotalCredit>{major(sum(totals.credits.values()))}</TotalCredit>\n"
        f"<Journal><JournalID>{JOURNAL}</JournalID><Description>Points of sale</Description><Type>{JOURNAL}</Type>\n"
    )
    return opening, "</Journal></GeneralLedgerEntries>\n</AuditFile>\n"


def _balance(when: str, amount_minor: int, text: str) -> str:
    name = f"{when}{'Credit' if amount_minor < 0 else 'Debit'}Balance"
    return f"<{name}>{text}</{name}>"


def _text(name: str) -> pl.Expr:
    return _escaped(pl.col(name))


def _escaped(text: pl.Expr) -> pl.Expr:
    escaped = plain(text)
    for character, reference in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        escaped = escaped.str.replace_all(character, reference, literal=True)
    return escaped


FORMAT = TextFormat(
    name="saft",
    suffix=".xml",
    media_type="application/xml",
    body=body,
    around=around,
    notes=lambda totals, peer: [],
    syntax=r"[^\x00-\x1f]{1,200}",
    one_currency=True,
    with_balances_before=True,
)
