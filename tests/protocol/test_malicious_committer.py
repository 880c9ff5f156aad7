"""A member who opens an epoch and cheats with its wraps: found out by whoever is cheated, and by nobody's accident."""

from dataclasses import replace
from typing import Any

import pytest

from crypto import cbor
from crypto.errors import CannotOpen
from domain.channel import events as e
from domain.ids import EpochNo, ThreadNo
from protocol import sealing
from protocol.acts import MAX_BODY
from protocol.errors import UnauthorisedRecord
from tests.crypto.fixed import flipped, some_secret
from tests.protocol.keyholders import ANNA, IDA
from tests.protocol.reading import after, refuses, replayed
from tests.protocol.small_channel import EPOCH_OF_ALL, part, told, wraps_of
from tests.protocol.stream_builder import epoch_key


def test_a_committer_who_hands_out_different_keys_is_found_out_by_who_got_the_wrong_one() -> None:
    story = told()
    header, body = part(story, EPOCH_OF_ALL)
    _, other = sealing.seal_epoch(replace(header, core=b""), some_secret("another"), story.keys.public_keys)
    mine, theirs = cbor.decode(body, max_size=MAX_BODY), cbor.decode(other, max_size=MAX_BODY)
    assert isinstance(mine, list)
    assert isinstance(theirs, list)
    for at, who in enumerate(header.event.roster):  # type: ignore[union-attr]
        mixed = cbor.encode([*mine[:at], theirs[at], *mine[at + 1 :]])
        holders = {one.principal: one for one in (ANNA, IDA)}
        for principal, holder in holders.items():
            if principal == who.principal:
                with pytest.raises(CannotOpen):
                    sealing.open_epoch(header, mixed, principal, holder.kem())
            else:
                assert sealing.open_epoch(header, mixed, principal, holder.kem()) == epoch_key(0, 2)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda w: cbor.encode(w[:-1]), id="one missing"),
        pytest.param(lambda w: cbor.encode([*w, w[0]]), id="one too many"),
        pytest.param(lambda w: cbor.encode([*w[1:], w[0]]), id="out of order"),
        pytest.param(lambda w: cbor.encode([flipped(one) for one in w]), id="flipped bits"),
        pytest.param(lambda w: cbor.encode([one[:-1] for one in w]), id="cut short"),
        pytest.param(lambda w: cbor.encode([None for _ in w]), id="nothing"),
        pytest.param(lambda w: cbor.encode(["" for _ in w]), id="text"),
        pytest.param(lambda w: cbor.encode([b"" for _ in w]), id="empty"),
        pytest.param(lambda w: cbor.encode(w) + b"\x00", id="a byte behind"),
        pytest.param(lambda _: cbor.encode({}), id="no array"),
        pytest.param(lambda _: b"", id="no bytes"),
    ],
)
def test_broken_wraps_open_for_nobody_and_break_nobody(broken: Any) -> None:
    story = told()
    header, _ = part(story, EPOCH_OF_ALL)
    body = broken(wraps_of(story, EPOCH_OF_ALL))
    for who in (ANNA, IDA):
        with pytest.raises(CannotOpen):
            sealing.open_epoch(header, body, who.principal, who.kem())


def test_after_a_broken_wrap_was_reported_nobody_seals_under_that_epoch() -> None:
    story = told()
    story.record(story.signed(IDA, e.WrapFailed(EpochNo(4)), 0))
    replay = replayed(ANNA, story.items())
    refuses(replay, after(story, story.message(ANNA, 0, "hei")), UnauthorisedRecord, "rekey_pending")
    story.record(story.epoch(ANNA, 0))
    story.record(story.message(ANNA, 0, "hei"))
    assert replayed(ANNA, story.items()).version == 30


@pytest.mark.parametrize(
    "moved",
    [
        {"thread": ThreadNo(2)},
        {"device": IDA.device},
        {"membership_version": 7},
    ],
)
def test_wraps_open_beside_their_own_header_alone(moved: dict[str, Any]) -> None:
    header, body = part(told(), EPOCH_OF_ALL)
    with pytest.raises(CannotOpen):
        sealing.open_epoch(replace(header, **moved), body, IDA.principal, IDA.kem())


def test_wraps_of_another_epoch_or_roster_do_not_open() -> None:
    header, body = part(told(), EPOCH_OF_ALL)
    event = header.event
    assert isinstance(event, e.EpochOpened)
    for lie in (
        replace(event, epoch=EpochNo(9)),
        replace(event, roster=event.roster[::-1]),
        replace(event, roster=(*event.roster[:-1], event.roster[0])),
        replace(event, confirmation=bytes(32)),
    ):
        with pytest.raises(CannotOpen):
            sealing.open_epoch(replace(header, event=lie), body, IDA.principal, IDA.kem())
