"""On which claim a channel is opened: recorded, seen by the user once she is there, and refused where it lacks."""

import asyncio
from pathlib import Path

import pytest

from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import Standing
from domain.ids import MAIN_THREAD, ChannelId
from protocol.contents import Reason
from samsnakk import Channel, Claim, Refused, Terms
from samsnakk.cli.people import Names, Threads
from samsnakk.cli.texts import BOKMAL
from samsnakk.cli.transcript import Transcript
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.demo.world import World
from samsnakk.private_files import write_private
from tests.client.conftest import KEY, Connect, opened
from tests.client.test_arrival_commands import command
from tests.conftest import HubProcess


async def test_the_user_sees_who_answers_for_which_care_relation_and_the_reference(
    connect: Connect, world: World
) -> None:
    kari = await connect("Kari")
    claim = Claim("referral", "Henvisning 2026/114 fra fastlegen", OrganisationKind.SPECIALIST_HEALTH)
    channel = await kari.open_channel(claim=claim)
    await channel.user_arrived(world.person("Elle").id)
    hers = await opened(await connect("Elle"), channel)
    house = world.person("Kari").organisation
    assert house is not None
    recorded = hers.state.threads[MAIN_THREAD].claims[house]
    assert (recorded.legal_basis, recorded.relation, recorded.by) == (
        "treatment",
        "referral",
        world.person("Kari").id,
    )
    assert hers.state.kinds == {house: OrganisationKind.SPECIALIST_HEALTH}
    events = [event async for event in hers.events(follow=False)]
    assert Reason("Henvisning 2026/114 fra fastlegen") in [event.content for event in events]
    names = Names(world.trust, hers.me, BOKMAL)
    told = Transcript(names, Threads(BOKMAL), 200).fact(hers.event(recorded.version))
    assert told == "Kari Lindmoen står inne for at de har fått en henvisning, med hjemmel i «behandling»"


async def test_no_channel_is_opened_on_a_relation_that_does_not_fit_or_on_the_users_consent(
    connect: Connect, world: World
) -> None:
    berit = world.person("Berit")
    client = await connect("Berit")
    for basis, relation, code in (
        ("treatment", "curiosity", "unknown_care_relation"),
        ("service-decision", "referral", "wrong_basis"),
        ("consent", "treatment", "not_permitted"),
    ):
        with pytest.raises(Refused) as refused:
            await client.open_channel(
                Terms(berit.id, Standing.STAFF, berit.organisation, legal_basis=basis), claim=Claim(relation)
            )
        assert refused.value.code == code


async def test_the_welfare_office_opens_no_channel_on_a_basis_for_health_services(connect: Connect) -> None:
    client = await connect("Berit")
    with pytest.raises(Refused) as refused:
        await client.open_channel(claim=Claim(organisation=OrganisationKind.NAV))
    assert refused.value.code == "wrong_basis"


async def test_another_organisation_answers_for_its_own_care_relation_afterwards(
    connect: Connect, world: World
) -> None:
    channel = await (await connect("Kari")).open_channel()
    ingrid = world.person("Ingrid")
    await channel.join(0, Terms(ingrid.id, Standing.STAFF, ingrid.organisation, legal_basis="service-decision"))
    theirs: Channel = await opened(await connect("Ingrid"), channel)
    await theirs.claim_care("service-decision", "municipal-service", "Vedtak 17/2026")
    claims = theirs.state.threads[MAIN_THREAD].claims
    assert {claim.by for claim in claims.values()} == {world.person("Kari").id, ingrid.id}


async def test_opening_from_the_command_line_asks_for_the_relation_and_prints_the_channel(
    connect: Connect, hub: HubProcess, tmp_path: Path
) -> None:
    kari = await connect("Kari")
    write_private(tmp_path / "Kari" / UNLOCK_FILE, KEY)
    where = ("--as", "Kari", "--data", str(tmp_path / "Kari"), "--url", hub.url)
    process = await command("open", *where, "--relation", "henvisning", "--reference", "2026/114", "--title", "Elle")
    assert process.stdout is not None
    printed = (await asyncio.wait_for(process.stdout.read(), 60)).decode().strip()
    assert await asyncio.wait_for(process.wait(), 60) == 0
    channel = await kari.channel(ChannelId(bytes.fromhex(printed)))
    await channel.caught_up()
    (claim,) = channel.state.threads[MAIN_THREAD].claims.values()
    assert (claim.legal_basis, claim.relation) == ("treatment", "referral")
    without = await command("open", *where, "--reference", "2026/114")
    assert await asyncio.wait_for(without.wait(), 60) == 2
