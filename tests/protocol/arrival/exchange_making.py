"""Fixed invitations and answers by name: the same name gives the same bytes."""

from dataclasses import dataclass

import msgspec

from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import (
    DeviceCertified,
    KeyFact,
    KeyStatement,
    KeyVersionAdded,
    OwnRootFounded,
    SignedStatement,
    sign_statement,
)
from crypto.own_roots import own_id
from domain.ids import ChannelId, DeploymentId, DeviceId, Digest, Millis, PrincipalId
from protocol.arrival import exchange
from protocol.arrival.card import Card, anchors_hash, card_hash, encode_card
from protocol.arrival.link import SECRET_LENGTH, Link, new_link
from protocol.arrival.messages import Answer, Opening, TeamMember
from protocol.published_keys import encode_entries
from protocol.trust import encode_trust
from tests.crypto.fixed import kem_key, signing_key, some_bytes, some_digest, some_id
from tests.protocol.keyholders import ANNA, trust
from tests.protocol.stream_builder import PLACE

END = Millis(2_000_000_000_000)
BEFORE, AFTER = Millis(END - 1), END


@dataclass(frozen=True, slots=True)
class Made:
    """One whole exchange."""

    link: Link
    opening: Opening
    answer: Answer

    @property
    def card(self) -> bytes:
        return self.opening.card

    @property
    def hash(self) -> bytes:
        return card_hash(self.card)


def own_stream(name: str, facts: list[KeyFact] | None = None, deployment: bytes = PLACE.deployment) -> bytes:
    """A user's first keys, in their wire form; `facts` only where they are to be wrong."""
    return encode_entries(own_entries(name, facts, deployment))


def own_entries(
    name: str, facts: list[KeyFact] | None = None, deployment: bytes = PLACE.deployment, signer: str = ""
) -> list[SignedStatement]:
    root = signing_key(name)
    person = own_id(deployment, root.public)
    head, entries = genesis_head(deployment, person), []
    for n, fact in enumerate(first_facts(name) if facts is None else facts, 1):
        statement = KeyStatement(deployment, person, n, head, fact, person, 1000)
        entry = sign_statement(signing_key(signer or name), statement)
        head = next_head(head, entry)
        entries.append(entry)
    return entries


def first_facts(name: str) -> list[KeyFact]:
    certified = DeviceCertified(some_id(name), signing_key(f"{name}'s phone").public, None, 10**13)
    return [OwnRootFounded(signing_key(name).public), KeyVersionAdded(1, (kem_key(name).public,)), certified]


def made(name: str = "Elle", *, inviter: str = "Anna", deployment: bytes = PLACE.deployment) -> Made:
    """An invitation by `inviter` and the answer of `name`."""
    anchors = encode_trust(msgspec.structs.replace(trust(), key_streams=(), deployment=deployment))
    card = encode_card(
        Card(
            deployment=DeploymentId(deployment),
            channel=ChannelId(PLACE.channel),
            genesis=Digest(some_digest("genesis")),
            anchors=anchors_hash(anchors),
            inviter=PrincipalId(some_id(inviter)),
            device=DeviceId(some_id(f"{inviter}'s phone")),
            public_key=signing_key(f"{inviter}'s phone").public,
            expires_at=END,
        )
    )
    link = new_link(some_bytes(f"secret between {inviter} and {name}", SECRET_LENGTH), card_hash(card))
    team = (TeamMember(ANNA.person, ANNA.organisation, "nurse", is_tillitsperson=True),)
    opening = Opening(card, anchors, name, team, ("Samtaler", "Bolig og æøå"), 1)
    bundle = own_stream(name)
    return Made(link, opening, Answer(bundle, exchange.user_code(link, card, bundle)))
