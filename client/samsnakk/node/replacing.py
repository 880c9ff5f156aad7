"""Replacing an organisation's root: by the old one, or with the word of others where it is lost or stolen.

Each step is on disk before the next one: the new root, sealed (`ID.next.root`); the statement that names it, in the
ledger; the new root in its place (by whoever opens the folder next); `stream-kept` in every stream, in the ledger; all
of it at the hub. Whoever dies in between goes on by doing it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.key_statements import (
    KeyFact,
    KeyStatement,
    PrincipalEnded,
    SignedStatement,
    parse_statement,
    sign_statement,
)
from crypto.key_stream_states import KeyStreamState
from crypto.key_streams import extend, in_force, replay
from crypto.root_facts import Replacement, RootReplaced, StreamKept, Support, sign_support
from crypto.signing import PublicKey, Signature, SigningKey
from domain.ids import OrganisationId, PrincipalId
from protocol.errors import SubstitutedKey
from protocol.trust import KeyStreamEntries, KeyStreamEntry, encode_trust
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import TRUST
from samsnakk.node.root_files import BadRootFile
from samsnakk.private_files import write_private

if TYPE_CHECKING:
    from samsnakk.node.running import Node


async def learn(node: "Node") -> None:
    """Take in whose root was replaced elsewhere. Raises `SubstitutedKey`, `Disconnected`, `Refused`."""
    standing = node.issuer.node.standing
    own = {PrincipalId(one) for one in node.issuer.node.roots}
    served = {who: await node.doors.key_stream(who) for who in standing.organisations() if who not in own}
    standing.add(served)  # all at once: they vouch for one another
    for who, entries in served.items():
        node.issuer.adopt(who, entries)


def asked(node: "Node", organisation: OrganisationId, new: PublicKey) -> Replacement:
    """What old root or others are to sign: the last place that this node's ledger knows, and the root there."""
    opened = node.issuer.node
    place = opened.standing.place(organisation)
    return Replacement(opened.trust.deployment_id, place, opened.standing.newest[organisation], new)


async def planned(node: "Node", organisation: OrganisationId, new: SigningKey) -> None:
    """Let the old root name the new one; in the ledger only.

    Raises `BadNode` where somebody else has replaced it already, `SubstitutedKey`, `Disconnected`, `Refused`.
    """
    if await _tail(node, PrincipalId(organisation)):
        raise BadNode("huben kjenner et bytte som denne noden ikke har gjort; noen har rotnøkkelen. Bruk «root ask»")
    old = node.issuer.node.roots[organisation]
    wish = asked(node, organisation, new.public)
    word = sign_support(old, wish, organisation, wish.kept.n)
    await _state(node, new, wish, word, ())


async def vouched(node: "Node", organisation: OrganisationId, new: SigningKey, support: Sequence[Support]) -> None:
    """Replace the root with the word of others; in the ledger only. Raises as `planned`."""
    words = {one.organisation: one for one in support}
    wish = asked(node, organisation, new.public)
    await _state(node, new, wish, None, tuple(words[one] for one in sorted(words)))


async def _state(
    node: "Node", new: SigningKey, wish: Replacement, by_old: Signature | None, support: tuple[Support, ...]
) -> None:
    await learn(node)
    organisation = PrincipalId(wish.kept.organisation)
    standing, ledger = node.issuer.node.standing, node.issuer.ledger
    known = ledger.entries(organisation)
    tail = await _tail(node, organisation)
    if tail:
        standing.add({organisation: (*known, *tail)})
    end = standing.place(organisation)
    places = (standing.place(one) for one in standing.replaced() if one != organisation)
    seen = tuple(sorted(places, key=lambda place: place.organisation))
    fact = RootReplaced(wish.old, wish.new, wish.kept.n, wish.kept.head, by_old, support, seen)
    deployment = node.issuer.node.trust.deployment_id
    statement = KeyStatement(deployment, organisation, end.n + 1, end.head, fact, organisation, node.issuer.now())
    entry = sign_statement(new, statement)
    standing.add({organisation: (*known, *tail, entry)})
    ledger.append(organisation, [*tail, entry], after=len(known))


