"""What a demonstration world keeps, and the trust file that pins its public half."""

from dataclasses import dataclass, field

from crypto.signing import SigningKey
from domain.ids import DeploymentId, DeviceId
from protocol.trust import (
    FORMAT,
    ChannelName,
    HubPin,
    KeyStreamEntries,
    KeyStreamEntry,
    OrganisationPin,
    PersonPin,
    Trust,
)
from samsnakk.demo.authority import Organisation, Person, Stream


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything a world consists of, as it is kept in its folder."""

    deployment: DeploymentId
    hub_device: DeviceId
    hub_seed: bytes = field(repr=False)
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    streams: tuple[Stream, ...]
    channels: tuple[tuple[bytes, str], ...] = ()


def trust_of(secrets: Secrets) -> Trust:
    """The trust file with all key streams as they stand."""
    return Trust(
        format=FORMAT,
        deployment=secrets.deployment,
        hub=HubPin(secrets.hub_device, SigningKey.from_seed(secrets.hub_seed).public),
        organisations=tuple(map(_organisation_pin, secrets.organisations)),
        people=(*map(_person_pin, secrets.people), *map(_inbox_pin, secrets.organisations)),
        channels=tuple(ChannelName(channel, name) for channel, name in secrets.channels),
        key_streams=tuple(map(_entries, secrets.streams)),
    )


def _organisation_pin(o: Organisation) -> OrganisationPin:
    return OrganisationPin(o.id, o.name, o.number, o.root.public, o.vault.id)


def _person_pin(person: Person) -> PersonPin:
    root = SigningKey.from_seed(person.root_seed).public if person.root_seed is not None else None
    return PersonPin(person.id, person.name, person.title, person.organisation, root)


def _inbox_pin(organisation: Organisation) -> PersonPin:
    return PersonPin(organisation.inbox.id, organisation.inbox.name, "fellesinnboks", organisation.id, inbox=True)


def _entries(stream: Stream) -> KeyStreamEntries:
    return KeyStreamEntries(stream.principal, tuple(KeyStreamEntry(*entry) for entry in stream.entries))
