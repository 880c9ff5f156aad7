"""A demonstration trust world in a folder: deployment, hub, organisations, people and their signed key streams.

    world = World.create(folder)
    kari = world.person("Kari")             # ids, signing key, KEM keys
    world.trust, world.hub_key              # what both ends of a test need
    world.revoke_device("Kari")             # further statements, to be published or handed over by the caller

Names are the same in every world, keys never are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import time_ns
from typing import Final, TypeVar

import msgspec

from crypto.duty_facts import DutySet
from crypto.key_statements import (
    DeviceCertified,
    DeviceRevoked,
    EligibilitySet,
    KeyFact,
    KeyVersionAdded,
    PrincipalEnded,
    SignedStatement,
)
from crypto.random import new_id, random_bytes
from crypto.signing import SigningKey
from domain.channel.audits import Duty
from domain.ids import DeploymentId, DeviceId, Millis, PrincipalId
from protocol.trust import Trust, encode_trust
from samsnakk.demo.authority import (
    SEED,
    VALIDITY,
    Organisation,
    Person,
    Stream,
    facts_of_inbox,
    facts_of_person,
    facts_of_vault,
    new_organisation,
    new_person,
    replay_stream,
    with_statement,
)
from samsnakk.demo.cast import ORGANISATIONS, PEOPLE, OrganisationSpec, PersonSpec
from samsnakk.demo.pins import Secrets, trust_of
from samsnakk.demo.profiles import make_profile
from samsnakk.private_files import write_private
from samsnakk.profile import Profile
from samsnakk.vault.groups import next_version

_Named = TypeVar("_Named", Organisation, Person)

TRUST_FILE: Final = "trust.json"
HUB_KEY_FILE: Final = "hub.key"
SECRETS_FILE: Final = "world.json"
BACKDATED: Final = 60 * 60 * 1000
"""A world is as if made an hour ago, so that no machine's clock finds its certificates not yet valid; milliseconds."""


class UnknownName(LookupError):
    """Nobody in this world is called that; the message names those who are there."""


