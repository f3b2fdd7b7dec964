"""Pages of lists: every list has a limit, and says how long it is and where it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from assistant.server.pages.view import with_query

LIMIT_MAX = 1000

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="rows a page")]

T = TypeVar("T")


def cut(rows: Sequence[T], page: int, limit: int, path: str, **given: object) -> tuple[Sequence[T], str | None]:
    """One page of rows that are all there, and the address of the next page (None on the last)."""
    return rows[(page - 1) * limit : page * limit], following(len(rows), page, limit, path, **given)


def following(total: int, page: int, limit: int, path: str, **given: object) -> str | None:
    """The address of the page after this one, or None."""
    return with_query(path, **given, limit=limit, page=page + 1) if total > page * limit else None
