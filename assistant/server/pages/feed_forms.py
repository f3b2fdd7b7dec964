"""The forms of the feeds: what a name means, held tickets tried again, a document taken again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from assistant.naming import choices
from assistant.server.api.feeds import replayed, retried
from assistant.server.api.naming import BY_CHARACTERS_MAX, Answered, WantedAnswer, answered
from assistant.server.pages.held import page_of
from assistant.server.pages.reviewer import remember
from assistant.server.pages.view import feed_url, with_query
from assistant.server.request import Opened, Pages, delivery_of
from assistant.service import Service
from ledger import names
from ledger.errors import InputError, SettingsError
from ledger.names import NAME_CHARACTERS_MAX, Kind

router = APIRouter(include_in_schema=False)

FIELDS = {"means": "What it means", "by": "Your name"}

Text = Annotated[str, Form(max_length=NAME_CHARACTERS_MAX)]


@router.post("/feeds/names")
def answer_name(
    request: Request,
    service: Opened,
    pages: Pages,
    kind: Annotated[Kind, Form()],
    source: Text,
    name: Text,
    chosen: Text = "",
    other: Text = "",
    account: Annotated[str, Form(max_length=200)] = "",
    time_zone: Annotated[str, Form(max_length=60)] = "",
    cut_off: Annotated[str, Form(max_length=8)] = "",
    rate: Annotated[str, Form(max_length=20)] = "",
    by: Annotated[str, Form(max_length=BY_CHARACTERS_MAX)] = "",
) -> Response:
    """Keep an answer and show what came of it; one that does not fit comes back with the form as it was filled in."""
    given = {
        "kind": kind, "source": source, "name": name, "chosen": chosen, "other": other, "account": account,
        "time_zone": time_zone, "cut_off": cut_off, "rate": rate, "by": by,
    }  # fmt: skip
    try:
        done = answered(service, _wanted(service, given, kind))
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        problem = f"{FIELDS.get(field, field)} needs something written in it."
    except (InputError, SettingsError) as error:
        problem = f"{error}."
    else:
        return remember(RedirectResponse(_told(service, done), 303), request, by)
    return page_of(service, pages, status=400, given=given, problem=problem[:1].upper() + problem[1:])


@router.post("/feeds/retry")
def retry(service: Opened, source: Text = "") -> Response:
    """Take the documents of held records again; of one source, or of all."""
    done = retried(service, source or None)
    return RedirectResponse(
        with_query("/feeds/held", source=source, posted=done.posted + done.versions, still=done.quarantined), 303
    )


@router.post("/feeds/deliveries/{delivery}/replay")
def replay(service: Opened, delivery: int) -> Response:
    """Take the document of a delivery again."""
    feed = delivery_of(service, delivery)
    return RedirectResponse(with_query(feed_url(feed.source), done=replayed(service, feed).intake), 303)


def _wanted(service: Service, given: dict[str, str], kind: Kind) -> WantedAnswer:
    """The answer that a form says. What it asks of new names only is left out for one that the book knows."""
    if given["chosen"] and given["other"].strip():
        raise InputError("a name means one thing: choose it or write it, and leave the other empty")
    means = given["other"].strip() or given["chosen"]
    is_new_store = kind == "store" and means not in choices(service.book).store
    return WantedAnswer(
        kind=kind,
        source=given["source"],
        name=given["name"],
        means=means,
        account=given["account"].strip() or None,
        time_zone=given["time_zone"].strip() or None if is_new_store else None,
        cut_off=given["cut_off"].strip() or None if is_new_store else None,
        rates=[given["rate"].strip().removesuffix("%").strip()] if given["rate"].strip() else [],
        by=given["by"],
    )


def _told(service: Service, done: Answered) -> str:
    """The address of the held page that says what came of the answer given last."""
    return with_query(
        "/feeds/held",
        answer=len(names.read(service.book.path)),
        posted=done.posted + done.versions,
        still=done.quarantined,
    )
