"""The agent: a language model with typed tools and limits, which gives a draft. The only module that imports LangChain.

It is imported when a model is first asked. What a model writes here has not been checked and must not be shown.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.structured_output import StructuredOutputError, ToolStrategy
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import StructuredTool
from langsmith import tracing_context
from pydantic import BaseModel, ConfigDict, Field

from assistant.model.toolbox import Tell, Toolbox
from assistant.settings import InstallationSettings
from ledger.figures import Plan
from ledger.figures.plan import Dimension

TOKENS_OUT_MAX = 1_500
"""Of one reply: a draft of three sentences and a few calls of tools fit well."""
TOOL_CALLS_MAX = 12
WAITING_MAX = 8
"""Requests to a model that may be under way at once in this process."""

_under_way = threading.BoundedSemaphore(WAITING_MAX)


class NoDraft(Exception):
    """There is no draft; ``outcome`` says why in a word: timeout, provider, limit, unreadable, busy."""

    def __init__(self, outcome: str, message: str = "") -> None:
        super().__init__(message or outcome)
        self.outcome = outcome


class Draft(BaseModel):
    """The answer: which result it is about, and its sentences, in which figures stand as places such as {f1}."""

    model_config = ConfigDict(extra="forbid")

    about: str = Field(default="", max_length=10, description="the id of the result that the answer is about: r1")
    sentences: list[str] = Field(default_factory=list, max_length=12)


@dataclass
class Spent:
    """What a draft cost so far; it is kept when the draft fails."""

    calls: int = 0
    tool_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass
class _Limits:
    settings: InstallationSettings
    ends: float
    spent: Spent = field(default_factory=Spent)
    given_up: threading.Event = field(default_factory=threading.Event)


class _Counting(AgentMiddleware[Any, Any, Any]):
    """Counts requests and tokens, and ends the work at its limits."""

    def __init__(self, limits: _Limits) -> None:
        super().__init__()
        self._limits = limits

    def before_model(self, state: Any, runtime: Any) -> None:
        spent, settings = self._limits.spent, self._limits.settings
        if self._limits.given_up.is_set() or time.monotonic() > self._limits.ends:
            raise NoDraft("timeout")
        if (
            spent.calls >= settings.model_calls_max
            or spent.tool_calls > TOOL_CALLS_MAX
            or spent.tokens_in + spent.tokens_out > settings.model_tokens_max
        ):
            raise NoDraft("limit")
        spent.calls += 1

    def after_model(self, state: Any, runtime: Any) -> None:
        reply = next((one for one in reversed(state["messages"]) if isinstance(one, AIMessage)), None)
        if reply is None:
            return
        usage = reply.usage_metadata
        if usage is not None:
            self._limits.spent.tokens_in += usage["input_tokens"]
            self._limits.spent.tokens_out += usage["output_tokens"]
        self._limits.spent.tool_calls += len(reply.tool_calls)


def chat_model(settings: InstallationSettings) -> BaseChatModel:
    """The model that the settings name. NoDraft where its package or its key is missing."""
    assert settings.model is not None
    provider = settings.model.partition(":")[0]
    given: dict[str, Any] = {"base_url": settings.model_url} if settings.model_url else {}
    if provider == "ollama":
        given |= {"num_predict": TOKENS_OUT_MAX, "client_kwargs": {"timeout": settings.model_seconds_max}}
    else:
        given |= {"max_tokens": TOKENS_OUT_MAX, "timeout": settings.model_seconds_max, "max_retries": 1}
    if provider == "openai" and settings.model_url and not os.environ.get("OPENAI_API_KEY"):
        given["api_key"] = "none"  # servers of one's own ask for no key, and the client insists on one
    try:
        made = init_chat_model(settings.model, **given)
    except Exception as error:
        raise NoDraft("provider", str(error)) from error
    assert isinstance(made, BaseChatModel)
    return made


def draft(
    model: BaseChatModel, system: str, question: str, toolbox: Toolbox, settings: InstallationSettings, tell: Tell
) -> tuple[Draft, Spent]:
    """Have a model write a draft. NoDraft with what was spent, as ``spent``, where there is none."""
    limits = _Limits(settings, time.monotonic() + settings.model_seconds_max)
    if not _under_way.acquire(blocking=False):
        raise NoDraft("busy")
    done: list[Draft] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with tracing_context(enabled=False):
                done.append(_written(model, system, question, toolbox, limits))
        except BaseException as error:  # whatever it is, the answer is given without the model
            failed.append(error)
        finally:
            _under_way.release()

    tell("model", "Asking the model")
    worker = threading.Thread(target=work, name="model", daemon=True)
    worker.start()
    worker.join(settings.model_seconds_max)
    limits.given_up.set()
    if done:
        return done[0], limits.spent
    error = NoDraft("timeout") if not failed else _no_draft(failed[0])
    error.spent = limits.spent  # type: ignore[attr-defined]
    raise error


def _no_draft(error: BaseException) -> NoDraft:
    if isinstance(error, NoDraft):
        return error
    if isinstance(error, StructuredOutputError):
        return NoDraft("unreadable", str(error))
    if "timeout" in type(error).__name__.lower():
        return NoDraft("timeout", str(error))
    return NoDraft("provider", f"{type(error).__name__}: {error}")


def _written(model: BaseChatModel, system: str, question: str, toolbox: Toolbox, limits: _Limits) -> Draft:
    agent = create_agent(
        model,
        tools=tools(toolbox),
        system_prompt=system,
        middleware=[_Counting(limits)],
        response_format=ToolStrategy(Draft, handle_errors=False),
    )
    state = agent.invoke(
        {"messages": [HumanMessage(question)]},
        {"recursion_limit": 4 * limits.settings.model_calls_max + 10},
    )
    found = state.get("structured_response")
    if isinstance(found, Draft):
        return found
    text = state["messages"][-1].text if state["messages"] else ""
    if not text.strip() or text.lstrip()[:1] in "{[`":
        raise NoDraft("unreadable", "the model gave no draft")
    return Draft(about="r1", sentences=[text[:4000]])


class _Metric(BaseModel):
    metric: str = Field(description="the name of a metric, as the book lists it")


class _Names(BaseModel):
    dimension: Dimension
    containing: str = Field(default="", description="a part of the name; empty lists the first names")


class _Question(BaseModel):
    question: str = Field(max_length=500)


class _Search(BaseModel):
    text: str = Field(max_length=300)
    stores: list[str] = Field(default_factory=list)
    start: date | None = None
    end: date | None = None


class _Opened(BaseModel):
    figure: str = Field(description="the id of a figure: f3")
    page: int = Field(default=1, ge=1)


class _Combined(BaseModel):
    kind: Literal["sum", "difference", "share"] = Field(
        description="sum of rows of one result; the first less the second; the first as a percentage of the second"
    )
    figures: list[str] = Field(min_length=2, max_length=40, description="ids of figures: f3, f4")


def tools(toolbox: Toolbox) -> list[StructuredTool]:
    """The tools as a model sees them."""

    def run_plan(**fields: Any) -> str:
        return toolbox.run_plan(Plan(**fields))

    def made(work: Callable[..., str], name: str, schema: type[BaseModel], description: str) -> StructuredTool:
        return StructuredTool.from_function(
            work, name=name, description=description, args_schema=schema, handle_tool_error=True
        )

    return [
        made(run_plan, "run_plan", Plan, f"Compute figures from the ledger. {Plan.__doc__}"),
        made(toolbox.ask_interpreter, "ask_interpreter", _Question,
             "Ask the offline interpreter a question in plain words; it answers with figures or says what it misses."),
        made(toolbox.list_names, "list_names", _Names, "The names that a dimension has in the book."),
        made(toolbox.explain_metric, "explain_metric", _Metric, "The definition of a metric."),
        made(toolbox.search_summaries, "search_summaries", _Search,
             "Summaries of days, weeks and notable tickets that are nearest to a text."),
        made(toolbox.open_citation, "open_citation", _Opened, "The tickets that a figure is made of."),
        made(toolbox.combine_figures, "combine_figures", _Combined, "Compute a figure from others, exactly."),
    ]  # fmt: skip
