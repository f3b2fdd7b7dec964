"""Expressions of a mapping: from a line of text to a Polars expression, exact and safe.

    [Qty] * [Unit Price] - [Discount]        concat([First], ' ', [Last])        if([Type] = 'REFUND', 'return',
    'sale')

A column stands in brackets, a text in quotes. What a column is read as, a text or a number, follows from where it
stands: arithmetic, order (``<``) and comparison with a number want numbers. Numbers are exact: they are held as
whole millionths, and products and quotients are rounded half to even to that. An empty cell is nothing, and
arithmetic with nothing gives nothing.

Functions: ``concat(...)``, ``coalesce(...)`` (the first that is not nothing), ``if(condition, then, else)``,
``round(x)`` (to the currency's decimals, half to even), ``abs(x)``, ``max(a, b)``, ``min(a, b)``, ``upper(x)``,
``lower(x)``, ``trim(x)``, ``contains(x, 'part')``, ``blank(x)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, reduce
from importlib.resources import files
from typing import Any, Literal

import polars as pl
from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from ledger.errors import MappingError

MICRO = 1_000_000
Want = Literal["text", "number", "yes"]

_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_NUMERIC = {"round", "abs", "max", "min"}
_TEXTUAL = {"concat", "upper", "lower", "trim"}
_YES = {"contains", "blank"}


@dataclass(frozen=True)
class Expression:
    """A parsed expression. ``columns`` are the columns that it reads, ``numeric`` those it reads as numbers."""

    source: str
    tree: Tree[Token] | Token

    @property
    def columns(self) -> tuple[str, ...]:
        if isinstance(self.tree, Token):
            return ()
        tokens = self.tree.scan_values(lambda token: isinstance(token, Token) and token.type == "COLUMN")
        return tuple(dict.fromkeys(str(token)[1:-1] for token in tokens))

    def reads(self, want: Want) -> list[tuple[str, Want]]:
        """Columns with how each is read, when the whole is wanted as ``want``."""
        found: list[tuple[str, Want]] = []

        def note(name: str, how: Want) -> pl.Expr:
            found.append((name, how))
            return pl.lit(None)

        _Compiler(note, 0).expr(self.tree, want)
        return found

    def compile(self, want: Want, column: Callable[[str, Want], pl.Expr], decimals: int) -> pl.Expr:
        """The Polars expression; ``column`` gives that of a column as a text or as a number in millionths."""
        return _Compiler(column, decimals).expr(self.tree, want)


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """Parse an expression; MappingError says where it stops making sense."""
    try:
        return Expression(source, _grammar().parse(source))
    except LarkError as error:
        place = getattr(error, "column", None)
        where = f" at character {place}" if isinstance(place, int) and place > 0 else ""
        raise MappingError(
            f"the expression {source!r} cannot be read{where}; write columns as [Name] and texts as 'text'"
        ) from None


def times(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Product of two numbers in millionths, in millionths, half to even."""
    return divide_half_even(left.cast(pl.Int128) * right.cast(pl.Int128), pl.lit(MICRO, pl.Int128))


