"""Matching a question's words against ``grammar.lark``: Lark reads the grammar, the words are matched here.

A word can be several terminals at once ("may", "2019", "first"), a terminal can be several words ("twenty-five"), and a
period ends wherever the question goes on about something else. So all readings from one word are tried, each rule once
a place, and the longest is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Tree
from lark import Token as Terminal

from assistant.ask.periods.words import several

Found = dict[int, Any]
"""For each index after a match its tree, the one of the rule that stands first."""


class Match:
    """What the grammar makes of a question's words from one of them on."""

    def __init__(self, texts: Sequence[str], first: int) -> None:
        self._texts = texts
        self._first = first
        self._words: dict[int, list[Terminal | tuple[Terminal, int]]] = {}
        self._known: dict[tuple[str, int], Found] = {}

    def longest(self) -> tuple[Tree[Any], int] | None:
        """The longest period and the index after it."""
        found = self._symbol("start", self._first)
        if not found:
            return None
        last = max(found)
        return found[last], last

    def _symbol(self, name: str, place: int) -> Found:
        key = (name, place)
        known = self._known.get(key)
        if known is not None:
            return known
        found: Found = {}
        self._known[key] = found
        here = {terminal.type for terminal, _ in self._at(place)}
        grammar = _grammar()
        for rule in grammar.rules[name]:
            if here.isdisjoint(grammar.begins(rule.expansion[0])):
                continue
            for end, children in self._sequence(rule.expansion, place).items():
                if end not in found:
                    found[end] = _node(rule, children)
        return found

    def _sequence(self, symbols: Sequence[Any], place: int) -> dict[int, list[Any]]:
        states: dict[int, list[Any]] = {place: []}
        for symbol in symbols:
            longer: dict[int, list[Any]] = {}
            for at, children in states.items():
                if symbol.is_term:
                    for terminal, end in self._at(at):
                        if terminal.type == symbol.name:
                            longer.setdefault(end, children if symbol.filter_out else [*children, terminal])
                else:
                    for end, node in self._symbol(symbol.name, at).items():
                        added = node if isinstance(node, list) else [node]
                        longer.setdefault(end, [*children, *added])
            states = longer
            if not states:
                break
        return states

    def _at(self, place: int) -> list[tuple[Terminal, int]]:
        """The terminals that begin at a word, each with the index after it. "the" and a hyphen may be left out."""
        known = self._words.get(place)
        if known is not None:
            return known  # type: ignore[return-value]
        made: list[tuple[Terminal, int]] = []
        self._words[place] = made  # type: ignore[assignment]
        if place >= len(self._texts):
            return made
        word = self._texts[place]
        made += [(Terminal(name, word), place + 1) for name in _terminals_of(word)]
        made += [(Terminal(name, value), end) for name, value, end in several(self._texts, place)]
        if place > self._first and (
            word in ("the", "my", "our") or (word == "-" and self._joins_letters(place)) or self._is_dot(place)
        ):
            made += self._at(place + 1)
        return made

    def _joins_letters(self, place: int) -> bool:
        around = self._texts[place - 1 : place + 2]
        return len(around) == 3 and around[0].isalpha() and around[2].isalpha()

    def _is_dot(self, place: int) -> bool:
        return self._texts[place] in (",", ".")


class _Grammar:
    def __init__(self, lark: Lark) -> None:
        self.rules: dict[str, list[Any]] = {}
        for rule in sorted(lark.rules, key=lambda one: one.order):
            self.rules.setdefault(rule.origin.name, []).append(rule)
        self.words: dict[str, list[str]] = {}
        self.patterns: list[tuple[str, re.Pattern[str]]] = []
        for terminal in lark.terminals:
            if terminal.pattern.type == "str":
                self.words.setdefault(terminal.pattern.value, []).append(terminal.name)
            else:
                self.patterns.append((terminal.name, re.compile(terminal.pattern.to_regexp())))
        self._begins: dict[str, frozenset[str]] = {}

    def begins(self, symbol: Any) -> frozenset[str]:
        """The terminals that a symbol can begin with."""
        if symbol.is_term:
            return frozenset((symbol.name,))
        if symbol.name not in self._begins:
            self._begins[symbol.name] = frozenset(
                name for rule in self.rules[symbol.name] for name in self.begins(rule.expansion[0])
            )
        return self._begins[symbol.name]


@cache
def _grammar() -> _Grammar:
    text = files("assistant.ask.periods").joinpath("grammar.lark").read_text("utf-8")
    return _Grammar(Lark(text, parser="earley", lexer="basic", maybe_placeholders=False))


@lru_cache(maxsize=4096)
def _terminals_of(word: str) -> tuple[str, ...]:
    grammar = _grammar()
    return (*grammar.words.get(word, ()), *(name for name, pattern in grammar.patterns if pattern.fullmatch(word)))


def _node(rule: Any, children: list[Any]) -> Any:
    """The tree of a rule as Lark would build it: "_rule" gives its children, "?rule" its only child."""
    name = rule.origin.name
    if rule.alias is None and name.startswith("_"):
        return children
    if rule.alias is None and rule.options.expand1 and len(children) == 1:
        return children[0]
    return Tree(rule.alias or name, children)
