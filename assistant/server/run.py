"""Run the service of one book: open it, print the address, answer until interrupted."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import uvicorn

from assistant.flags.watch import Watch
from assistant.server.app import create_app
from assistant.server.beside import beside
from assistant.server.fetching import fetching
from assistant.service import Service
from assistant.settings import InstallationSettings
from ledger.errors import SettingsError, TillproofError

log = logging.getLogger("tillproof")


def serve(book: Path, settings: InstallationSettings) -> None:
    """Serve the pages and the API of a book until interrupted.

    The port is taken before the book is opened, so that a port in use is said at once. Summaries for open questions are
    written and embedded in the background; until they are there, open questions are answered from exact filters. After
    each delivery, whoever posted it, the book is looked at for flags (``Watch``). Vendors' services are asked, folders
    watched and events sent only where ``book.toml`` says so.
    """
    listener = _listen(settings)
    service = Service.open(book, settings)
    watch = Watch(service.book, settings.flags_after_seconds)
    try:
        server = uvicorn.Server(uvicorn.Config(create_app(service, settings), log_level="warning", server_header=False))
        threading.Thread(target=_write_summaries, args=(service,), name="summaries", daemon=True).start()
        if settings.flags_after_seconds:
            watch.start()
        with beside(service.book, settings), fetching(service.book):
            listener.listen()  # before the address is told: whoever comes at once waits instead of being turned away
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"Tillproof is open on http://{shown}:{port}  (Ctrl-C ends it)", flush=True)  # noqa: T201
            server.run(sockets=[listener])
    finally:
        watch.close()
        service.close()
        listener.close()


def _listen(settings: InstallationSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host.strip("[]"), settings.port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; choose another with --port"
        ) from None
    return listener


def _write_summaries(service: Service) -> None:
    try:
        service.recall().warm()
    except TillproofError as error:
        log.warning("summaries are not available: %s", error)
