"""A client that can be made to stop reading, which the SDK never does: it believes nothing and keeps nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import websockets

from crypto import labels, signing
from crypto.shapes import SecretKey
from domain.access.events import IntervalOpened
from domain.channel.events import EpochOpened, MessagePosted
from domain.ids import Millis
from protocol import frames, records
from protocol.acts import Place, parse_header, verify_act
from protocol.contents import Text, decode_content
from protocol.directory import Directory
from protocol.replay import Replay
from protocol.sealing import open_epoch, open_message
from samsnakk.demo.authority import Person
from samsnakk.demo.world import World
from tests.bench.light import subscription


class Member:
    """Verifies chain, signature, certificate and rules of every record by itself, shares no result with anybody."""

    def __init__(self, world: World, person: Person, place: Place) -> None:
        self._person = person
        self._place = place
        self._directory = Directory(world.trust)
        self._kem = list(person.holder.kem_keys())
        self._epoch_key: SecretKey | None = None
        self.replay = Replay(place, person.id, self._directory)
        self.socket: websockets.ClientConnection | None = None
        self.live = False

    async def connect(self, url: str, **options: object) -> None:
        """Sign in and ask for everything after what is known."""
        uri = url.replace("http", "ws", 1) + "/ws"
        self.socket = await websockets.connect(
            uri,
            compression=None,
            max_size=frames.MAX_FRAME,
            proxy=None,
            **options,  # type: ignore[arg-type]
        )
        await self.socket.send(frames.encode(frames.Hello(1, self._person.device, "bench")))
        challenge = await self.next_frame()
        assert isinstance(challenge, frames.Challenge)
        signed = frames.challenge_bytes(challenge, self._person.device)
        proof = signing.sign(self._person.signing_key, labels.CHALLENGE, signed)
        await self.socket.send(frames.encode(frames.Prove(proof)))
        assert isinstance(await self.next_frame(), frames.Welcome)
        self.live = False
        await self.socket.send(subscription(self._place, self._person, self.replay.version))
        subscribed = await self.next_frame()
        assert isinstance(subscribed, frames.Subscribed), subscribed
        self._check_line(subscribed.line)

    def _check_line(self, line: object) -> None:
        """The hub signed that this reader gets the content, before it came."""
        record = records.read_item(line)
        assert isinstance(record, records.Record)
        act = verify_act(record.signed, self._place, self._directory.signer)
        event = parse_header(act.signed.header)[0].event
        assert isinstance(event, IntervalOpened)
        assert event.reader == self._person.id

    async def next_frame(self) -> frames.HubFrame:
        assert self.socket is not None
        data = await self.socket.recv()
        assert isinstance(data, bytes)
        return frames.decode_hub(data)

    async def read(self) -> list[str]:
        """The texts in the next frame, verified and decrypted."""
        frame = await self.next_frame()
        assert isinstance(frame, frames.Events), frame
        texts = list(self._texts(frame.items))
        assert self.replay.head == frame.head or not frame.items
        if frame.live and not self.live:
            self.replay.verify_stubs(Millis(time.time_ns() // 1_000_000))
            self.live = True
        return texts

    def _texts(self, items: list[list[object]]) -> Iterator[str]:
        for item in items:
            accepted = self.replay.accept(item)
            event, body = accepted.header.event, accepted.body
            if isinstance(event, EpochOpened) and body is not None:
                self._epoch_key = open_epoch(accepted.header, body, self._person.id, self._kem)
            elif isinstance(event, MessagePosted) and body is not None:
                assert self._epoch_key is not None
                content = decode_content(open_message(accepted.header, body, self._epoch_key))
                assert isinstance(content, Text)
                yield content.text

    async def catch_up(self) -> list[str]:
        """Everything up to now."""
        texts: list[str] = []
        while not self.live:
            texts += await self.read()
        return texts

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close()


def read_world(folder: str) -> World:
    return World.open(Path(folder))
