"""What models cost and how their drafts fared: kept for each answer in a file of the book, counted in this process.

A line of ``model-usage.jsonl`` has the moment, the model, the digest of the prompts, the outcome, tokens and cost, and
why sentences were dropped; never a question, a name or a sentence.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from assistant.ask.answer import ModelUse

FILE = "model-usage.jsonl"
MILLION = 1_000_000

log = logging.getLogger("tillproof.model")


def cost(prices: dict[str, tuple[Decimal, Decimal]], model: str, tokens_in: int, tokens_out: int) -> Decimal | None:
    """Dollars for some tokens, to the millionth; None where the model's price is not known."""
    price = prices.get(model)
    if price is None:
        return None
    return ((price[0] * tokens_in + price[1] * tokens_out) / MILLION).quantize(Decimal("0.000001"))


@dataclass
class Sums:
    """Sums over answers."""

    answers: int = 0
    written: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    dropped: int = 0


@dataclass
class Tally:
    """Counts of this process, and the file that keeps what each answer used. Safe to use from several threads."""

    folder: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    sums: Sums = field(default_factory=Sums)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, use: ModelUse) -> None:
        """Count an answer, write its line, and say it in the log."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **use.model_dump(exclude_none=True)})
        with self._turn:
            self.outcomes[use.outcome] += 1
            self.dropped.update(use.dropped)
            self.sums.answers += 1
            self.sums.written += use.outcome == "written"
            self.sums.tokens_in += use.tokens_in
            self.sums.tokens_out += use.tokens_out
            self.sums.cost += Decimal(use.cost or 0)
            self.sums.dropped += len(use.dropped)
            log.info("model answer %s", line)
            try:
                with (self.folder / FILE).open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
            except OSError as error:
                log.warning("%s could not be written: %s", FILE, error)

    def exposition(self) -> str:
        """The counts as Prometheus reads them."""
        with self._turn:
            lines = ["# TYPE tillproof_model_answers_total counter"]
            for name, number in sorted(self.outcomes.items()):
                lines.append(f'tillproof_model_answers_total{{outcome="{name}"}} {number}')
            lines.append("# TYPE tillproof_model_sentences_dropped_total counter")
            for name, number in sorted(self.dropped.items()):
                lines.append(f'tillproof_model_sentences_dropped_total{{reason="{name}"}} {number}')
            lines += [
                "# TYPE tillproof_model_tokens_total counter",
                f'tillproof_model_tokens_total{{direction="in"}} {self.sums.tokens_in}',
                f'tillproof_model_tokens_total{{direction="out"}} {self.sums.tokens_out}',
                "# TYPE tillproof_model_cost_dollars_total counter",
                f"tillproof_model_cost_dollars_total {self.sums.cost}",
            ]
        return "\n".join(lines) + "\n"


def sums_of(folder: Path) -> Sums | None:
    """What all answers of a book used, by its file; None where no model was ever asked."""
    path = folder / FILE
    if not path.is_file():
        return None
    sums = Sums()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                use = ModelUse.model_validate({key: value for key, value in json.loads(line).items() if key != "at"})
            except ValueError:
                continue  # a line that was cut short by a crash
            sums.answers += 1
            sums.written += use.outcome == "written"
            sums.tokens_in += use.tokens_in
            sums.tokens_out += use.tokens_out
            sums.cost += Decimal(use.cost or 0)
            sums.dropped += len(use.dropped)
    return sums
