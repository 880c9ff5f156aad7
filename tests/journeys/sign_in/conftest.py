"""The hub that signs people in at a certified provider, and a page of somebody else's."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.service.identity.conftest import signing_hub  # noqa: F401 - the same fixture, for another folder


@pytest.fixture
async def page_elsewhere() -> AsyncIterator[str]:
    """A page of another origin on the same machine."""

    async def evil(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>evil</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", evil)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()
