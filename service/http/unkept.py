"""`/api/v1/organisations/{organisation}/unkept`: the streams in which an organisation's newest root has yet to speak.

Public like the streams themselves. Nothing stands here but between the moment a root is replaced and the moment the
organisation's node has gone through its streams; without it, nobody could find whom the thief of a root invented.
"""

from aiohttp import web

from crypto import cbor
from domain.ids import OrganisationId
from service.http.doors import CORE, id_in_path
from service.http.keys import CBOR


async def get_unkept(request: web.Request) -> web.Response:
    """The principals, sorted, as CBOR."""
    organisation = OrganisationId(id_in_path(request, "organisation"))
    found = request.app[CORE].keys.unkept(organisation)
    return web.Response(body=cbor.encode(found), content_type=CBOR)
