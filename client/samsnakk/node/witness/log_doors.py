"""The doors of the witness for other people's logs (C2SP tlog-witness)."""

from collections.abc import Callable
from http import HTTPStatus

from aiohttp import web

from crypto.witness_requests import MAX_ASKED
from domain.ids import Millis
from samsnakk.node.witness.any_log import PREFIX, Answer, LogWitness


class WitnessDoors:
    """The two doors."""

    def __init__(self, witness: LogWitness, now: Callable[[], Millis]) -> None:
        self._witness = witness
        self._now = now

    async def add_checkpoint(self, request: web.Request) -> web.Response:
        """A log asks for a cosignature."""
        body = bytearray()
        async for piece in request.content.iter_chunked(MAX_ASKED):
            body += piece
            if len(body) > MAX_ASKED:
                return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return _response(self._witness.add_checkpoint(bytes(body), self._now()))

    async def checkpoint(self, request: web.Request) -> web.Response:
        """Somebody asks what was cosigned last."""
        return _response(self._witness.newest(request.match_info["origin"]))


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, text=answer.body, content_type=answer.kind)


def routes_of(witness: LogWitness, now: Callable[[], Millis]) -> list[web.AbstractRouteDef]:
    """What to serve: submission and monitoring under one prefix."""
    doors = WitnessDoors(witness, now)
    return [
        web.post(PREFIX + "/add-checkpoint", doors.add_checkpoint),
        web.get(PREFIX + "/{origin}/checkpoint", doors.checkpoint),
    ]