def now_ms() -> Millis:
    """The machine's clock, UTC milliseconds."""
    return Millis(time_ns() // 1_000_000)


class World:
    """A demonstration world. Every change is written to its folder at once."""

    def __init__(self, folder: Path, secrets: Secrets) -> None:
        self.folder: Final = folder
        self._secrets = secrets

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        organisations: Sequence[OrganisationSpec] = ORGANISATIONS,
        people: Sequence[PersonSpec] = PEOPLE,
        now: Millis | None = None,
    ) -> "World":
        """Make a world in `folder` (made if missing). `now`: its clock, UTC milliseconds, else the machine's."""
        at = Millis((now_ms() if now is None else now) - BACKDATED)
        made = tuple(new_organisation(spec) for spec in organisations)
        ids = {organisation.key: organisation.id for organisation in made}
        cast = tuple(new_person(spec, ids[spec.organisation] if spec.organisation else None) for spec in people)
        empty = Secrets(DeploymentId(new_id()), DeviceId(new_id()), random_bytes(SEED), made, cast, ())
        world = cls(folder, empty)
        world._found(at)
        folder.mkdir(parents=True, exist_ok=True)
        world.save()
        return world

    @classmethod
    def open(cls, folder: Path) -> "World":
        """The world kept in `folder`."""
        secrets = msgspec.json.decode((folder / SECRETS_FILE).read_bytes(), type=Secrets)
        return cls(folder, secrets)

    def save(self) -> None:
        """Write trust file, hub key and the world's own secrets; the last two are readable by their owner only."""
        (self.folder / TRUST_FILE).write_bytes(encode_trust(self.trust))
        write_private(self.folder / HUB_KEY_FILE, self._secrets.hub_seed)
        write_private(self.folder / SECRETS_FILE, msgspec.json.encode(self._secrets))

    def _found(self, at: Millis) -> None:
        for organisation in self.organisations:
            staff = [person.id for person in self.people if person.organisation == organisation.id]
            self._state(organisation.vault.id, organisation.id, facts_of_vault(organisation), at)
            self._state(organisation.inbox.id, organisation.id, facts_of_inbox(organisation, staff), at)
        for person in self.people:
            self._state(person.id, person.organisation or person.id, facts_of_person(person, at), at)

    @property
    def trust_file(self) -> Path:
        """Where the trust file stands."""
        return self.folder / TRUST_FILE

    @property
    def hub_key_file(self) -> Path:
        """Where the hub's 32-byte signing seed stands."""
        return self.folder / HUB_KEY_FILE

    @property
    def deployment(self) -> DeploymentId:
        """The deployment's id."""
        return self._secrets.deployment

    @property
    def hub_device(self) -> DeviceId:
        """The id under which the hub signs."""
        return self._secrets.hub_device

    @property
    def hub_key(self) -> SigningKey:
        """The key with which the hub signs."""
        return SigningKey.from_seed(self._secrets.hub_seed)

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All organisations, as listed at creation."""
        return self._secrets.organisations

    @property
    def people(self) -> tuple[Person, ...]:
        """All people, as listed at creation."""
        return self._secrets.people

    def organisation(self, key: str) -> Organisation:
        """The organisation that scripts call `key`. Raises `UnknownName`."""
        return _named(key, self.organisations)

    def person(self, key: str) -> Person:
        """The person that scripts call `key`. Raises `UnknownName`."""
        return _named(key, self.people)

    def organisation_of(self, person: Person) -> Organisation | None:
        """Where the person works; None for a user or relative."""
        return next((o for o in self.organisations if o.id == person.organisation), None)

    def entries(self, principal: PrincipalId) -> tuple[SignedStatement, ...]:
        """The principal's key stream as it stands now."""
        return self._stream(principal).signed()

    def profile(self, key: str, folder: Path | None = None) -> Profile:
        """The person's profile for the present device and keys, made if missing, below the world if no folder is named.

        It opens with `samsnakk.demo.profiles.unlock_profile(profile.folder)`.
        """
        person = self.person(key)
        place = folder or self.folder / "profiles" / f"{key}-{person.device.hex()[:8]}"
        if place.exists():
            return Profile.open(place)
        inboxes = (o.inbox for o in self.organisations if o.id == person.organisation)
        return make_profile(place, self.trust, person, tuple(inboxes))

    @property
    def trust(self) -> Trust:
        """The trust file with all key streams as they stand now."""
        return trust_of(self._secrets)

    def name_channel(self, channel: bytes, name: str) -> None:
        """Give a channel (its 16-byte id) the name that commands call it by; it replaces an earlier one."""
        others = tuple((c, n) for c, n in self._secrets.channels if n != name)
        self._secrets = replace(self._secrets, channels=(*others, (channel, name)))
        self.save()

    def revoke_device(self, key: str) -> tuple[SignedStatement, ...]:
        """The person's device is lost. Returns the whole key stream, as the hub takes it."""
        person = self.person(key)
        return self._issue(person, [DeviceRevoked(person.device)])

    def certify_new_device(self, key: str) -> tuple[SignedStatement, ...]:
        """The person gets another device, which `person(key)` names from here on; the earlier one stays valid."""
        person = replace(self.person(key), device=DeviceId(new_id()), device_seed=random_bytes(SEED))
        until = now_ms() + VALIDITY
        fact = DeviceCertified(person.device, person.signing_key.public, person.organisation, until)
        self._replace_person(person)
        return self._issue(person, [fact])

    def add_key_version(self, key: str) -> tuple[SignedStatement, ...]:
        """The person gets a new KEM key."""
        person = self.person(key)
        person = replace(person, holder=person.holder.with_new_seeds())
        keys = person.holder.kem_keys()
        self._replace_person(person)
        return self._issue(person, [KeyVersionAdded(len(person.holder.seeds), tuple(key.public for key in keys))])

    def add_vault_version(self, organisation_key: str, keys: tuple[bytes, bytes]) -> tuple[SignedStatement, ...]:
        """From here on the organisation's vault is sealed for with these two public keys of its key officers."""
        organisation = self.organisation(organisation_key)
        roots = {bytes(organisation.id): organisation.root.public}
        state = replay_stream(self._stream(organisation.vault.id), self.deployment, roots)
        known = len(state.key_versions) if state is not None else 0
        self._state(organisation.vault.id, organisation.id, [next_version(keys, known)], now_ms())
        self.save()
        return self.entries(organisation.vault.id)

    def end_person(self, key: str) -> tuple[SignedStatement, ...]:
        """The person has left: no key of theirs holds from here on."""
        return self._issue(self.person(key), [PrincipalEnded()])

    def set_eligible(self, organisation_key: str, people: Iterable[str]) -> tuple[SignedStatement, ...]:
        """From here on exactly these people may act for the organisation's inbox."""
        organisation = self.organisation(organisation_key)
        eligible = tuple(sorted(self.person(key).id for key in people))
        self._state(organisation.inbox.id, organisation.id, [EligibilitySet(eligible)], now_ms())
        self.save()
        return self.entries(organisation.inbox.id)

    def charge(self, organisation_key: str, duty: Duty, people: Iterable[str]) -> tuple[SignedStatement, ...]:
        """From here on exactly these people of the organisation have the duty. Returns its vault's whole stream."""
        organisation = self.organisation(organisation_key)
        charged = DutySet(duty.value, tuple(sorted(self.person(key).id for key in people)))
        self._state(organisation.vault.id, organisation.id, [charged], now_ms())
        self.save()
        return self.entries(organisation.vault.id)

    def state_fact(self, key: str, fact: KeyFact) -> tuple[SignedStatement, ...]:
        """Any other statement in a person's key stream, by its issuer."""
        return self._issue(self.person(key), [fact])

    def _issue(self, person: Person, facts: Sequence[KeyFact]) -> tuple[SignedStatement, ...]:
        self._state(person.id, person.organisation or person.id, facts, now_ms())
        self.save()
        return self.entries(person.id)

    def _replace_person(self, person: Person) -> None:
        people = tuple(person if p.id == person.id else p for p in self.people)
        self._secrets = replace(self._secrets, people=people)

    def _state(self, principal: PrincipalId, issuer: bytes, facts: Sequence[KeyFact], at: Millis) -> None:
        stream = self._stream(principal, issuer)
        root = self.root_of(issuer)
        for fact in facts:
            stream = with_statement(stream, self.deployment, root, fact, at)
        others = tuple(s for s in self._secrets.streams if s.principal != principal)
        self._secrets = replace(self._secrets, streams=(*others, stream))

    def _stream(self, principal: PrincipalId, issuer: bytes = b"") -> Stream:
        known = (s for s in self._secrets.streams if s.principal == principal)
        return next(known, Stream(principal, issuer))

    def root_of(self, issuer: bytes) -> SigningKey:
        """The root that signs for an organisation, or a user's own."""
        for organisation in self.organisations:
            if organisation.id == issuer:
                return organisation.root
        seeds = [p.root_seed for p in self.people if p.id == issuer and p.root_seed is not None]
        return SigningKey.from_seed(seeds[0])


def _named(key: str, among: Sequence[_Named]) -> _Named:
    for candidate in among:
        if candidate.key == key:
            return candidate
    raise UnknownName(f"nobody is called {key!r} here; there are {', '.join(c.key for c in among)}")
