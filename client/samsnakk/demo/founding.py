"""The beginning of a node: it makes its organisations' roots in its own process, and their vaults' keys for officers.

What leaves the process is public: the pins for the trust file. The roots stay, sealed, in the node's folder; the keys
of a vault go to two groups of key officers, in folders of their own, and are forgotten here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from crypto.kem import KemPublic
from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import (
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    PrincipalFounded,
    PrincipalKind,
    SignedStatement,
    sign_statement,
)
from crypto.officer_shares import Group, encode_group, found_group
from crypto.random import new_id, random_bytes
from crypto.shapes import SecretKey
from crypto.signing import SigningKey
from domain.ids import DeploymentId, Millis, OrganisationId, PrincipalId
from protocol.trust import OrganisationPin, PersonPin, Trust
from samsnakk.demo.authority import SEED
from samsnakk.demo.beginnings import Found, NodeMade, OrganisationPlan
from samsnakk.demo.folder import NodeFolder
from samsnakk.node.folder import create_node, inboxes_file, passphrase_in
from samsnakk.node.inboxes import write_inboxes
from samsnakk.node.issuing import Issuer
from samsnakk.private_files import write_private
from samsnakk.vault.cards import make_card

GROUP_FILE: Final = "group"
KEYS_FILE: Final = "keys.json"
LATER: Final = "http://127.0.0.1:1"
"""The hub's address is not known yet when a node is made."""


class Founding:
    """A node that is being made: the roots are in memory until the trust file has come."""

    def __init__(self, found: Found) -> None:
        self._roots = {organisation.key: random_bytes(SEED) for organisation in found.organisations}
        pins = [_pin(organisation, self._roots[organisation.key]) for organisation in found.organisations]
        ids = {organisation.key: pin.id for organisation, pin in zip(found.organisations, pins, strict=True)}
        staff = {person.key: bytes(new_id()) for person in found.staff}
        inboxes = {o.key: bytes(new_id()) for o in found.organisations if o.inbox is not None}
        people = [PersonPin(staff[p.key], p.name, p.title, ids[p.organisation]) for p in found.staff]
        people += [
            PersonPin(inboxes[o.key], o.inbox, "fellesinnboks", ids[o.key], inbox=True)
            for o in found.organisations
            if o.inbox is not None
        ]
        self.made: Final = NodeMade(tuple(pins), tuple(people), ids, staff, inboxes)
        self._found = found

    def finish(self, place: NodeFolder, officers: Path, trust: Trust) -> None:
        """Make the node's folder and the officers' cards. Raises `BadNode` where the trust file pins other roots."""
        write_private(place.passphrase, random_bytes(20).hex().encode() + b"\n")
        roots = {OrganisationId(self.made.organisations[key]): seed for key, seed in self._roots.items()}
        create_node(place.data, trust, LATER, roots, passphrase_in(place.passphrase), "127.0.0.1:0")
        vaults = {pin.vault: _vault_keys(officers / key, trust, pin) for key, pin in self._keyed()}
        keys = {vault.hex(): [key.hex() for key in found] for vault, found in vaults.items()}
        (place.path / KEYS_FILE).write_bytes(msgspec.json.encode(keys))
        for organisation, pin in self._keyed():
            register = [
                (self.made.staff[person.key], person.function)
                for person in self._found.staff
                if person.organisation == organisation
            ]
            write_register(place.data, pin.id, {who: (function, _NOBODY) for who, function in register})
            self._write_inbox(place.data, organisation, pin.id)
        place.made.write_bytes(msgspec.json.encode(self.made))

    def _write_inbox(self, folder: Path, organisation: str, pin: bytes) -> None:
        """Who answers the inbox. They are let in as soon as they have keys, and make the inbox's own then."""
        if organisation in self.made.inboxes:
            duty = (p.key for p in self._found.staff if p.organisation == organisation and p.duty)
            people = frozenset(PrincipalId(self.made.staff[key]) for key in duty)
            text = write_inboxes({PrincipalId(self.made.inboxes[organisation]): people})
            write_private(inboxes_file(folder, OrganisationId(pin)), text.encode())

    def _keyed(self) -> list[tuple[str, OrganisationPin]]:
        return list(zip((o.key for o in self._found.organisations), self.made.pins, strict=True))


_NOBODY: Final = ""


def write_register(folder: Path, organisation: bytes, people: Mapping[bytes, tuple[str, str]]) -> None:
    """Write the staff register, whole: function and login by person. Who has no login yet gets nobody's."""
    rows = [f"{who.hex()},{function},,{login or random_bytes(32).hex()}" for who, (function, login) in people.items()]
    text = "\n".join(["person,function,hpr,identity", *rows]) + "\n"
    write_private(folder / f"{organisation.hex()}.staff.csv", text.encode())


def take_up_offices(issuer: Issuer, place: NodeFolder, made: NodeMade, now: Millis) -> None:
    """Sign the key streams of vaults, unless they are in the ledger already."""
    keys: dict[str, list[str]] = msgspec.json.decode((place.path / KEYS_FILE).read_bytes())
    for pin in made.pins:
        issues = _Issue(issuer, OrganisationId(pin.id), now)
        vault = KeyVersionAdded(1, tuple(KemPublic(bytes.fromhex(key)) for key in keys[pin.vault.hex()]))
        issues.begin(PrincipalId(pin.vault), [PrincipalFounded(PrincipalKind.VAULT, pin.id), vault])


class _Issue:
    def __init__(self, issuer: Issuer, organisation: OrganisationId, now: Millis) -> None:
        self._issuer = issuer
        self._organisation = organisation
        self._now = now

    def begin(self, principal: PrincipalId, facts: list[KeyFact]) -> None:
        if not self._issuer.ledger.entries(principal):
            self._issuer.adopt(principal, self._signed(principal, facts))

    def _signed(self, principal: PrincipalId, facts: list[KeyFact]) -> list[SignedStatement]:
        deployment = DeploymentId(self._issuer.node.trust.deployment)
        root = self._issuer.node.roots[self._organisation]
        head, made = genesis_head(deployment, principal), []
        for n, fact in enumerate(facts, 1):
            statement = KeyStatement(deployment, principal, n, head, fact, self._organisation, self._now)
            made.append(sign_statement(root, statement))
            head = next_head(head, made[-1])
        return made


def _pin(organisation: OrganisationPlan, root: bytes) -> OrganisationPin:
    public = SigningKey.from_seed(root).public
    return OrganisationPin(new_id(), organisation.name, organisation.number, public, new_id())


def _vault_keys(folder: Path, trust: Trust, pin: OrganisationPin) -> tuple[bytes, bytes]:
    """Two groups of one key officer each, in two folders; returns their public keys."""
    found = []
    folder.mkdir(mode=0o700, parents=True)
    for group in Group:
        place = folder / group.value
        place.mkdir(mode=0o700)
        word = random_bytes(20).hex()
        write_private(place / "passphrase.txt", word.encode() + b"\n")
        officer = make_card(place, f"nokkelforvalter-{group.value}", word)
        file = found_group(trust.deployment, pin.vault, group, [officer], SecretKey(random_bytes(SEED)))
        write_private(place / GROUP_FILE, encode_group(file))
        found.append(file.newest)
    a, b = found
    return a, b
