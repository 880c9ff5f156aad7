"""`python -m service.app hub` runs the hub; `migrate` prepares a database for it, `scrub` destroys what is decided,
`security` shows what was refused."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Coroutine

import structlog
import uvloop

from protocol.errors import ChainBroken
from service.app.run import migrate_database, scrub_database, serve
from service.app.security import show_security_log
from service.handle.sequencer import LogBroken
from service.settings import BadSetting, Settings, read_settings
from service.store import StoreError
from service.store.binaries import EmbeddedError

USAGE_ERROR, DATA_ERROR, UNAVAILABLE = 2, 65, 69
_BROKEN = "Do not repair it and do not delete it: keep this database, and restore from the organisations' nodes."


def configure_log(level: str) -> None:
    """JSON lines on standard error: an event, a time, codes and counts. No content, names or tokens ever."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries log what they see of requests; nothing of that belongs into our log.
    logging.getLogger().addHandler(logging.NullHandler())


async def _migrate(settings: Settings) -> None:
    applied = await migrate_database(settings)
    sys.stdout.write("\n".join(applied) + "\n" if applied else "up to date\n")


async def _scrub(settings: Settings) -> None:
    if not await scrub_database(settings):
        raise StoreError("a replica, an archive or wal_keep_size holds the database's log back; run this again later")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code (2: a setting, 65: the record, 69: the database)."""
    parser = argparse.ArgumentParser(prog="samsnakk", description=__doc__)
    parser.add_argument("command", choices=("hub", "migrate", "scrub", "security"))
    command = parser.parse_args(arguments).command
    try:
        settings = read_settings()
        configure_log(settings.log_level)
        _run({"hub": serve, "migrate": _migrate, "scrub": _scrub, "security": show_security_log}[command](settings))
    except (BadSetting, StoreError, EmbeddedError) as error:
        sys.stderr.write(f"samsnakk {command}: {error}\n")
        return USAGE_ERROR if isinstance(error, BadSetting) else UNAVAILABLE
    except ChainBroken as error:
        sys.stderr.write(f"samsnakk {command}: {error.detail}: a row was taken out, changed or moved\n")
        return DATA_ERROR
    except LogBroken as error:
        sys.stderr.write(f"samsnakk {command}: {error}. {_BROKEN}\n")
        return DATA_ERROR
    return 0


def _run(work: Coroutine[object, object, None]) -> None:
    """On uvloop where it exists; an error inside a group of tasks comes out as itself."""
    runner = asyncio.Runner(loop_factory=None if sys.platform == "win32" else uvloop.new_event_loop)
    with runner:
        try:
            runner.run(work)
        except ExceptionGroup as group:
            first = group.exceptions[0]
            while isinstance(first, ExceptionGroup):
                first = first.exceptions[0]
            raise first from None


if __name__ == "__main__":
    sys.exit(main())
