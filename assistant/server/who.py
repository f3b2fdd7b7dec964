"""Who acts: whose key or session a request came with, and the name that what it does is recorded under.

Without keys of people a name is what somebody says it is. With them (``TILLPROOF_REVIEWER_KEYS``) whatever is done in a
name needs that person's key, so nobody acts under another's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from assistant.server.refusals import Refused
from ledger.cases.people import same_name


@dataclass(frozen=True)
class Who:
    """``name`` is whose key a request came with, None where it was nobody's own; ``bound`` says that people have
    keys of their own."""

    name: str | None
    bound: bool

    def acts_as(self, said: str | None) -> str:
        """The name to record, where a request says ``said``, or nothing. Refused where it is another's."""
        given = (said or "").strip()
        if not self.bound:
            return given
        if self.name is None:
            raise Refused(
                403, "no_name", "The key of the installation is nobody's own: sign in with your own key to act by name."
            )
        if given and not same_name(given, self.name):
            raise Refused(403, "other_name", f"You came with the key of {self.name}; nobody acts under another's name.")
        return self.name


def _who(request: Request) -> Who:
    keys = request.app.state.keys
    holder = getattr(request.state, "holder", None)
    return Who(holder.name if holder is not None else None, keys is not None and keys.of_people)


Acting = Annotated[Who, Depends(_who)]
