"""Frames of logging in; `protocol.frames` has them under its own name."""

from typing import Annotated

from msgspec import Meta

from domain.ids import Bytes64, Count, DeploymentId, DeviceId, Millis
from protocol.frame_root import Frame


class Hello(Frame, frozen=True, tag="hello"):
    """Client, first: who wants to connect. `client`: name and version of the program, for support."""

    protocol: int
    device: DeviceId
    client: Annotated[str, Meta(max_length=64)]


class Challenge(Frame, frozen=True, tag="challenge"):
    """Hub: prove it, over this nonce."""

    protocol: int
    deployment: DeploymentId
    nonce: Annotated[bytes, Meta(min_length=32, max_length=32)]


class Prove(Frame, frozen=True, tag="prove"):
    """Client: the device's signature over `challenge_bytes`."""

    signature: Bytes64


class Welcome(Frame, frozen=True, tag="welcome"):
    """Hub: you are in. `now`: the hub's clock; limits the client should know."""

    now: Millis
    max_frame: Count
    max_unit: Count
