"""All that the detector said of a flag, as the text that is kept with a case: JSON with the fields of ``Flag``."""

from __future__ import annotations

from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from assistant.flags.flag import Flag
from ledger.errors import CaseError

_FLAG = TypeAdapter(Flag)


def written(flag: Flag) -> str:
    """The text of a flag."""
    return _FLAG.dump_json(flag).decode()


@lru_cache(maxsize=20_000)
def read(text: str) -> Flag:
    """The flag that a text says; CaseError where it says none."""
    try:
        return _FLAG.validate_json(text)
    except ValidationError as error:
        raise CaseError(f"a flag of a case cannot be read: {error.errors()[0]['msg']}; upgrade Tillproof") from None
