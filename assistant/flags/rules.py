"""Rules: which checks there are and how they are said, and audit rules as expressions over audit features.

The shipped rules are in ``rules.toml``; ``book.toml`` switches and tunes them under ``[flags.rules.ID]``: ``enabled``,
``weight``, ``sentence``, ``parameters``. An audit rule fires where its expression ``when`` holds
(``ingest.expressions``; money is in major units), as strongly as its ``measure`` is rare among peers.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from assistant.flags.flag import Level
from ingest.expressions import MICRO, parse
from ledger.errors import MappingError, SettingsError
from ledger.money import decimals, to_major
from ledger.settings import BookSettings

FAMILIES = (
    "refunds",
    "voids",
    "drawer",
    "price",
    "gift_cards",
    "tenders",
    "tax",
    "tips",
    "completeness",
    "timing",
    "statistics",
    "unusual",
)
MINOR = "_minor"
_ONE = re.compile(r"(?<![\w.,-])1 (?:tickets|returns|voids|days|hours|minutes|records|numbers|times)\b")
BLUNT, BLUNT_MONEY = 0.25, 0.5
"""How little the strength of a rule tells beside that it fires, from 0 to 1; amounts tell less than surprises."""


@dataclass(frozen=True)
class Rule:
    """A check or rule in force. ``weight`` is the share of what goes wrong on its level that takes this form, from 0 to
    1; ``when`` and ``measure`` are there for audit rules only. ``ratios`` says that the measure is money, ``chance``
    that it is a surprise (see ``Tails``). ``sure`` is how many times likelier, at least, a rule makes it that something
    is wrong, where it seldom fires; ``blunt`` how little its strength tells beside that it fires."""

    id: str
    level: Level
    family: str
    certain: bool
    weight: float
    parameters: Mapping[str, int | float | str]
    when: str | None
    measure: str | None
    ratios: bool
    chance: float
    sure: float | None
    blunt: float
    money: str | None
    look_at: str
    expected: str
    observed: str
    sentence: str


@dataclass(frozen=True)
class Rules:
    """All rules in force by id, and the base rate of each level: the share of its subjects with which something is
    wrong, before anything is known of them."""

    by_id: dict[str, Rule]
    base_rates: dict[Level, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Rule:
        return self.by_id[name]

    def get(self, name: str) -> Rule | None:
        """A rule; None where the book has switched it off."""
        return self.by_id.get(name)

    def weight(self, rule: Rule) -> float:
        """The weight of a rule as a share of all that are in force on its level."""
        return rule.weight / sum(
            one.weight
            for one in self.by_id.values()
            if one.level == rule.level and (one.when or one.family == "unusual")
        )

    def audit(self, level: Level) -> list[Rule]:
        """The audit rules of a level, in their order."""
        return [one for one in self.by_id.values() if one.level == level and one.when is not None]


def rules(settings: BookSettings) -> Rules:
    """The shipped rules as the book tunes them. SettingsError when the book tunes one that there is not, or wrongly."""
    shipped = _shipped()
    tuned = settings.flags.rules
    unknown = set(tuned) - set(shipped["rules"])
    if unknown:
        raise SettingsError(
            f"book.toml: [flags.rules.{min(unknown)}] is no rule; there are {', '.join(sorted(shipped['rules']))}"
        )
    made = {}
    for name, ours in shipped["rules"].items():
        own = tuned.get(name)
        if own is not None and not own.enabled:
            continue
        parameters = dict(ours.get("parameters", {}))
        if own is not None:
            if wrong := set(own.parameters) - set(parameters):
                raise SettingsError(f"book.toml: [flags.rules.{name}] has no parameter {min(wrong)!r}")
            parameters |= own.parameters
        made[name] = Rule(
            id=name,
            level=Level(ours["level"]),
            family=ours["family"],
            certain=bool(ours.get("certain", False)),
            weight=own.weight if own is not None and own.weight is not None else float(ours.get("weight", 0.05)),
            parameters=parameters,
            when=ours.get("when"),
            measure=ours.get("measure"),
            ratios=bool(ours.get("ratios", False)),
            chance=float(ours.get("chance", 0.0)),
            sure=ours.get("sure"),
            blunt=float(ours.get("blunt", BLUNT_MONEY if ours.get("ratios") else BLUNT)),
            money=ours.get("money"),
            look_at=ours.get("look_at", "t"),
            expected=ours["expected"],
            observed=ours["observed"],
            sentence=own.sentence if own is not None and own.sentence is not None else ours["sentence"],
        )
    return Rules(made, {Level(name): float(rate) for name, rate in shipped["base_rates"].items()})


def fired(rule: Rule, frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The rows of a frame of features for which an audit rule holds, with ``measure``, the higher the stranger."""
    assert rule.when is not None
    places = decimals(currency)

    def column(name: str, how: str) -> pl.Expr:
        return _column(frame.schema, rule, places, name, how)

    try:
        holds = parse(rule.when).compile("yes", column, places)
        measure = parse(rule.measure).compile("number", column, places) if rule.measure else pl.lit(MICRO)
    except MappingError as error:
        raise SettingsError(f"rule {rule.id}: {error}") from None
    unit = pl.lit(float(MICRO))
    hit = frame.filter(holds.fill_null(value=False))
    return hit.with_columns((measure.cast(pl.Float64) / unit).fill_null(0.0).alias("measure"))


def _column(schema: pl.Schema, rule: Rule, places: int, name: str, how: str) -> pl.Expr:
    if name in rule.parameters:
        value = rule.parameters[name]
        return pl.lit(str(value)) if how == "text" else pl.lit(int(Decimal(str(value)).scaleb(6)), pl.Int128)
    if f"{name}{MINOR}" in schema:
        amount = pl.col(f"{name}{MINOR}")
        return amount.cast(pl.String) if how == "text" else amount.cast(pl.Int128) * 10 ** (6 - places)
    if name not in schema:
        raise SettingsError(f"rule {rule.id}: there is no feature {name!r} on its level")
    dtype = schema[name]
    if how == "number":
        return (pl.col(name).cast(pl.Float64).fill_nan(None) * MICRO).round(0).cast(pl.Int128)
    if dtype == pl.Boolean:
        return pl.when(pl.col(name)).then(pl.lit("yes")).otherwise(pl.lit("no"))
    return pl.col(name).cast(pl.String)


def said(template: str, values: Mapping[str, Any], rule: Rule, currency: str) -> str:
    """A template of a rule filled with values: money (names that end in ``_minor``, said without it) in major units,
    other numbers shortly; what is not there as 'unknown'. One of a thing is said in the singular."""
    return _ONE.sub(lambda found: found[0][:-1], _Filled(values, rule, currency).vformat(template, (), {}))


class _Filled(string.Formatter):
    def __init__(self, values: Mapping[str, Any], rule: Rule, currency: str) -> None:
        self.given = values
        self.rule = rule
        self.currency = currency

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        name = str(key)
        if self.given.get(f"{name}{MINOR}") is not None:
            return f"{to_major(int(self.given[f'{name}{MINOR}']), self.currency):,} {self.currency}"
        value = self.given.get(name, self.rule.parameters.get(name))
        if value is None:
            return "unknown"
        return _short(value) if isinstance(value, float) else value


def _short(value: float) -> str:
    """A number as precise as one reads it: ``0.072``, ``1.5``, ``18.2``, ``1,204``."""
    if abs(value) < 1:
        return f"{value:.2g}"
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(files("assistant.flags").joinpath("rules.toml").read_text("utf-8"))
