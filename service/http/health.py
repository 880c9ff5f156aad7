"""`/healthz`: the process lives. `/readyz`: it can serve: the store answers and it is not draining. `/metrics`."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service import metrics
from service.errors import Draining
from service.http.doors import CORE
from service.store import StoreUnavailable

_DEADLINE = 2.0


async def healthz(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The hub can serve.

    Raises:
        Draining: it is shutting down.
        StoreError: the store does not answer.

    """
    if request.app[CORE].draining:
        raise Draining
    try:
        async with asyncio.timeout(_DEADLINE):
            position = await request.app[CORE].store.max_position()
    except TimeoutError:
        raise StoreUnavailable("the database did not answer in time") from None
    return web.json_response({"status": "ready", "position": position})


async def metrics_page(_: web.Request) -> web.Response:
    """Prometheus text."""
    return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
