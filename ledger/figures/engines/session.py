"""The process's Spark: one application, started when a figure is first asked for, ended with the process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import BookError, SettingsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOPBACK = "127.0.0.1"

_turn = threading.Lock()


def session_of(master: str) -> SparkSession:
    """A session of its own on a master such as ``local[2]``, ``local-cluster[2,1,1024]`` or ``spark://host:7077``.

    On this machine's own masters Spark listens on loopback alone and shows no page. Raises SettingsError where PySpark
    or Java is missing or the process has another master already, BookError where Spark does not start.
    """
    try:
        from pyspark import SparkContext
    except ImportError:
        raise SettingsError(
            "book.toml: [figures] engine = 'spark' needs PySpark: install tillproof[spark], or set another engine"
        ) from None
    if not _java():
        raise SettingsError(
            "book.toml: [figures] engine = 'spark' needs Java 17 or newer: install it or set JAVA_HOME, or set another "
            "engine"
        )
    with _turn:
        running = SparkContext._active_spark_context
        if running is None:
            return _started(master).newSession()
        if running.master != master:
            raise SettingsError(
                f"book.toml: [figures] url = {master!r}, but this process has Spark at {running.master} already; open "
                "the book in a process of its own"
            )
    from pyspark.sql import SparkSession

    return SparkSession(running).newSession()


def _started(master: str) -> SparkSession:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    scratch = Path(tempfile.mkdtemp(prefix="tillproof-spark-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    builder = SparkSession.builder.master(master).appName("tillproof")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",  # a sum that does not fit is an error, never another number
    }
    environment: dict[str, str] = {}
    if master.startswith("local"):
        settings |= {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.local.dir": str(scratch),
            "spark.sql.shuffle.partitions": "4",  # of its 200 each costs more than what it would hold
        }
        environment["SPARK_LOCAL_IP"] = LOOPBACK
    if master.startswith("local-cluster"):
        environment["SPARK_HOME"] = str(_home(scratch))
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with _environment(environment):
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        reason = " ".join(str(error).split())
        raise BookError(f"Spark at {master} did not start: {reason[:300]}") from error
    atexit.register(session.stop)
    return session


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and shutil.which("java", path=str(Path(home) / "bin"))))


def _home(scratch: Path) -> Path:
    """A home of Spark whose workers may write to it: they keep their logs there, and the package's is not ours."""
    from pyspark.find_spark_home import _find_spark_home

    package, home = Path(_find_spark_home()), scratch / "home"
    home.mkdir()
    for part in ("bin", "jars", "python", "sbin"):
        if (package / part).exists():
            (home / part).symlink_to(package / part)
    return home


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """What Spark's own processes inherit when they are started."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
