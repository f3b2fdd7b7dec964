"""Questions with what is expected of their answers: the lines of the file that ``tillproof eval`` takes."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assistant.ask.answer import Status
from ledger.errors import SettingsError

DEVELOPMENT_PERCENT = 70
Split = Literal["development", "validation"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Truth(_Part):
    """What is right, in one of three ways; numbers are decimals in major units, percentages as percent.

    ``value`` is what the answer's first figure has to be; each of ``values`` has to be a figure of its own, anywhere in
    the answer, because the question asks for several, or for one that answers give beside others (a change, a share).
    ``rows`` are the rows of its table, the first ``keys`` cells of each naming it, in this order unless ``order`` is
    ``"any"``; of a single row the text has to name the key and the figures have to hold the values. With a ``unit``
    the figures have to be in it.
    """

    value: Decimal | None = None
    values: tuple[Decimal, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    keys: int = Field(default=1, ge=1)
    order: Literal["given", "any"] = "given"
    unit: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Truth:
        if sum((self.value is not None, bool(self.values), bool(self.rows))) != 1:
            raise ValueError("give one of value, values and rows")
        if any(len(row) <= self.keys for row in self.rows):
            raise ValueError("a row has its keys first and at least one value behind them")
        return self


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


class Expectation(_Part):
    """The statuses that an answer may have, and where it may be ``answered``, the truths of which one has to be met."""

    status: Annotated[tuple[Status, ...], BeforeValidator(_listed)] = Field(min_length=1)
    any_of: tuple[Truth, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: object) -> object:
        """A single truth may be written without ``any_of``."""
        if isinstance(given, dict) and (truth := {key: given[key] for key in Truth.model_fields if key in given}):
            rest = {key: value for key, value in given.items() if key not in truth}
            return {**rest, "any_of": [truth]}
        return given

    @model_validator(mode="after")
    def _answerable(self) -> Expectation:
        if ("answered" in self.status) != bool(self.any_of):
            raise ValueError("the status 'answered' goes with a value, values or rows, and the others without")
        return self

    @property
    def answerable(self) -> bool:
        return "answered" in self.status


class Question(_Part):
    """A question asked on a day. Those of one ``conversation`` are asked in the order of the file."""

    id: str
    question: str
    today: date
    expect: Expectation
    topic: str = "all"
    conversation: str | None = None
    turn: int | None = None

    @property
    def split(self) -> Split:
        return split_of(self.conversation or self.id)


def split_of(id: str) -> Split:
    """Where a question belongs: development, from which one may learn, or validation, on which it is reported.

    By a hash of its id alone, so that it stays where it is as others come; a conversation's turns stay together.
    """
    place = int.from_bytes(hashlib.sha256(id.encode()).digest()[:8], "big") % 100
    return "development" if place < DEVELOPMENT_PERCENT else "validation"


def read_questions(path: Path) -> list[Question]:
    """The questions of a JSON Lines file; SettingsError that names the line where one is none or repeats an id."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    found: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = Question.model_validate(json.loads(line))
        except (ValueError, ValidationError) as error:
            raise SettingsError(
                f"{path} line {number}: {_reason(error)}; a line is a JSON object with id, question, today and expect"
            ) from None
        if question.id in found:
            raise SettingsError(f"{path} line {number}: the id {question.id!r} is there before; give each its own")
        found[question.id] = question
    if not found:
        raise SettingsError(f"{path}: has no question; a line is a JSON object with id, question, today and expect")
    return list(found.values())


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return f"not JSON ({error})"
