"""Making a bundle from what a member's end holds of a channel: nothing goes in that this end has not verified.

The hub's log must show every stream just as it stands here. What has moved on meanwhile is fetched again.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from crypto.chain import stream_name
from crypto.hashing import Digest
from crypto.key_heads import heads_after, log_name
from crypto.log_entries import LogEntry
from domain.ids import PrincipalId
from protocol import records
from protocol.directory import Directory
from protocol.global_log import SignedCheckpoint, logged_head
from protocol.published_keys import encode_entries
from protocol.trust import Trust
from samsnakk.channel import Channel
from samsnakk.client import Client
from samsnakk.errors import NotInTime, SamsnakkError
from samsnakk.key_finding import principals_named
from samsnakk.pauses import pause
from samsnakk.who_read import WhoRead

TRIES: Final = 20
"""How often the log is asked while the channel moves on."""
COSIGNING: Final = 40.0
"""Seconds to wait until the witnesses have signed; each checkpoint is out to be cosigned for 15 seconds at most."""
MAX_SHOWN_TOGETHER: Final = 64
"""Streams in one question to the log."""
MAX_BUNDLE_STREAMS: Final = 6 * MAX_SHOWN_TOGETHER
"""Streams in a bundle: the record, the access log, and the keys of everybody who ever took part."""
_SOON: Final = 0.5


class TooManyStreams(SamsnakkError):
    """More people took part than one bundle carries."""

    def __init__(self) -> None:
        super().__init__(
            f"more than {MAX_BUNDLE_STREAMS} people, inboxes and archives took part",
            "Export from an organisation's copy instead, or ask for a newer program.",
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A checkpoint, what it says of streams ([name, leaf, siblings]), and that the last one goes on from it."""

    checkpoint: SignedCheckpoint
    heads: tuple[tuple[Digest, bytes, tuple[bytes, ...]], ...] = ()
    consistency: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything of a bundle, as it stood when the log was asked.

    `note`: a checkpoint with the witnesses' signatures; `witnessed`: enough of them, as the hub says.
    """

    items: list[list[Any]] = field(repr=False)
    read: WhoRead
    keys: dict[PrincipalId, bytes]
    shown: list[Shown]
    note: str
    witnessed: bool


async def collect(client: Client, channel: Channel, patience: float = COSIGNING) -> Collected:
    """Wait for a moment at which the log shows all of it, then up to `patience` seconds for the witnesses.

    Raises:
        NotInTime: the channel moves on faster than the log can be asked.
        TooManyStreams: more people took part than one bundle carries.
        Disconnected, HistoryBroken, Refused: it cannot be had, or the hub was caught.
        Attack: the log does not hold.

    """
    for _ in range(TRIES):
        await channel.caught_up()
        read = await channel.who_read()
        items = channel.items(read.history.version)
        needed = _keys_needed(client.directory, client.trust, items, read)
        await client.finder.learn(needed)
        keys = [who for who in needed if client.directory.entries(who)]
        ends = _ends(client.directory, channel, read, keys)
        shown = await _shown(client, ends)
        if shown is not None:
            streams = {who: encode_entries(client.directory.entries(who)) for who in keys}
            witnessed = await _witnessed(client, shown, patience)
            # A witness that was certified only now is none in what was collected before.
            await client.finder.learn(needed)
            if streams == {who: encode_entries(client.directory.entries(who)) for who in keys}:
                return Collected(list(_with_class(items, read)), read, streams, *witnessed)
        await pause(_SOON)
    raise NotInTime


def _keys_needed(directory: Directory, trust: Trust, items: list[list[Any]], read: WhoRead) -> list[PrincipalId]:
    """Everybody whose keys stand in the record or the access log; the witnesses; roots that were replaced, first."""
    found = {PrincipalId(pin.vault) for pin in trust.organisations} | read.log.askers()
    for item in items:
        found.update(principals_named(item))
    replaced = directory.roots.replaced()
    return [*replaced, *sorted(found.difference(replaced))]


def _with_class(items: list[list[Any]], read: WhoRead) -> Iterator[list[Any]]:
    """Leaves as they are; records with their kind's class behind them, for verifiers that do not know the kinds."""
    for item, place in zip(items, read.history.places, strict=True):
        yield [*item, place.kind_class.value] if isinstance(item[0], bytes) else item


def _ends(directory: Directory, channel: Channel, read: WhoRead, keys: Sequence[PrincipalId]) -> dict[Digest, LogEntry]:
    secret, deployment = channel.state.stream_secret, channel.place.deployment
    ends = [LogEntry(stream_name(secret, records.CHANNEL), read.history.version, Digest(read.channel_head))]
    if read.lines:
        ends.append(LogEntry(stream_name(secret, records.ACCESS), len(read.lines), Digest(read.head)))
    for who in keys:
        entries = directory.entries(who)
        ends.append(LogEntry(log_name(who), len(entries), heads_after(deployment, who, entries)[-1]))
    if len(ends) > MAX_BUNDLE_STREAMS:
        raise TooManyStreams
    return {one.name: one for one in ends}


async def _shown(client: Client, ends: dict[Digest, LogEntry]) -> list[Shown] | None:
    """What the log says of all of them; None where it says that something has moved on, or does not say it yet."""
    names = list(ends)
    found: list[Shown] = []
    for start in range(0, len(names), MAX_SHOWN_TOGETHER):
        asked = names[start : start + MAX_SHOWN_TOGETHER]
        answer = await client.questions.ask([], asked)
        heads = []
        for name, (leaf, siblings) in zip(asked, answer.heads, strict=True):
            entry = logged_head(answer.checkpoint.checkpoint, name, leaf, siblings)
            if leaf is None or entry != ends[name]:
                return None
            heads.append((name, leaf, siblings))
        found.append(Shown(answer.checkpoint, tuple(heads)))
    return found


async def _witnessed(client: Client, shown: list[Shown], patience: float) -> tuple[list[Shown], str, bool]:
    """All of it, and the last checkpoint, which goes on from all of the others and from the one that was cosigned."""
    size = max(one.checkpoint.checkpoint.size for one in shown)
    cosigned = await _cosigned(client, size, patience)
    before = [*shown, *([Shown(cosigned)] if cosigned is not None else [])]
    last = await client.questions.ask([one.checkpoint for one in before], [])
    linked = [replace(one, consistency=proof) for one, proof in zip(before, last.consistency, strict=True)]
    note = last.checkpoint.note if cosigned is None else cosigned.note
    return [*linked, Shown(last.checkpoint)], note, cosigned is not None


async def _cosigned(client: Client, size: int, patience: float) -> SignedCheckpoint | None:
    """The first cosigned checkpoint that reaches as far as `size`; None where none comes."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while True:
                found = await client.questions.cosigned()
                if found is not None and found.checkpoint.size >= size:
                    return found
                await pause(_SOON)
    return None
