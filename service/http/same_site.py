"""No page of another origin acts with somebody's session: every unsafe request that a cookie rides on is checked."""

from aiohttp import web

from service.http.doors import CORE
from service.http.problems import Handler
from service.identity import security_log
from service.identity.carried import is_by_cookie, is_from_our_pages
from service.identity.errors import CrossSite
from service.identity.room import IDENTITY


@web.middleware
async def same_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through if it needs no protection or has it.

    Raises:
        CrossSite: a browser was made to send it by somebody else's page, or by none.

    """
    identity = request.app.get(IDENTITY)
    if identity is not None and is_by_cookie(request):
        origins = {identity.origin, *request.app[CORE].settings.allowed_origins}
        if not is_from_our_pages(request, origins):
            security_log.refused("cross_site_refused", CrossSite.code, request.remote)
            raise CrossSite
    return await handler(request)
