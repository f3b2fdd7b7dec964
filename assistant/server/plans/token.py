"""A plan as a text that fits in an address, so that a page of it can be kept, shared and opened again."""

from __future__ import annotations

import base64
import binascii
import json
import zlib

from pydantic import ValidationError

from assistant.server.errors import Unreadable
from ledger.figures import Plan

TOKEN_MAX = 6_000
_JSON_MAX = 60_000


def token_of(plan: Plan) -> str:
    """The token of a plan. Unreadable when the plan is too long for an address."""
    if not fits(plan):
        raise Unreadable("This question is too long for an address; choose fewer values in its filters.")
    return _packed(plan)


def fits(plan: Plan) -> bool:
    """Whether a plan has a token."""
    return len(_packed(plan)) <= TOKEN_MAX


def plan_of(token: str) -> Plan:
    """The plan of a token; Unreadable when it is none."""
    try:
        if len(token) > TOKEN_MAX:
            raise ValueError
        packed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return Plan.model_validate(json.loads(zlib.decompressobj().decompress(packed, _JSON_MAX)))
    except (ValueError, TypeError, RecursionError, zlib.error, binascii.Error, ValidationError):
        raise Unreadable("The plan in this address is not whole; ask the question again.") from None


def _packed(plan: Plan) -> str:
    text = json.dumps(plan.model_dump(mode="json", exclude_defaults=True), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
