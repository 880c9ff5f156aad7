"""Running the hub: bind, say that it is ready, serve, drain on a signal."""

import asyncio
import contextlib
import json
import signal
import socket
import sys

import structlog
from aiohttp import web

from service.app.build import BuiltHub, build
from service.identity.room import IDENTITY
from service.settings import BadSetting, Settings
from service.store.erasing import Eraser
from service.store.migrate import migrate

log = structlog.get_logger()
_SEND_BUFFER = 32 * 1024
"""Bytes the kernel may hide of a stalled reader (it would take megabytes by itself)."""
_BACKLOG = 1024


def listening_socket(address: str) -> socket.socket:
    """A bound TCP socket for `host:port`.

    Raises:
        BadSetting: not such an address, or it cannot be had.

    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise BadSetting(f"SAMSNAKK_LISTEN: host:port expected, not {address!r}")
    host = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    try:
        listener.bind((host, int(port)))
    except OSError as error:
        listener.close()
        raise BadSetting(f"SAMSNAKK_LISTEN: {address}: {error.strerror}") from None
    listener.listen(_BACKLOG)
    return listener


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Raises:
        BadSetting, StoreError: it cannot start; the text says why.

    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    listener = listening_socket(settings.listen)
    host, port = listener.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    with contextlib.closing(listener):
        await _serve_on(listener, url, settings, stopping)


async def _serve_on(listener: socket.socket, url: str, settings: Settings, stopping: asyncio.Event) -> None:
    async with build(settings, url) as built:
        runner = web.AppRunner(built.app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            announce(url, _development_provider(built, settings))
            await stopping.wait()
            await drain(built, settings.drain_seconds)
        finally:
            await runner.cleanup()


def _development_provider(built: BuiltHub, settings: Settings) -> str | None:
    """Where the development provider stands, for the nodes of a demonstration; None where none runs."""
    if settings.development_sign_in is None:
        return None
    return next(iter(built.app[IDENTITY].configuration.providers.values())).client.issuer


def announce(url: str, development_provider: str | None) -> None:
    """One line on standard output when the hub can serve, for whoever started it."""
    said = {"ready": url} if development_provider is None else {"ready": url, "sign_in": development_provider}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    log.info("ready", url=url)


async def drain(built: BuiltHub, seconds: float) -> None:
    """Take nothing new, end subscriptions with their closing lines, give open work a while."""
    log.info("draining")
    built.hub.drain()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await built.hub.empty.wait()


async def scrub_database(settings: Settings) -> bool:
    """Destroy what is decided and noted, once; tells whether nothing of it is left in the database's files.

    Raises:
        BadSetting: no eraser's address.
        StoreError: somebody holds the tables up, or the database is away: try again.

    """
    if settings.eraser_database_url is None:
        raise BadSetting("SAMSNAKK_ERASER_DATABASE_URL: the eraser's address is needed to scrub")
    with contextlib.closing(Eraser(settings.eraser_database_url)) as eraser:
        rows = await eraser.destroy()
        return (not rows and not await eraser.unscrubbed()) or await eraser.scrub()


async def migrate_database(settings: Settings) -> list[str]:
    """Bring the database named by the owner's address up to date; returns what was applied.

    Raises:
        BadSetting: no owner's address.
        StoreError: it cannot be done; nothing is half applied.

    """
    if settings.owner_database_url is None:
        raise BadSetting("SAMSNAKK_OWNER_DATABASE_URL: the owner's address is needed to migrate")
    return await migrate(settings.owner_database_url)
