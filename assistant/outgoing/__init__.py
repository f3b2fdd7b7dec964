"""Outgoing webhooks: who is named under ``[hooks.out]`` in ``book.toml`` is told what was committed.

What is told is derived from the book's commits (``events``), so that nothing is lost between a commit and its sending:
beside the book is kept only how far each target has come (``position``). ``outbox`` sends to one target, in order, and
again later where it fails; ``post`` is the one way out of this machine. Incoming webhooks are ``ingest.hooks``.
"""

from __future__ import annotations

from assistant.outgoing.outbox import Outbox
from assistant.settings import InstallationSettings
from ledger.book import Book
from ledger.errors import InputError, SettingsError

__all__ = ["Outbox", "outboxes"]


def outboxes(book: Book, settings: InstallationSettings, name: str | None = None) -> list[Outbox]:
    """The outbox of each target of a book, or of the one that is named; InputError where there is none of that name,
    SettingsError where one has no secret to sign with."""
    targets = book.settings.hooks.out
    if name is not None and name not in targets:
        raise InputError(f"{name!r} is no target under [hooks.out] in {book.path / 'book.toml'}")
    made = []
    for one, target in targets.items():
        if name not in (None, one):
            continue
        secret = settings.hook_secrets.get(one)
        if secret is None:
            raise SettingsError(
                f"what is sent to {one} has no secret to be signed with: set TILLPROOF_HOOK_SECRETS to "
                f'{{"{one}": "whsec_..."}}; \'tillproof hooks secret\' makes one'
            )
        made.append(Outbox(book, one, target, secret.get_secret_value(), settings.public_url or ""))
    return made
