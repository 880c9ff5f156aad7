"""Who connects: a device answers a challenge with its certified key."""

import asyncio
from collections.abc import Callable

from aiohttp import WSMsgType, web

from crypto import labels, signing
from crypto.errors import CryptoError
from crypto.random import random_bytes
from domain.ids import DeviceId
from protocol import frames
from protocol.acts import PROTOCOL
from protocol.directory import Directory
from protocol.errors import MalformedFrame, UnknownProtocol
from protocol.readers import requester
from protocol.speaking_now import verify_speaks_now
from service.errors import NotSignedIn
from service.handle.hub_acts import now
from service.push.outlet import Outlet


async def next_frame(socket: web.WebSocketResponse) -> frames.ClientFrame | None:
    """The next frame; None when the connection has ended.

    Raises:
        MalformedFrame: a text message, or bytes that are no client frame.

    """
    message = await socket.receive()
    match message.type:
        case WSMsgType.BINARY:
            return frames.decode_client(message.data)
        case WSMsgType.TEXT:
            raise MalformedFrame("binary frames only")
        case _:
            return None


async def sign_in(
    socket: web.WebSocketResponse,
    outlet: Outlet,
    directory: Directory,
    deadline: float,
    check: Callable[[DeviceId], None],
    claims: Callable[[DeviceId], None] = lambda _: None,
) -> DeviceId:
    """Challenge the device and check its answer; `check` raises where the device may not be this connection's.

    `claims` is told which device the connection says it is, before anything of it is believed.

    Raises:
        NotSignedIn: no or a wrong answer, or not in time.
        UnknownDevice, DeviceNotValid: not (or no longer) certified.
        UnknownProtocol: another protocol version.
        MalformedFrame: not the frames of a login.

    """
    try:
        async with asyncio.timeout(deadline):
            hello = await next_frame(socket)
            if not isinstance(hello, frames.Hello):
                raise NotSignedIn("hello first")
            if hello.protocol != PROTOCOL:
                raise UnknownProtocol
            claims(hello.device)
            challenge = frames.Challenge(PROTOCOL, directory.deployment, random_bytes(32))
            outlet.send(challenge)
            proof = await next_frame(socket)
    except TimeoutError:
        raise NotSignedIn("not in time") from None
    if not isinstance(proof, frames.Prove):
        raise NotSignedIn("prove next")
    verify_proof(challenge, hello.device, proof, directory)
    check(hello.device)
    outlet.send(frames.Welcome(now(), frames.MAX_FRAME, frames.MAX_UNIT))
    return hello.device


def verify_proof(challenge: frames.Challenge, device: DeviceId, proof: frames.Prove, directory: Directory) -> None:
    """Check the signature over the challenge and that the device is certified now. Raises as `sign_in`."""
    key, _ = requester(directory, device)
    try:
        signing.verify(key, labels.CHALLENGE, frames.challenge_bytes(challenge, device), proof.signature)
    except CryptoError:
        raise NotSignedIn("signature") from None
    verify_speaks_now(directory, device, now())
