"""``View``: renders the templates, with the book's formats and the links between pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from assistant.server.pages.formats import Formats, cited

if TYPE_CHECKING:
    from assistant.service import Service

TEMPLATES = Path(__file__).parents[1] / "templates"


class View:
    """Pages of one book. ``locked`` says that a key is set, so that a page offers to sign out; ``named`` that people
    have keys of their own, so that nobody says who he is."""

    def __init__(self, service: Service, *, locked: bool, named: bool = False) -> None:
        business = service.book.settings.book
        self.formats = Formats(business.locale, ZoneInfo(business.time_zone))
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            business=business,
            book_path=str(service.book.path),
            locked=locked,
            named=named,
            entry_url=entry_url,
            line_url=line_url,
            document_url=document_url,
            feed_url=feed_url,
            with_query=with_query,
        )
        for name in (
            "amount",
            "figure",
            "quantity",
            "measured",
            "percent",
            "count",
            "day",
            "short_day",
            "moment",
            "lasting",
            "clock",
        ):
            self._environment.filters[name] = getattr(self.formats, name)
        self._environment.filters["cited"] = cited

    def page(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A whole page from a template."""
        return HTMLResponse(self.fragment(name, **context), status)

    def fragment(self, name: str, **context: Any) -> str:
        """The text of a template: a page, or a part that a page's script puts in."""
        return self._environment.get_template(name).render(**context)


def view(request: Request) -> View:
    """The view of the application that a request came to."""
    found = request.app.state.view
    assert isinstance(found, View)
    return found


def entry_url(seq: int, n: int) -> str:
    return f"/entries/{seq}-{n}"


def document_url(document: str) -> str:
    return f"/documents/{document}"


def feed_url(source: str) -> str:
    return f"/feeds/sources/{quote(source, safe='')}"


def line_url(document: str, locator: str, entry: tuple[int, int] | None = None) -> str:
    """Where a document line is shown; ``entry`` gives the way back."""
    query = {"locator": locator}
    if entry is not None:
        query["entry"] = f"{entry[0]}-{entry[1]}"
    return f"{document_url(document)}?{urlencode(query)}"


def ask_url(question: str, today: str | None = None, show: str | None = None, path: str = "/ask") -> str:
    """The address of a question: every state of the page is in it."""
    given = {"q": question, "today": today, "show": show}
    return f"{path}?{urlencode({name: value for name, value in given.items() if value}, quote_via=quote)}"


def with_query(path: str, **given: object) -> str:
    """A path with the query parts that are set."""
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept, quote_via=quote, doseq=True)}" if kept else path
