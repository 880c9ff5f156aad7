"""Typed ids and numbers. Ids are 16 random bytes; nothing is derived from a name or a national id."""

from typing import Annotated, NewType

from msgspec import Meta

Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes64 = Annotated[bytes, Meta(min_length=64, max_length=64)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[a-z0-9][a-z0-9._:/-]*\Z")]

DeploymentId = NewType("DeploymentId", Bytes16)
ChannelId = NewType("ChannelId", Bytes16)
OrganisationId = NewType("OrganisationId", Bytes16)
PrincipalId = NewType("PrincipalId", Bytes16)
"""A person, a service inbox (role) or an organisation vault: whoever an epoch key is wrapped for."""
DeviceId = NewType("DeviceId", Bytes16)
CommandId = NewType("CommandId", Bytes16)
FileId = NewType("FileId", Bytes16)
EntryId = NewType("EntryId", Bytes16)
"""An entry of an organisation's listing in the directory."""
Digest = NewType("Digest", Bytes32)

ThreadNo = NewType("ThreadNo", Count)
"""Number of a thread in its channel; thread 0 is the channel-wide one with the user."""
EpochNo = NewType("EpochNo", Count)
Version = NewType("Version", Count)
"""Place of a record in its stream; the first is 1, 0 means "before everything"."""
Millis = NewType("Millis", Count)
"""UTC milliseconds since 1970-01-01."""

MAIN_THREAD = ThreadNo(0)
