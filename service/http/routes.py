"""Every HTTP route in one place, and its description (OpenAPI 3.1) made from the same list."""

from aiohttp import web

from service.http import attachments, health, keys
from service.http.problems import Handler

ROUTES: tuple[tuple[str, str, Handler, str], ...] = (
    ("GET", "/healthz", health.healthz, "The process lives."),
    ("GET", "/readyz", health.readyz, "The hub can serve: the store answers and it is not draining."),
    ("GET", "/metrics", health.metrics_page, "Numbers for Prometheus."),
    ("GET", "/api/v1/key-streams/{principal}", keys.get_key_stream, "A principal's signed key stream (CBOR)."),
    ("POST", "/api/v1/key-streams/{principal}", keys.post_key_stream, "Publish new statements of a key stream."),
    (
        "PUT",
        "/api/v1/channels/{channel}/attachments/{file}",
        attachments.put_attachment,
        "Store a sealed file; signed request in the Samsnakk-Request header.",
    ),
    (
        "GET",
        "/api/v1/channels/{channel}/attachments/{file}",
        attachments.get_attachment,
        "Read a sealed file; its access line comes in the Samsnakk-Line header.",
    ),
)


def add_routes(app: web.Application) -> None:
    """Open the HTTP doors."""
    for method, path, handler, _ in ROUTES:
        app.router.add_route(method, path, handler)
    app.router.add_route("GET", "/api/v1/openapi.json", _openapi)


async def _openapi(_: web.Request) -> web.Response:
    return web.json_response(openapi())


def openapi() -> dict[str, object]:
    """The description of the HTTP doors. The WebSocket at `/ws` is described in docs/protocol.md §8."""
    paths: dict[str, dict[str, object]] = {}
    for method, path, _, summary in ROUTES:
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
            for name in names
        ]
        responses = {"2XX": {"description": summary}, "default": {"$ref": "#/components/responses/Problem"}}
        paths.setdefault(path, {})[method.lower()] = {
            "summary": summary,
            "parameters": parameters,
            "responses": responses,
        }
    fields = {name: {"type": "string"} for name in ("code", "detail", "advice", "retry")}
    problem = {"type": "object", "required": list(fields), "properties": fields}
    answer = {"description": "What went wrong.", "content": {"application/json": {"schema": problem}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Samsnakk hub", "version": "1"},
        "paths": paths,
        "components": {"responses": {"Problem": answer}},
    }
