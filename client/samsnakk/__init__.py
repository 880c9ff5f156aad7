"""The SDK: seals what is sent, verifies and opens what comes back (before step 1 of 5, and after step 5 of 5).

    import samsnakk

    unlocked = samsnakk.Profile.open(folder).unlock("passphrase")
    async with samsnakk.Client(unlocked, "https://hub.example") as client:
        channel = await client.channel(channel_id)
        await channel.caught_up()
        await channel.post(0, samsnakk.Text("God dag!"))
        async for event in channel.events():
            print(event.version, client.trust.name_of(event.author or b""), event.content)

Everything that comes out of `events` has been verified: signed by whom it says, complete, in order, allowed. The
hub is believed in nothing; what does not verify raises `HistoryBroken`.
"""

from domain.access.events import Purpose
from domain.channel.terms import Audience, Standing, Topic
from protocol.contents import (
    Agreement,
    Files,
    Question,
    Reaction,
    Reason,
    SealedFile,
    Summary,
    Task,
    Text,
    Title,
    Unknown,
)
from samsnakk.access_log import AccessLine
from samsnakk.channel import Channel
from samsnakk.channel_events import ChannelEvent, Sent, State
from samsnakk.client import Client
from samsnakk.errors import (
    AttachmentDamaged,
    AttachmentTooLarge,
    BadProfile,
    CannotReadFile,
    CannotUnlock,
    CannotWriteFile,
    ChannelEnded,
    ClientClosed,
    Disconnected,
    HistoryBroken,
    LogBroken,
    NoLogPin,
    NotInTime,
    Refused,
    SamsnakkError,
    SignInRefused,
)
from samsnakk.joining import ALL_HISTORY, NO_HISTORY, Claim, Terms
from samsnakk.profile import Identity, Profile, Secrets, Unlocked

__all__ = [
    "ALL_HISTORY",
    "NO_HISTORY",
    "AccessLine",
    "Agreement",
    "AttachmentDamaged",
    "AttachmentTooLarge",
    "Audience",
    "BadProfile",
    "CannotReadFile",
    "CannotUnlock",
    "CannotWriteFile",
    "Channel",
    "ChannelEnded",
    "ChannelEvent",
    "Claim",
    "Client",
    "ClientClosed",
    "Disconnected",
    "Files",
    "HistoryBroken",
    "Identity",
    "LogBroken",
    "NoLogPin",
    "NotInTime",
    "Profile",
    "Purpose",
    "Question",
    "Reaction",
    "Reason",
    "Refused",
    "SamsnakkError",
    "SealedFile",
    "Secrets",
    "Sent",
    "SignInRefused",
    "Standing",
    "State",
    "Summary",
    "Task",
    "Terms",
    "Text",
    "Title",
    "Topic",
    "Unknown",
    "Unlocked",
]
