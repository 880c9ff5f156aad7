"""Consent, blocking, reporting and inviting as people type it, against the real hub; what they read is plain bokmål."""

import asyncio
from collections.abc import Callable, Iterable

import pytest
from rich.text import Text as Line

from domain.channel.legal_bases import OrganisationKind
from domain.channel.terms import ConsentScope
from domain.ids import MAIN_THREAD, Millis, OrganisationId
from samsnakk import Audience, Channel, Refused, SamsnakkError, Terms, Text, Topic
from samsnakk.cli.bringing import KindOf, nobody_says
from samsnakk.cli.commands import parse
from samsnakk.cli.conversation import Conversation
from samsnakk.cli.error_texts import told
from samsnakk.cli.people import Names
from samsnakk.cli.texts import BOKMAL
from samsnakk.demo.world import World, now_ms
from tests.client.conftest import Connect, opened, texts


class Chat:
    """A terminal without a terminal: what is typed, and what is read."""

    def __init__(self, channel: Channel, world: World, kind_of: KindOf = nobody_says) -> None:
        self.channel = channel
        self.said: list[str] = []
        self.talk = Conversation(channel, Names(world.trust, channel.me, BOKMAL), self._show, 200, kind_of)

    def _show(self, lines: Iterable[Line]) -> None:
        self.said += [line.plain.strip() for line in lines]

    async def types(self, line: str) -> str:
        """What is answered, all lines; of an error its advice."""
        self.said.clear()
        command = parse(line)
        assert command is not None
        try:
            await self.talk.do(command, now_ms())
        except SamsnakkError as error:
            return "! " + told(error)
        return "\n".join(self.said)


@pytest.fixture
async def kari(connect: Connect, world: World) -> Chat:
    channel = await (await connect("Kari")).open_channel(title="Samtaler")
    await channel.user_arrived(world.person("Elle").id)
    return Chat(channel, world)


@pytest.fixture
async def elle(connect: Connect, kari: Chat, world: World) -> Chat:
    return Chat(await opened(await connect("Elle"), kari.channel), world)


async def met(*chats: Chat) -> None:
    newest = max(chat.channel.version for chat in chats)
    for chat in chats:
        await chat.channel.reached(newest)


async def is_out(channel: Channel) -> None:
    async with asyncio.timeout(60):
        await channel._held.pulse.wait_for(lambda: channel.ended)


async def until_over(channel: Channel) -> None:
    while any(line.stands for line in channel.consents()):  # noqa: ASYNC110 - nothing tells that time has passed
        await asyncio.sleep(0.05)


def nav(world: World) -> str:
    return next(o.name for o in world.trust.organisations if o.id == world.person("Berit").organisation)


async def test_the_user_gives_sees_limits_and_withdraws_a_consent_and_it_holds_at_once(
    kari: Chat, elle: Chat, connect: Connect, world: World
) -> None:
    name, berit = nav(world), world.person("Berit").name
    assert await elle.types("/samtykke") == "Ingen er med på samtykke her."
    given = await elle.types(f"/samtykke {name} 30d historikk")
    assert given.startswith(f"Du har sagt ja til {name} her, til ")
    await met(kari, elle)
    brought = await kari.types(f"/inviter {berit} samtykke alt")
    assert brought == f"{berit} er med i «Felles tråd», samtykke, og får lese alt du selv kan lese."
    theirs = Chat(await opened(await connect("Berit"), kari.channel), world)
    await met(kari, elle)
    shown = await elle.types("/samtykke")
    assert f"{name} · «Felles tråd»: du har sagt ja." in shown
    assert "det som er skrevet før. Det gjelder til " in shown
    assert f"Med nå: {berit}." in shown
    assert "brukeren har sagt ja" in await kari.types("/samtykke")
    assert "De får lese det som skrives fra nå av." in await elle.types(f"/begrens {name} 7d fra-nå")
    assert elle.channel.state.threads[MAIN_THREAD].consents[world.person("Berit").organisation].scope is (  # type: ignore[index]
        ConsentScope.TAKE_PART
    )
    taken = await elle.types(f"/trekk {name}")
    assert taken.startswith(f"{name} er ute av alle tråder og får ikke lese noe av det som skrives fra nå.")
    assert f"Dette gjaldt: {berit}." in taken
    await is_out(theirs.channel)
    await met(kari, elle)
    sent = await kari.channel.post(0, Text("etterpå"))
    await elle.channel.reached(sent.version)
    assert "etterpå" not in await texts(theirs.channel)
    assert "du har trukket samtykket tilbake" in await elle.types("/samtykke")


async def test_withdrawing_in_one_thread_leaves_the_others(
    kari: Chat, elle: Chat, terms: Callable[..., Terms], world: World
) -> None:
    name = nav(world)
    aside = await kari.channel.open_thread(Audience.WITH_USER, Topic.WORK_AND_INCOME, "Arbeid")
    assert aside.thread is not None
    await met(kari, elle)
    for thread in (0, aside.thread):
        elle.talk.thread = thread
        await elle.types(f"/samtykke {name}")
    await met(kari, elle)
    for thread in (0, aside.thread):
        await kari.channel.join(thread, terms("Berit", basis="consent"))
    await met(kari, elle)
    assert "er ute av denne tråden" in await elle.types(f"/trekk {name} her")
    threads = elle.channel.state.threads
    assert world.person("Berit").id in threads[MAIN_THREAD].members
    assert world.person("Berit").id not in threads[aside.thread].members


async def test_a_consent_that_has_run_out_is_told_as_such(elle: Chat, world: World) -> None:
    organisation = world.person("Berit").organisation
    assert organisation is not None
    await elle.channel.consent(organisation, "kort", [0], until=Millis(now_ms() + 1500))
    async with asyncio.timeout(60):
        await until_over(elle.channel)
    assert await elle.types("/samtykke") == f"{nav(world)} · «Felles tråd»: samtykket er gått ut."


