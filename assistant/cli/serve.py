"""Commands that open pages, and the sample that they can show: ``serve``, ``demo``, ``sample``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli.app import BookPath, app


@app.command()
def serve(
    book: BookPath,
    host: Annotated[str | None, typer.Option(help="Address to listen on; TILLPROOF_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; TILLPROOF_PORT.")] = None,
) -> None:
    """Open the pages and the API of a book."""
    from assistant.server.run import serve as run_server
    from assistant.settings import InstallationSettings

    given: dict[str, Any] = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    run_server(book, InstallationSettings(**given).checked())


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the sample files and their book go.")] = Path("tillproof-demo"),
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Make a sample book, once, by the ordinary path, and open it."""
    from assistant.demo import prepare

    serve(prepare(folder, datetime.now(UTC), say=print), host=host, port=port)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Where the export files go.")],
    tickets: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many tickets, about.")] = 25_000,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days of trade.")] = 120,
    end: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of trade.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 7,
    layout: Annotated[str, typer.Option(help="demo (both layouts), flat or set.")] = "demo",
) -> None:
    """Write export files of a made-up group of stores, as tills write them."""
    from assistant.sample import DEFAULT_END, write

    last = end.date() if end else DEFAULT_END
    report = write(folder, days=days, tickets=tickets, seed=seed, end=last, layout=layout)
    print(f"{report.tickets:,} tickets in {len(report.files)} files under {folder}")
