"""What is kept in the outbox means the same after it was read back."""

from pathlib import Path

import pytest

from crypto import cbor
from crypto.errors import Malformed
from domain.channel import events as e
from domain.channel.terms import Audience, Topic
from domain.ids import MAIN_THREAD, Millis, PrincipalId, ThreadNo, Version
from samsnakk.demo.world import World
from samsnakk.errors import BadProfile
from samsnakk.local_store import LocalStore, Put
from samsnakk.plans import (
    NEW_THREAD,
    Granting,
    Removing,
    Step,
    decode_plan,
    encode_plan,
    is_light,
    opens_channel,
    opens_thread,
)
from tests.client.conftest import KEY, make_profile

WHO = PrincipalId(bytes(16))
PLAN = (
    Step(e.ThreadOpened(Audience.STAFF_ONLY, Topic.SAFETY, Millis(5)), NEW_THREAD),
    Step(e.MessagePosted(asks=True, due=Millis(7)), NEW_THREAD, b"content"),
    Step(e.MessagePosted(), MAIN_THREAD, b"told", announces_new=True),
    Granting(ThreadNo(1), WHO, Version(3)),
    Removing(WHO, "ended"),
    Step(e.ChannelReopened(), None),
)


def test_a_plan_survives_being_kept() -> None:
    kept = cbor.encode(encode_plan(PLAN))  # type: ignore[arg-type]
    assert decode_plan(cbor.decode(kept, max_size=len(kept))) == PLAN


@pytest.mark.parametrize(
    "value", [None, [[]], [["act"]], [["grant", 1, b"", "x"]], [["act", "?/1", {}, 0, None, False]]]
)
def test_what_is_no_plan_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        decode_plan(value)


def test_only_plain_messages_fly_ahead_of_receipts() -> None:
    assert is_light((Step(e.MessagePosted(), MAIN_THREAD, b""),))
    assert is_light((Step(e.MessagesSeen(Version(1)), MAIN_THREAD),))
    assert not is_light((Step(e.MessagePosted(corrects=Version(1)), MAIN_THREAD, b""),))
    assert not is_light(PLAN)
    assert opens_thread(PLAN)
    assert not opens_channel(PLAN)


async def test_a_row_that_was_moved_does_not_open(world: World, tmp_path: Path) -> None:
    unlocked = make_profile(world, "Kari", tmp_path).unlock(key=KEY)
    store = LocalStore(unlocked)
    await store.write(Put("items", b"owner", [(1, 0, b"first"), (2, 0, b"second")]))
    assert await store.rows("items", b"owner") == [(1, 0, b"first"), (2, 0, b"second")]
    store._rows._db.execute("UPDATE items SET a = 3 WHERE a = 1")
    with pytest.raises(BadProfile):
        await store.rows("items", b"owner")
    await store.close()
