"""Every HTTP error as JSON: code, detail, advice, retry; the status stands in the error table."""

import json
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from domain.errors import DomainError
from protocol.errors import ProtocolError
from protocol.table import TABLE
from service.errors import HubError
from service.http.refusing import note_refusal
from service.outcomes import code_of, where
from service.store import StoreError

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def problem(code: str, detail: str = "") -> web.Response:
    """The response for a code of the table."""
    row = TABLE[code]
    body = {"code": row.code, "detail": detail, "advice": row.advice, "retry": row.retry.value}
    return web.json_response(body, status=row.status, dumps=lambda value: json.dumps(value, ensure_ascii=False))


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into a problem; nothing unforeseen reaches the client or the log with its data."""
    try:
        return await handler(request)
    except (DomainError, ProtocolError, HubError, StoreError) as error:
        note_refusal(request, code_of(error))
        return problem(code_of(error), str(getattr(error, "detail", "")))
    except web.HTTPException as error:
        if error.status == web.HTTPForbidden.status_code:
            return problem("origin_not_allowed")
        if error.status == web.HTTPRequestEntityTooLarge.status_code:
            return problem("too_large")
        if error.status == web.HTTPNotFound.status_code:
            return problem("not_found")
        raise
    except Exception as fault:  # noqa: BLE001 - the last net: only type and place are written down
        log.error("request_failed", fault=where(fault))  # noqa: TRY400 - a traceback could hold data
        return problem("internal_error")
