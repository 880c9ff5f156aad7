"""The demonstration's directory: each organisation's file, imported as administrators do, and what one finds there."""

from importlib.resources import files
from typing import Final

from domain.ids import PrincipalId
from protocol.listings.entries import Inbox
from samsnakk import Client
from samsnakk.cli.connected import connected
from samsnakk.demo.authority import Organisation, Person
from samsnakk.demo.profiles import unlock_profile
from samsnakk.demo.screen import Screen
from samsnakk.demo.world import World
from samsnakk.importing.assembling import Ours, read_listing
from samsnakk.importing.publishing import carry_out, plan
from samsnakk.listings import Listings

FILES: Final = {
    "dps": "dps.csv",
    "nordvik": "nordvik.csv",
    "sorvik": "sorvik.csv",
    "nav": "nav.csv",
    "legekontor": "legekontor.json",
}
"""Invented, all of it; by the organisation's key."""
ASKED: Final = ("akuttmottaket vakthavende", "poliklinikken timer")
"""Inboxes that the demonstration asks for: one where somebody is always on duty, and one where nobody ever is."""


def principals(world: World, organisation: Organisation) -> dict[str, PrincipalId]:
    """Ids in channels by the codes of the files: people by their keys, the organisation's inbox as `felles`."""
    staff = {one.key.casefold(): one.id for one in world.people if one.organisation == organisation.id}
    of_bundle = {f"Practitioner/{key}": person for key, person in staff.items()}
    inbox = organisation.inbox.id
    return {**staff, **of_bundle, "felles": inbox, "HealthcareService/felles": inbox}


def listed(organisation: Organisation, known: dict[str, PrincipalId]) -> Ours | None:
    """Whose file is to be imported; None where a script has made another organisation of that name."""
    if organisation.key not in FILES or organisation.number == "000000000":
        return None
    return Ours(organisation.id, organisation.number, known)


async def publish(world: World, organisation: Organisation, listings: Listings) -> int:
    """Import the organisation's file; returns how many entries stand there now. Raises `SamsnakkError`."""
    ours = listed(organisation, principals(world, organisation))
    if ours is None:
        return 0
    name = FILES[organisation.key]
    data = files("samsnakk.demo").joinpath("listings", name).read_bytes()
    planned = await plan(listings, organisation.id, read_listing(data, name, ours))
    if planned.changes.any:
        await carry_out(listings, world.deployment, planned, organisation.root)
    return len(planned.after)


async def show(world: World, url: str, screen: Screen) -> None:
    """Publish everything, and look somebody up. Raises `SamsnakkError`."""
    counts = {}
    for organisation in world.organisations:
        person = next((one for one in world.people if one.organisation == organisation.id), None)
        if person is not None:
            counts[organisation.key] = await _as(world, person, url, organisation)
    if not any(counts.values()):
        return
    total = f"{sum(counts.values())} entries of {sum(map(bool, counts.values()))} organisations"
    screen.say(f" The directory: {total}, imported from their files, each signed by its organisation.", "dim")
    if counts.get("dps"):
        await _look_up(world, url, screen)
    screen.say("")


async def _as(world: World, person: Person, url: str, organisation: Organisation) -> int:
    async def work(client: Client) -> int:
        return await publish(world, organisation, client.listings)

    return await connected((unlock_profile(world.profile(person.key).folder), url), work)


async def _look_up(world: World, url: str, screen: Screen) -> None:
    person = next(one for one in world.people if one.organisation is not None)

    async def work(client: Client) -> None:
        for text in ASKED:
            found = (await client.listings.search(text)).entries
            inbox = next(one for one in found if isinstance(one.facts, Inbox))
            duty = await client.listings.on_duty(inbox.organisation, inbox.id)
            screen.say(f"  {text:<28} {inbox.name}")
            screen.say(f"  {'':<28} {duty.text}", "yellow" if duty.warning else "green")

    await connected((unlock_profile(world.profile(person.key).folder), url), work)