async def test_staff_propose_and_the_user_says_yes_or_no(kari: Chat, elle: Chat, world: World) -> None:
    berit = world.person("Berit").name
    proposed = await kari.types(f"/inviter {berit} samtykke fra-nå")
    assert proposed.startswith("Foreslått som #")
    await met(kari, elle)
    (ref,) = elle.channel.state.proposals
    assert await elle.types(f"/nei {ref}") == f"Du sa nei til forslag #{ref}."
    await met(kari, elle)
    await kari.types(f"/inviter {berit} samtykke fra-nå")
    await met(kari, elle)
    (ref,) = elle.channel.state.proposals
    assert await elle.types(f"/ja {ref}") == f"Du sa ja til forslag #{ref}."
    assert world.person("Berit").id in elle.channel.state.threads[MAIN_THREAD].members


async def test_somebody_who_should_never_have_been_here_is_out_and_what_was_open_is_listed(
    kari: Chat, world: World
) -> None:
    jon = world.person("Jon").name
    await kari.types(f"/inviter {jon} behandling fra-nå")
    sent = await kari.channel.post(0, Text("ikke for Jon"))
    told_all = await kari.types(f"/ut {jon} feil")
    assert f"{jon} er ute av «Felles tråd»." in told_all
    assert f"Mens {jon} var her, kunne dette leses: #" in told_all
    assert world.person("Jon").id not in kari.channel.state.threads[MAIN_THREAD].members
    (readable,) = kari.channel.was_readable(world.person("Jon").id)
    assert any(span.covers(sent.version) for span in readable.ranges)


async def test_blocking_and_reporting_in_plain_words(kari: Chat, elle: Chat, world: World) -> None:
    jon = world.person("Jon")
    await kari.types(f"/inviter {jon.name} behandling fra-nå")
    await met(kari, elle)
    reported = await elle.types(f"/meld {jon.name} Han svarte meg stygt.")
    assert "som må følge det opp (avvik #" in reported
    assert await elle.types(f"/sperr {jon.name}") == (
        f"{jon.name} er ute av alle tråder med deg. Bare du kan slippe inn igjen."
    )
    await met(kari, elle)
    again = await kari.types(f"/inviter {jon.name} behandling fra-nå")
    assert again.startswith("Foreslått som #"), "only she lets him in again"


async def test_an_organisation_comes_by_its_inbox_and_its_vault_comes_along(kari: Chat, world: World) -> None:
    house = next(o for o in world.trust.organisations if o.id == world.person("Ingrid").organisation)
    answer = await kari.types(f"/inviter {house.name} behandling alt")
    inbox = next(p for p in world.trust.people if p.inbox and p.organisation == house.id)
    assert answer.startswith(f"{inbox.name} er med")
    epoch = kari.channel.state.threads[MAIN_THREAD].epoch
    assert epoch is not None
    assert {inbox.id, house.vault} <= {entry.principal for entry in epoch.roster}


async def test_what_an_organisation_is_decides_on_which_basis_it_comes(kari: Chat, world: World) -> None:
    name, berit = nav(world), world.person("Berit").name
    assert await kari.types(f"/virksomhet {name} nav") == f"Oppgitt: {name} er NAV."
    refused = await kari.types(f"/inviter {berit} behandling fra-nå")
    assert refused.startswith("! Grunnlaget gjelder ikke nå, eller det passer ikke for den virksomheten.")
    assert (await kari.types(f"/inviter {berit} samtykke fra-nå")).startswith("Foreslått som #")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/inviter Ukjent behandling alt", "! Fant ingen med det navnet."),
        ("/inviter Jon behandling", "! Velg hva den nye får lese"),
        ("/inviter Jon alt", "! Velg grunnlag: samtykke, behandling"),
        ("/samtykke Ukjent", "! Fant ingen med det navnet."),
        ("/sperr Jon tull", "! Forsto ikke «tull»."),
        ("/ja 9999", "! Det er ingen åpne forslag"),
        ("/skjerm", "! "),
        ("/historikk Jon", "! Forsto ikke"),
    ],
)
async def test_what_is_not_meant_or_allowed_is_said_in_norwegian(kari: Chat, line: str, said: str) -> None:
    answer = await kari.types(line)
    assert answer.startswith(said)
    assert not any(word in answer.split() for word in ("the", "refused", "is"))


async def test_staff_can_neither_give_nor_withdraw_in_the_users_place(kari: Chat, world: World) -> None:
    for command in ("/samtykke", "/trekk"):
        answer = await kari.types(f"{command} {nav(world)}")
        assert answer == "! " + told(Refused("not_permitted"))


async def test_who_brings_an_organisation_in_states_what_its_own_listing_says(kari: Chat, world: World) -> None:
    houses = {world.person("Berit").organisation: OrganisationKind.NAV}

    async def listed(organisation: OrganisationId) -> OrganisationKind | None:
        return houses.get(organisation)

    chat, name, berit = Chat(kari.channel, world, listed), nav(world), world.person("Berit").name
    refused = await chat.types(f"/inviter {berit} behandling fra-nå")
    assert chat.said[0] == f"Oppgitt: {name} er NAV."
    assert refused.startswith("! Grunnlaget gjelder ikke nå, eller det passer ikke for den virksomheten.")
    assert (await chat.types(f"/inviter {berit} samtykke fra-nå")).startswith("Foreslått som #")
    ingrid = await chat.types(f"/inviter {world.person('Ingrid').name} behandling fra-nå")
    assert ingrid.startswith("! Grunnlaget gjelder bare for noen slags virksomheter."), (
        "nobody has said what that one is"
    )
