"""Destroying content by decision: what is said about it, and what a thread remembers of it.

One person of the organisation that a message was written for proposes, a second one approves, and it takes effect
there: body, blind and keys go from every copy, the leaf stays. What is recorded about who, when and where stays too.
The events here are like those in `events.py`, which has them all under its own name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

from msgspec import Meta

from domain.ids import Bytes16, Bytes64, Code, Digest, Millis, OrganisationId, PrincipalId, Version

MAX_ERASED_TOGETHER: Final = 1024
"""Messages in one proposal; a unit holds several proposals."""
_DAY: Final = 86_400_000
ANSWER_WITHIN: Final = 30 * _DAY
"""How long an organisation may take to answer the user's wish (GDPR art. 12(3): one month), milliseconds."""
CONFIRM_WITHIN: Final = 14 * _DAY
"""How long a copy may take before it counts as overdue, milliseconds."""

Targets = Annotated[tuple[Version, ...], Meta(min_length=1, max_length=MAX_ERASED_TOGETHER)]


@dataclass(frozen=True, slots=True)
class ErasureRequested:
    """The user wishes that `organisation` erases these messages. It answers within a month, and decides."""

    organisation: OrganisationId
    targets: Targets


@dataclass(frozen=True, slots=True)
class ErasureProposed:
    """First half of a decision to erase: which messages, all written for `organisation`, on which ground in law.

    `request`: the user's wish that it answers. `targets` rise. Reasons travel as a sealed message beside it.
    """

    organisation: OrganisationId
    targets: Targets
    legal_basis: Code
    request: Version | None


@dataclass(frozen=True, slots=True)
class ErasureApproved:
    """Second half, by another person of the organisation: what the proposal at `ref` names is erased from here on."""

    ref: Version


@dataclass(frozen=True, slots=True)
class ErasureRefused:
    """The proposal at `ref` is turned down or taken back, or the user's wish at `ref` is not met."""

    ref: Version
    reason: Code


@dataclass(frozen=True, slots=True)
class NodeWord:
    """What an organisation's node signed (docs/protocol.md §7): its device, the channel's head at the decision, how
    many of the messages its copy could hold, when they were gone, and the signature."""

    device: Bytes16
    head: Digest
    held: int
    at: Millis
    signature: Bytes64


@dataclass(frozen=True, slots=True)
class CopyErased:
    """By the hub: a copy has been cleaned of what the decision at `ref` erased.

    `holder` and `word` None: the hub's own. Else the vault whose organisation's node says so, and what it signed.
    """

    ref: Version
    holder: PrincipalId | None
    word: NodeWord | None


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish of the user's that has not been answered."""

    organisation: OrganisationId
    targets: tuple[Version, ...]
    by: PrincipalId
    at: Millis


@dataclass(frozen=True, slots=True)
class ErasureProposal:
    """A proposal that waits for the second person."""

    organisation: OrganisationId
    targets: tuple[Version, ...]
    legal_basis: Code
    request: Version | None
    proposer: PrincipalId
    device: Bytes16
    role: PrincipalId | None
    at: Millis


@dataclass(frozen=True, slots=True)
class ErasureDecision:
    """What two people have decided, and which copies are known to be clean.

    `holders`: vaults that could read any of it: where their organisation runs a node, the node confirms.
    `hub_at`, `copies`: when the hub, and the nodes that read for these vaults, were recorded to be done.
    """

    proposal: ErasureProposal
    approver: PrincipalId
    at: Millis
    holders: frozenset[PrincipalId]
    hub_at: Millis | None = None
    copies: Mapping[PrincipalId, Millis] = field(default_factory=dict)

    @property
    def missing(self) -> frozenset[PrincipalId]:
        """Vaults whose node has not confirmed."""
        return self.holders - self.copies.keys()

    def overdue(self, at: Millis) -> bool:
        """Whether something is missing although it should be done by now."""
        return at >= self.at + CONFIRM_WITHIN and (self.hub_at is None or bool(self.missing))


@dataclass(frozen=True, slots=True)
class Erasing:
    """What a thread knows about erasing. `erased`: message to the decision that destroyed it."""

    wishes: Mapping[Version, Wish] = field(default_factory=dict)
    proposals: Mapping[Version, ErasureProposal] = field(default_factory=dict)
    decisions: Mapping[Version, ErasureDecision] = field(default_factory=dict)
    erased: Mapping[Version, Version] = field(default_factory=dict)
