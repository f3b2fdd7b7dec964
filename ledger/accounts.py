"""The chart of accounts: which account a tender, a line, a tax goes to.

The shipped default is ``chart.toml``; ``book.toml`` overrides it name by name. Nothing unknown is guessed into an
account: ``tender_type`` gives ``None`` for a name that neither knows, and validation holds the ticket.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import Any

from ledger.errors import SettingsError
from ledger.settings import BookSettings

SALES_KINDS = ("item", "fee", "adjustment")
"""Kinds of lines that are sales; the others are liabilities, or service charges, which are a metric of their own."""

BANK = "bank_account"
"""The type of tender that payouts put into the bank."""

_OVERRIDES = ("tenders", "categories", "line_kinds", "taxes", "roles")
_ACCOUNT = re.compile(r"^(assets|liabilities|equity|income|expenses)(:[a-z0-9][a-z0-9-]*)+$")


@dataclass(frozen=True)
class Chart:
    """Accounts by their role (``roles["sales"]``), tender type, line kind, category and tax jurisdiction."""

    roles: dict[str, str]
    tenders: dict[str, str]
    """Canonical tender type -> account."""
    tender_names: dict[str, str]
    """Lower-case name of the till -> canonical tender type."""
    line_kinds: dict[str, str]
    categories: dict[str, str]
    taxes: dict[str, str]
    change_from: frozenset[str]
    """Canonical tender types of which change is given."""

    @classmethod
    def of(cls, settings: BookSettings) -> Chart:
        """The shipped chart with the book's overrides; SettingsError names what does not fit."""
        shipped: dict[str, Any] = tomllib.loads(files("ledger").joinpath("chart.toml").read_text("utf-8"))
        wrong = set(settings.accounts) - set(_OVERRIDES)
        if wrong:
            raise SettingsError(
                f"book.toml: [accounts.{min(wrong)}] is not known; use accounts.{', accounts.'.join(_OVERRIDES)}"
            )
        for table, entries in settings.accounts.items():
            for name, account in entries.items():
                if not is_account(account):
                    raise SettingsError(
                        f"book.toml: [accounts.{table}] {name} = {account!r} is not an account; write it as "
                        "assets:..., liabilities:..., equity:..., income:... or expenses:..., in lower case"
                    )
        given = settings.accounts
        tenders = {kind: str(entry["account"]) for kind, entry in shipped["tenders"].items()} | given.get("tenders", {})
        # A type of the book's own that is collected where cash is, is cash.
        of_change = {tenders[kind] for kind, entry in shipped["tenders"].items() if entry.get("gives_change")}
        names = {name: kind for kind, entry in shipped["tenders"].items() for name in (kind, *entry["names"])}
        names |= {kind: kind for kind in tenders}
        for name, kind in settings.tenders.items():
            if kind not in tenders:
                raise SettingsError(
                    f"book.toml: [tenders] {name} = {kind!r} is not a tender type; "
                    f"use one of {', '.join(sorted(tenders))}, or give {kind!r} an account under [accounts.tenders]"
                )
            names[name.strip().lower()] = kind
        made = cls(
            roles=shipped["accounts"] | given.get("roles", {}),
            tenders=tenders,
            tender_names=names,
            line_kinds=shipped["line_kinds"] | given.get("line_kinds", {}),
            categories=given.get("categories", {}),
            taxes=given.get("taxes", {}),
            change_from=frozenset(kind for kind, account in tenders.items() if account in of_change),
        )
        for source in settings.sources:
            made.of_source(settings, source)  # so that a type that is none is told when the book is opened
        return made

    def of_source(self, settings: BookSettings, source: str) -> Chart:
        """The chart with the names of tenders that a source uses. SettingsError where one means no known type."""
        own = settings.source(source).tenders
        for name, kind in own.items():
            if kind not in self.tenders:
                raise SettingsError(
                    f"book.toml: [sources.{source}.tenders] {name} = {kind!r} is not a tender type; "
                    f"use one of {', '.join(sorted(self.tenders))}, or give {kind!r} an account under "
                    "[accounts.tenders]"
                )
        named = {name.strip().lower(): kind for name, kind in own.items()}
        return replace(self, tender_names=self.tender_names | named) if named else self

    def tender_type(self, name: str) -> str | None:
        """Canonical type of a till's tender name, or None: ``tender_type("Visa") == "card"``."""
        return self.tender_names.get(name.strip().lower())

    def tax_account(self, jurisdiction: str | None) -> str:
        """``tax_account("New York City") == "liabilities:tax:new-york-city"``."""
        if jurisdiction is not None and jurisdiction in self.taxes:
            return self.taxes[jurisdiction]
        return f"{self.roles['tax']}:{account_step(jurisdiction or 'unspecified')}"

    @cached_property
    def revenue_accounts(self) -> frozenset[str]:
        """Accounts that hold sales before discounts and returns."""
        return frozenset({self.roles["sales"], self.line_kinds["fee"], *self.categories.values()})


def is_account(name: str) -> bool:
    """Whether a text is an account's name: ``is_account("assets:clearing:card")``."""
    return _ACCOUNT.match(name) is not None


def account_step(name: str) -> str:
    """A till's name as one step of an account's name: lower case, digits and hyphens.

    Of a name with letters that are not Latin, little or nothing is left in that alphabet; a digest of the name then
    keeps it apart from others: ``account_step("東京都") == "ce76fe65"``.
    """
    step = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    plain = unicodedata.normalize("NFKC", name.strip())
    if not plain:
        return "unspecified"
    latin = all("LATIN" in unicodedata.name(one, "") for one in plain if one.isalpha())
    if step and latin:
        return step
    digest = hashlib.sha256(plain.lower().encode()).hexdigest()[:8]
    return f"{step}-{digest}" if step else digest