def divide_half_even(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Whole quotient by a positive number, half to even.

    The numerator stands in the result as few times as can be: expressions nest, and Polars computes each of them.
    """
    whole, rest = numerator // denominator, numerator % denominator  # floored, so the rest is never negative
    return whole + ((rest * 2 + (whole % 2 != 0).cast(pl.Int128)) > denominator).cast(pl.Int128)


def _quotient(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Quotient of two numbers in millionths; nothing where the denominator is zero."""
    sign = pl.when(denominator < 0).then(-1).when(denominator > 0).then(1).cast(pl.Int128)
    return divide_half_even(numerator.cast(pl.Int128) * MICRO * sign, denominator * sign)


def _negative(number: pl.Expr) -> pl.Expr:
    return pl.lit(0, pl.Int128) - number  # Polars has no negation of 128-bit integers


def _absolute(number: pl.Expr) -> pl.Expr:
    return pl.when(number < 0).then(_negative(number)).otherwise(number)


@cache
def _grammar() -> Lark:
    return Lark(files("ingest").joinpath("expressions.lark").read_text("utf-8"), parser="lalr")


class _Compiler:
    def __init__(self, column: Callable[[str, Want], Any], decimals: int) -> None:
        self.column = column
        self.decimals = decimals

    def expr(self, node: Tree[Token] | Token, want: Want) -> pl.Expr:
        assert isinstance(node, Tree)
        made: pl.Expr = getattr(self, f"_{node.data}")(node.children, want)
        return made

    def _column(self, children: list[Any], want: Want) -> pl.Expr:
        read: pl.Expr = self.column(str(children[0])[1:-1], "text" if want == "yes" else want)
        return _is_yes(read) if want == "yes" else read

    def _text(self, children: list[Any], want: Want) -> pl.Expr:
        value = pl.lit(str(children[0])[1:-1])
        if want == "yes":
            return _is_yes(value)
        self._expect(want, "text", children[0])
        return value

    def _number(self, children: list[Any], want: Want) -> pl.Expr:
        if want == "text":
            return pl.lit(str(children[0]))
        self._expect(want, "number", children[0])
        return pl.lit(int(Decimal(str(children[0])).scaleb(6)), pl.Int128)

    def _minus(self, children: list[Any], want: Want) -> pl.Expr:
        self._expect(want, "number", "-")
        return _negative(self.expr(children[0], "number"))

    def _sum(self, children: list[Any], want: Want) -> pl.Expr:
        return self._chain(children, want, {"+": lambda a, b: a + b, "-": lambda a, b: a - b})

    def _product(self, children: list[Any], want: Want) -> pl.Expr:
        return self._chain(children, want, {"*": times, "/": _quotient})

    def _chain(
        self, children: list[Any], want: Want, operators: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]
    ) -> pl.Expr:
        if len(children) == 1:
            return self.expr(children[0], want)
        self._expect(want, "number", children[1])
        made = self.expr(children[0], "number")
        for operator, operand in zip(children[1::2], children[2::2], strict=True):
            made = operators[str(operator)](made, self.expr(operand, "number"))
        return made

    def _comparison(self, children: list[Any], want: Want) -> pl.Expr:
        if len(children) == 1:
            return self.expr(children[0], want)
        self._expect(want, "yes", children[1])
        left, operator, right = children
        ordered = str(operator) not in ("=", "!=")
        kind: Want = "number" if ordered or _is_numeric(left) or _is_numeric(right) else "text"
        return _COMPARE[str(operator)](self.expr(left, kind), self.expr(right, kind)).fill_null(value=False)

    def _both(self, children: list[Any], want: Want) -> pl.Expr:
        return self._logical(children, want, lambda a, b: a & b)

    def _either(self, children: list[Any], want: Want) -> pl.Expr:
        return self._logical(children, want, lambda a, b: a | b)

    def _logical(self, children: list[Any], want: Want, operator: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
        if len(children) == 1:
            return self.expr(children[0], want)
        return reduce(operator, (self.expr(child, "yes") for child in children))

    def _negation(self, children: list[Any], want: Want) -> pl.Expr:
        self._expect(want, "yes", "not")
        return ~self.expr(children[0], "yes")

    def _call(self, children: list[Any], want: Want) -> pl.Expr:
        name, arguments = str(children[0]), [child for child in children[1:] if child is not None]
        counts = {"if": 3, "contains": 2, "max": 2, "min": 2}
        if name not in _NUMERIC | _TEXTUAL | _YES | {"if", "coalesce"}:
            raise MappingError(f"there is no function {name}(); see docs/mapping.md for those there are")
        if not arguments or len(arguments) != counts.get(name, len(arguments) if name in ("concat", "coalesce") else 1):
            raise MappingError(f"{name}() has {len(arguments)} arguments, which is not how many it takes")
        if name in _NUMERIC:
            self._expect(want, "number", name)
            values = [self.expr(argument, "number") for argument in arguments]
            if name == "round":
                step = pl.lit(10 ** (6 - self.decimals), pl.Int128)
                return divide_half_even(values[0], step) * step
            if name == "abs":
                return _absolute(values[0])
            return pl.max_horizontal(values) if name == "max" else pl.min_horizontal(values)
        if name in _TEXTUAL:
            self._expect(want, "text", name)
            texts = [self.expr(argument, "text") for argument in arguments]
            if name == "concat":
                return pl.concat_str([text.fill_null("") for text in texts])
            return {
                "upper": texts[0].str.to_uppercase,
                "lower": texts[0].str.to_lowercase,
                "trim": texts[0].str.strip_chars,
            }[name]()
        if name in _YES:
            self._expect(want, "yes", name)
            text = self.expr(arguments[0], "text")
            if name == "blank":
                return text.is_null()
            return text.str.contains(self.expr(arguments[1], "text"), literal=True).fill_null(value=False)
        if name == "coalesce":
            return pl.coalesce([self.expr(argument, want) for argument in arguments])
        condition, then, otherwise = arguments
        return pl.when(self.expr(condition, "yes")).then(self.expr(then, want)).otherwise(self.expr(otherwise, want))

    @staticmethod
    def _expect(want: Want, given: Want, what: object) -> None:
        if want != given:
            names = {"text": "a text", "number": "a number", "yes": "a condition"}
            raise MappingError(f"{str(what)!r} gives {names[given]} where {names[want]} is wanted")


def _is_numeric(node: Any) -> bool:
    """Whether a side of a comparison can only be a number."""
    if not isinstance(node, Tree):
        return False
    if node.data in ("number", "minus"):
        return True
    if node.data in ("sum", "product") and len(node.children) > 1:
        return True
    if node.data == "call":
        return str(node.children[0]) in _NUMERIC
    return len(node.children) == 1 and _is_numeric(node.children[0])


def _is_yes(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().is_in(["y", "yes", "true", "1", "t", "x"])
