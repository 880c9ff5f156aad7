"""The duty roster changes: who answers the inbox reads it, who does not any more reads nothing that follows."""

import asyncio

import pytest

from crypto.errors import CannotOpen
from crypto.inbox_files import open_inbox, parse_inbox_file
from samsnakk import Client, Text
from tests.client.conftest import texts
from tests.journeys.inbox.conftest import PATIENCE, Telephone
from tests.journeys.who_reads.everybody import Keys, could_read


async def test_a_newcomer_reads_and_answers_and_who_left_reads_nothing_that_follows(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon")
    kari, jon, liv = [await telephone.program(name) for name in ("Kari", "Jon", "Liv")]
    first = await kari.inboxes.renew(telephone.inbox)
    assert (first.version, first.sealed_for) == (1, 2)
    channel = await telephone.channel_with_inbox(kari)
    await channel.post(0, Text("Til vakta: Elle ringer i kveld."))
    his = await telephone.answering(jon, channel)
    assert await texts(his) == ["Til vakta: Elle ringer i kveld."]

    await telephone.on_duty("Kari", "Liv")  # the roster changes, and nothing else is done
    renewed = await kari.inboxes.renew(telephone.inbox)
    assert (renewed.version, renewed.sealed_for) == (2, 2)
    await channel.post(0, Text("Etter vaktskiftet."))
    hers = await telephone.answering(liv, channel)
    assert await texts(hers) == ["Til vakta: Elle ringer i kveld.", "Etter vaktskiftet."]
    answered = await hers.post(0, Text("Liv tar det."))
    await channel.reached(answered.version, PATIENCE)
    assert channel.event(answered.version).role == telephone.inbox

    async with asyncio.timeout(PATIENCE):
        await his._held.pulse.wait_for(lambda: his.ended)
    assert await texts(his) == ["Til vakta: Elle ringer i kveld."]
    # And with every key that each of them has, and everything that the hub has:
    everything = ["Til vakta: Elle ringer i kveld.", "Etter vaktskiftet.", "Liv tar det."]
    opens = {
        client: could_read(channel, telephone.inbox, _inbox_keys(client, telephone)) for client in (kari, jon, liv)
    }
    assert opens == {kari: everything, jon: everything[:1], liv: everything}
    files = [parse_inbox_file(data) for data in await telephone.files()]
    assert [jon.me in {seat.person for seat in file.seats} for file in files] == [True, False]
    with pytest.raises(CannotOpen):
        open_inbox(files[-1], jon.me, jon.inboxes.unlocked.kem_keys[jon.me])


def _inbox_keys(client: Client, telephone: Telephone) -> Keys:
    return {version: [key] for version, key in client.inboxes.unlocked.kem_keys[telephone.inbox].items()}