async def _tail(node: "Node", organisation: PrincipalId) -> tuple[SignedStatement, ...]:
    """What stands at the hub behind the ledger's own stream of the organisation: somebody else's replacements."""
    known = node.issuer.ledger.entries(organisation)
    served = await node.doors.key_stream(organisation)
    if served[: len(known)] != known[: len(served)]:
        raise SubstitutedKey("two streams of one organisation")
    return served[len(known) :]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many streams the new root has kept, and whom it has ended because this node never issued for them."""

    streams: int = 0
    ended: tuple[PrincipalId, ...] = ()


def unfinished(node: "Node") -> bool:
    """Whether a newest root has yet to speak in a stream of the ledger."""
    if not any(node.issuer.ledger.entries(PrincipalId(organisation)) for organisation in node.issuer.node.roots):
        return False
    lines = node.issuer.node.standing.lines
    states = (node.issuer.state(principal) for principal in node.issuer.ledger.principals())
    return any(
        not in_force(state, organisation, lines)
        for state in states
        if state is not None
        for organisation in node.issuer.node.roots
        if organisation in state.signed_under
    )


async def finish(node: "Node", *, adopt: bool = False) -> Kept:
    """Let the newest roots say in every stream what counts, hand it to the hub, and renew the trust file.

    What stands in the ledger counts; what the hub has behind it does not. `adopt`: streams that are not in the ledger
    count as they stand at the hub, for a root that was lost and not stolen. Else they are ended.
    Raises `SubstitutedKey`, `Disconnected`, `Refused`.
    """
    count, ended = 0, set[PrincipalId]()
    for organisation in node.issuer.node.roots:
        entries = node.issuer.ledger.entries(PrincipalId(organisation))
        if not entries:
            continue
        await node.doors.publish(PrincipalId(organisation), entries)
        for principal in node.issuer.ledger.principals():
            count += await _keep(node, organisation, principal)
        for principal in await node.doors.unkept(organisation):
            if node.issuer.ledger.entries(principal):
                await node.doors.publish(principal, node.issuer.ledger.entries(principal))
            elif await _unknown(node, organisation, principal, adopt=adopt):
                ended.add(principal)
    _renew_trust(node)
    return Kept(count, tuple(sorted(ended)))


async def _keep(node: "Node", organisation: OrganisationId, principal: PrincipalId) -> bool:
    """Keep a stream of the ledger as far as the ledger goes; tells whether that was still to be done."""
    lines, ledger = node.issuer.node.standing.lines, node.issuer.ledger
    state = node.issuer.state(principal)
    if state is None or organisation not in state.signed_under or in_force(state, organisation, lines):
        return False
    known = ledger.entries(principal)
    served = await node.doors.key_stream(principal)
    tail = served[len(known) :] if served[: len(known)] == known else ()
    entries = _kept(node, organisation, (*known, *tail), [StreamKept(len(known))])
    ledger.append(principal, entries[len(known) :], after=len(known))
    await node.doors.publish(principal, ledger.entries(principal))
    return True


async def _unknown(node: "Node", organisation: OrganisationId, principal: PrincipalId, *, adopt: bool) -> bool:
    """Keep or end a stream that this node never issued in; tells whether it was ended."""
    served = await node.doors.key_stream(principal)
    owner = _replayed(node, served).owner
    facts: list[KeyFact] = [StreamKept(len(served) if adopt else 1)]
    if owner == organisation and not adopt:
        facts.append(PrincipalEnded())
    entries = _kept(node, organisation, served, facts)
    if owner == organisation:
        node.issuer.adopt(principal, entries)
    await node.doors.publish(principal, entries)
    return not adopt


def _kept(
    node: "Node", organisation: OrganisationId, entries: tuple[SignedStatement, ...], facts: Sequence[KeyFact]
) -> tuple[SignedStatement, ...]:
    state, root = _replayed(node, entries), node.issuer.node.roots[organisation]
    for fact in facts:
        at = max(node.issuer.now(), state.issued_at)
        statement = KeyStatement(
            state.deployment, state.principal, state.n + 1, Digest(state.head), fact, organisation, at
        )
        entries = (*entries, sign_statement(root, statement))
        state = extend(state, entries[-1], node.issuer.node.standing.lines)
    return entries


def _replayed(node: "Node", entries: tuple[SignedStatement, ...]) -> KeyStreamState:
    try:
        principal = parse_statement(entries[0].statement).principal
        return replay(node.issuer.node.trust.deployment_id, principal, entries, node.issuer.node.standing.lines)
    except (CryptoError, IndexError) as error:
        raise SubstitutedKey(str(error)) from None


def _renew_trust(node: "Node") -> None:
    """The trust file names the same first roots; the streams that lead from them to the newest ones go along."""
    opened = node.issuer.node
    streams = [stream for stream in opened.trust.key_streams if not opened.standing.is_organisation(stream.principal)]
    for organisation in opened.standing.replaced():
        entries = tuple(KeyStreamEntry(e.statement, e.signature) for e in opened.standing.entries(organisation))
        streams.append(KeyStreamEntries(organisation, entries))
    write_private(opened.path / TRUST, encode_trust(replace(opened.trust, key_streams=tuple(streams))))


async def vouch(node: "Node", organisation: OrganisationId, wish: Replacement) -> Support:
    """This organisation's word for another one's new root. Whoever calls has compared the check code by voice.

    Raises:
        BadRootFile: for another deployment, for nobody pinned, for itself, or about another place than is known here.
        SubstitutedKey, Disconnected, Refused: what the hub knows of roots cannot be had, or does not hold.

    """
    await learn(node)
    standing, who = node.issuer.node.standing, wish.kept.organisation
    if wish.deployment != node.issuer.node.trust.deployment or not standing.is_organisation(who):
        raise BadRootFile("this asks for an organisation that the trust file does not name")
    if who in node.issuer.node.roots:
        raise BadRootFile("an organisation does not vouch for itself")
    if not standing.stood(wish.kept, wish.old):
        raise BadRootFile("the root that is to be replaced did not stand there")
    n = standing.place(organisation).n
    return Support(organisation, n, sign_support(node.issuer.node.roots[organisation], wish, organisation, n))
