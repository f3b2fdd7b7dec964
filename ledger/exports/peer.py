"""``TextFormat``: what a module of a format gives, and ``Peer``: the system that will read one export."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from ledger.errors import SettingsError
from ledger.exports.journal import Part
from ledger.exports.totals import Totals
from ledger.settings import BookSettings, Business, PeerSettings


@dataclass(frozen=True)
class TextFormat:
    """A format of one text file.

    ``body`` gives the text of a part, ``around`` what goes before and after all parts once their totals are known,
    and ``notes`` sentences for the person who will import it. ``account`` names one of our accounts where
    ``book.toml`` does not, ``syntax`` is what every account's name must match. ``general`` formats also take names
    from ``[exports.accounts]``. A format of ``one_currency`` has no place to say which.
    """

    name: str
    suffix: str
    media_type: str
    body: Callable[[Part, Peer], str]
    around: Callable[[Totals, Peer], tuple[str, str]]
    notes: Callable[[Totals, Peer], list[str]]
    account: Callable[[str], str] = str
    syntax: str = r".+"
    general: bool = True
    one_currency: bool = False
    with_balances_before: bool = False
    encoding: str = "utf-8"


@dataclass(frozen=True)
class Peer:
    """The reader of one export: its format, the business, and the accounts' names that ``book.toml`` gives for
    it."""

    format: TextFormat
    business: Business
    settings: PeerSettings
    given: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: BookSettings, format: TextFormat) -> Peer:
        """The reader as ``book.toml`` describes it. SettingsError names an account that the format cannot take."""
        own: PeerSettings = getattr(settings.exports, format.name)
        given = (settings.exports.accounts if format.general else {}) | own.accounts
        for ours, theirs in given.items():
            if not re.fullmatch(format.syntax, theirs):
                raise SettingsError(
                    f"book.toml: [exports.{format.name}.accounts] {ours} = {theirs!r} is not a name that "
                    f"{format.name} takes; write it as {format.account(ours)}"
                )
        return cls(format, settings.book, own, given)

    def account(self, ours: str) -> str:
        """The peer's name of one of our accounts."""
        return self.given.get(ours) or self.format.account(ours)

    def accounts(self, frame: pl.DataFrame) -> pl.Expr:
        """The peer's names of a frame's column ``account``."""
        names = {ours: self.account(ours) for ours in frame["account"].unique().to_list()}
        return pl.col("account").replace_strict(names, default=None, return_dtype=pl.String)
