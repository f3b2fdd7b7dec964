"""``mcp``: a book as a server of the Model Context Protocol, for the program that starts it."""

from __future__ import annotations

import signal

from assistant.cli.app import BookPath, app, service


@app.command()
def mcp(book: BookPath) -> None:
    """Serve a book over standard input and output, by the Model Context Protocol; a program starts this."""
    from assistant.doors.mcp_http import checked_installed

    checked_installed()
    from assistant.doors.mcp_server import serve_stdio

    # the thread that reads the input cannot be woken, so that an orderly end would wait for the input's
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with service(book) as served:
        serve_stdio(served, served.settings.public_url)
