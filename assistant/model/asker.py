"""``ModelAsker``: the offline answer first, then, where a model's checked sentences say it, those sentences.

interpret -> Plan -> run -> compose -> verify as without a model; then draft -> check -> render. Whatever goes wrong
with the model, and whatever it says that is not so, the offline answer is what is given.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from assistant.ask import Answer, Asker
from assistant.ask.answer import ModelUse
from assistant.ask.draft import Context
from assistant.ask.follow_up import Last
from assistant.ask.stages import Tell, teller
from assistant.known_on import KnownOn
from assistant.model.check import Verdict, check
from assistant.model.evidence import Evidence, is_plain, topic_of
from assistant.model.prompting import as_data, digest, prompt
from assistant.model.pseudonyms import Pseudonyms
from assistant.model.render import rendered
from assistant.model.toolbox import Toolbox, about_book
from assistant.model.usage import Tally, cost
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.figures import Figures, Plan, Result, describe
from ledger.figures.calendar import BookCalendar

if TYPE_CHECKING:
    from assistant.model.agent import Spent
    from assistant.recall import Recall

log = logging.getLogger("tillproof.model")


class ModelAsker:
    """Answers questions about one book with the help of the model that the settings name. Asked as an Asker is."""

    def __init__(
        self,
        offline: Asker,
        book: Book,
        figures: Figures,
        recall: Callable[[], Recall],
        settings: InstallationSettings,
        tally: Tally,
    ) -> None:
        self.conversations = offline.conversations
        self._offline = offline
        self._book = book
        self._figures = figures
        self._recall = recall
        self._settings = settings
        self._tally = tally
        self._turn = threading.Lock()
        self._model: Any = None
        self._pseudonyms: Pseudonyms | None = None

    def ask(
        self,
        question: str,
        *,
        today: date,
        conversation: str | None = None,
        id: str | None = None,
        as_of: KnownOn | None = None,
    ) -> Answer:
        """Answer a question as asked on a day. Never raises for what a question, or the model, says."""
        last = self.conversations.last(conversation) if conversation is not None else None
        offline = self._offline.ask(question, today=today, conversation=conversation, id=id, as_of=as_of)
        plan = Plan.model_validate(offline.plan) if offline.status == "answered" and offline.plan else None
        if offline.status == "refused" or (offline.status == "answered" and (plan is None or not is_plain(plan))):
            return offline
        tell = teller()
        try:
            answer = self._asked(question, today, offline, plan, last.plan if last is not None else None, as_of, tell)
        except Exception:  # the model's side must never cost an answer that is already there
            log.exception("the model's answer could not be made")
            return self._without(offline, "failed")
        if conversation is not None and plan is None and answer.status == "answered":
            found = Plan.model_validate(answer.plan).model_copy(update={"as_of": None})
            self.conversations.remember(conversation, Last(found, {}))
        return answer

    def answer(
        self, plan: Plan, *, conversation: str | None = None, id: str | None = None, as_of: KnownOn | None = None
    ) -> Answer:
        """Answer a plan that no words made, as an Asker does: there is no question for the model to speak to."""
        return self._offline.answer(plan, conversation=conversation, id=id, as_of=as_of)

    def context(self, today: date) -> Context:
        """What a question of a day is read with."""
        return self._offline.context(today)

    def _asked(
        self,
        question: str,
        today: date,
        offline: Answer,
        plan: Plan | None,
        last: Plan | None,
        as_of: KnownOn | None,
        tell: Tell,
    ) -> Answer:
        from assistant.model.agent import NoDraft, Spent, draft

        business = self._book.settings.book
        evidence = Evidence(today, business.currency, business.locale, BookCalendar.of_book(self._book.settings))
        pseudonyms = self._hiding()
        toolbox = Toolbox(
            self._figures,
            evidence,
            pseudonyms,
            caveats=self._offline.caveats,
            offline=lambda text: self._offline.ask(text, today=today, as_of=as_of),
            recall=self._recall,
            as_of=as_of,
            tell=tell,
        )
        result = self._figures.run(plan) if plan is not None else None
        told = self._told(question, today, offline, result, last, toolbox)
        try:
            written, spent = draft(self._opened(), prompt("answer").text, told, toolbox, self._settings, tell)
        except NoDraft as none:
            log.warning("no draft of the model (%s): %.200s", none.outcome, none)
            return self._without(offline, none.outcome, getattr(none, "spent", Spent()))
        tell("checking", "Checking the text")
        main = result if result is not None else evidence.results.get(written.about)
        if main is None or not is_plain(main.plan) or not written.sentences:
            return self._without(offline, "declined", spent)
        verdict = check([pseudonyms.shown(one) for one in written.sentences], evidence, topic_of(main.plan))
        if not any(one.result is main for known in verdict.figures for one in (known, *known.parts)):
            return self._without(offline, "unverified" if verdict.dropped else "declined", spent, verdict)
        if result is None:
            reading = as_of.reading(main.plan) if as_of else describe(main.plan)
            remarks = [f"The model read the question as: {reading}.", *self._offline.caveats(main)]
            offline = offline.model_copy(update={"reading": reading, "remarks": remarks})
        use = self._use("written", spent, verdict)
        self._tally.add(use)
        return rendered(verdict, main, offline, locale=business.locale, use=use)

    def _told(
        self, question: str, today: date, offline: Answer, result: Result | None, last: Plan | None, toolbox: Toolbox
    ) -> str:
        hidden = toolbox.pseudonyms.hidden
        return prompt("question").filled(
            {
                "today": f"{today:%A} {today}",
                "book": as_data(about_book(self._figures)),
                "question": as_data(hidden(question)),
                "status": offline.status,
                "reading": as_data(hidden(offline.reading or "")),
                "message": as_data("" if offline.status == "answered" else hidden(offline.text)),
                "choices": as_data([hidden(one) for one in offline.choices]),
                "last": as_data(toolbox.pseudonyms.hidden_plan(last) if last is not None else None),
                "result": as_data(toolbox.table(result) if result is not None else None),
            }
        )

    def _opened(self) -> Any:
        from assistant.model.agent import chat_model

        with self._turn:
            if self._model is None:
                self._model = chat_model(self._settings)
            return self._model

    def _hiding(self) -> Pseudonyms:
        with self._turn:
            if self._pseudonyms is None or self._pseudonyms.seq != self._figures.seq:
                self._pseudonyms = Pseudonyms(self._figures, self._settings.model_names)
            return self._pseudonyms

    def _without(
        self, offline: Answer, outcome: str, spent: Spent | None = None, verdict: Verdict | None = None
    ) -> Answer:
        """The offline answer, with what became of the model's."""
        use = self._use(outcome, spent, verdict)
        self._tally.add(use)
        return offline.model_copy(update={"model": use})

    def _use(self, outcome: str, spent: Spent | None, verdict: Verdict | None) -> ModelUse:
        name = self._settings.model or ""
        tokens_in, tokens_out = (spent.tokens_in, spent.tokens_out) if spent is not None else (0, 0)
        dollars = cost(self._settings.model_prices, name, tokens_in, tokens_out) if tokens_in or tokens_out else None
        for reason, message in verdict.dropped if verdict is not None else ():
            log.debug("sentence dropped (%s): %s", reason, message)
        return ModelUse(
            name=name,
            prompt=digest(),
            outcome=outcome,
            calls=spent.calls if spent is not None else 0,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=None if dollars is None else str(dollars),
            sentences=len(verdict.kept) if verdict is not None and outcome == "written" else 0,
            dropped=[reason for reason, _ in verdict.dropped] if verdict is not None else [],
        )
