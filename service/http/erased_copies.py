"""`/api/v1/erased-copies`: an organisation's node says that it has erased what was decided."""

import time

from aiohttp import web

from domain.channel.events import CopyErased
from domain.channel.refusals import AlreadyRecorded
from domain.ids import DeviceId, Version
from protocol.errors import DeviceNotValid
from protocol.node_words import MAX_WORD, parse_word, verify_decision, verify_word
from service.errors import NotFound, QuotaExceeded
from service.handle.erasing import record_by_hub
from service.handle.hub_acts import now
from service.http.bodies import read_body
from service.http.doors import CORE


async def post_word(request: web.Request) -> web.Response:
    """Record the word in the channel; the same vault's word again changes nothing.

    Raises:
        NotFound: no such channel or record.
        ForkedHistory: the node saw another history than this.
        QuotaExceeded: too much in a short time.
        DeviceNotValid: the node's certificate holds no longer.
        ForgedRecord, MalformedFrame, UnknownKey: it is no word of a node of that vault.
        Refusal: no decision there concerns that vault.

    """
    core = request.app[CORE]
    directory = core.keys.directory
    about, word = parse_word(await read_body(request, MAX_WORD), directory.deployment)
    verify_word(about, word, directory)
    device = DeviceId(word.device)
    if not directory.is_certified(device, now()):
        raise DeviceNotValid
    if not core.device_quota.take(device, 1.0, time.monotonic()):
        raise QuotaExceeded("device")
    live = (await core.channels.get(about.place.channel)).live
    found = await live.entries(Version(about.ref - 1), 1) if about.ref > 0 else []
    if about.thread is None or not found:
        raise NotFound
    event = CopyErased(about.ref, about.vault, word)
    verify_decision(event, found[0].head)
    try:
        await record_by_hub(live, core.signer, event, about.thread)
    except AlreadyRecorded:
        return web.json_response({"created": False})
    return web.json_response({"created": True}, status=201)
