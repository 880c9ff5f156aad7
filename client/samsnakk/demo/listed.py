"""The demonstration's directory: each organisation's file, imported as administrators do, and what one finds there."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Protocol

from domain.ids import EntryId, Millis, OrganisationId, PrincipalId
from protocol.listings.entries import Inbox
from protocol.listings.making import Validity, next_version, publication
from samsnakk.client import Client
from samsnakk.demo.authority import Organisation
from samsnakk.demo.beginnings import Found, NodeMade
from samsnakk.demo.lines import Duty
from samsnakk.demo.world import World
from samsnakk.importing.assembling import Ours, read_listing
from samsnakk.importing.publishing import DAY, USUAL
from samsnakk.node.running import Node, machine_now

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
    staff = {one.key: one.id for one in world.people if one.organisation == organisation.id}
    return codes_of(staff, organisation.inbox.id)


class Listing(Protocol):
    """An organisation, as far as its file needs to know it."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def id(self) -> OrganisationId: ...  # noqa: D102
    @property
    def number(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Organisation:
    key: str
    id: OrganisationId
    number: str


def listed(organisation: Listing, known: dict[str, PrincipalId]) -> Ours | None:
    """Whose file is to be imported; None where a script has made another organisation of that name."""
    if organisation.key not in FILES or organisation.number == "000000000":
        return None
    return Ours(organisation.id, organisation.number, known)


def codes_of(staff: Mapping[str, bytes], inbox: bytes | None) -> dict[str, PrincipalId]:
    """Ids in channels by the codes of the files, as `principals`."""
    people = {key.casefold(): PrincipalId(person) for key, person in staff.items()}
    found = {**people, **{f"Practitioner/{key}": person for key, person in people.items()}}
    for code in ("felles", "HealthcareService/felles") if inbox is not None else ():
        found[code] = PrincipalId(inbox or b"")
    return found


async def publish(node: Node, found: Found, made: NodeMade) -> int:
    """Import the file of every organisation of a node that begins; returns how many entries stand there now.

    Raises:
        Refused, Disconnected: the hub did not take one.

    """
    count = 0
    for plan, pin in zip(found.organisations, made.pins, strict=True):
        staff = {p.key: made.staff[p.key] for p in found.staff if p.organisation == plan.key}
        organisation = _Organisation(plan.key, OrganisationId(pin.id), pin.number)
        ours = listed(organisation, codes_of(staff, made.inboxes.get(plan.key)))
        if ours is None:
            continue
        name = FILES[plan.key]
        data = files("samsnakk.demo").joinpath("listings", name).read_bytes()
        entries = read_listing(data, name, ours).entries
        await _sign(node, organisation.id, entries)
        count += len(entries)
    return count


async def _sign(node: Node, organisation: OrganisationId, entries: Mapping[EntryId, bytes]) -> None:
    """The first version, by the root that the node holds."""
    now, holder = machine_now(), node.issuer.node
    validity = Validity(now, Millis(now + USUAL * DAY))
    whose = (holder.trust.deployment_id, organisation)
    signed = next_version(whose, entries, None, validity, holder.roots[organisation])
    await node.doors.publish_listing(organisation, signed, publication({}, entries))


async def look_up(client: Client) -> tuple[Duty, ...]:
    """Look the two inboxes up, and ask who is on duty there. Raises as `Listings.search`."""
    answers = []
    for text in ASKED:
        found = (await client.listings.search(text)).entries
        inbox = next(one for one in found if isinstance(one.facts, Inbox))
        duty = await client.listings.on_duty(inbox.organisation, inbox.id)
        answers.append(Duty(text, inbox.name, duty.text, bool(duty.warning)))
    return tuple(answers)
