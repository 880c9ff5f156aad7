"""From domain terms to sealed bytes and back: epochs, messages and grants bound to the header they travel with."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from crypto import cbor, epochs, grants, messages
from crypto.errors import CannotOpen, CryptoError
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.shapes import SecretKey
from domain.channel.events import EpochOpened, HistoryGranted
from domain.channel.terms import RosterEntry
from domain.ids import PrincipalId
from protocol.acts import MAX_BODY, Header, body_hash, header_core
from protocol.errors import MalformedAct

PublicKeys = Callable[[PrincipalId, int], Sequence[bytes]]
"""The certified public KEM keys (one; two for a vault) of a principal's key version."""


def epoch_context(header: Header) -> epochs.EpochContext:
    """What the wraps and the confirmation of the epoch opened by this header are bound to."""
    event = _opened(header)
    return epochs.EpochContext(
        deployment=header.place.deployment,
        channel=header.place.channel,
        thread=header.thread or 0,
        epoch=event.epoch,
        committer=header.device,
        membership_version=header.membership_version,
        roster_hash=epochs.roster_hash([_entry(e) for e in event.roster]),
    )


def seal_epoch(header: Header, epoch_key: SecretKey, public_keys: PublicKeys) -> tuple[Header, bytes]:
    """Complete an `EpochOpened` header: set its confirmation and body hash; the wraps are the body.

    Raises:
        CryptoError: a public key is not the one the roster names.

    """
    context = epoch_context(header)
    event = _opened(header)
    wraps = [
        epochs.wrap(context, _entry(entry), list(public_keys(entry.principal, entry.key_version)), epoch_key)
        for entry in event.roster
    ]
    body = cbor.encode(wraps)
    confirmed = replace(event, confirmation=epochs.confirmation(epoch_key, context))
    return replace(header, event=confirmed, body_hash=body_hash(body), core=b""), body


def open_epoch(header: Header, body: bytes, principal: PrincipalId, keys: Sequence[KemKey]) -> SecretKey:
    """The epoch key out of the principal's own wrap, checked against the confirmation.

    Raises:
        CannotOpen: no wrap for this principal, a broken wrap, or another key than the one confirmed.

    """
    event = _opened(header)
    try:
        wraps = cbor.decode(body, max_size=MAX_BODY)
    except CryptoError:
        raise CannotOpen("wraps") from None
    if not isinstance(wraps, list) or len(wraps) != len(event.roster):
        raise CannotOpen("wraps")
    for entry, wrapped in zip(event.roster, wraps, strict=True):
        if entry.principal == principal and isinstance(wrapped, bytes):
            try:
                context = epoch_context(header)
                epoch_key = epochs.unwrap(context, _entry(entry), keys, wrapped)
            except CryptoError:
                raise CannotOpen("wrap") from None
            epochs.verify_confirmation(epoch_key, context, event.confirmation)
            return epoch_key
    raise CannotOpen("not on the roster")


def seal_message(header: Header, epoch_key: SecretKey, key_salt: bytes, content: bytes) -> tuple[Header, bytes]:
    """Seal `content` for the header; returns the header with its body hash, and the body."""
    core = header_core(header)
    body = messages.seal(epoch_key, key_salt, core, content)
    return replace(header, body_hash=body_hash(body), core=core), body


def open_message(header: Header, body: bytes, epoch_key: SecretKey) -> bytes:
    """The content sealed under an epoch key. Raises `CannotOpen`."""
    try:
        return messages.open_body(epoch_key, header_core(header), body)
    except CryptoError:
        raise CannotOpen("message") from None


def open_granted_message(header: Header, body: bytes, message_key: SecretKey) -> bytes:
    """The content, for a reader who was granted this one message. Raises `CannotOpen`."""
    try:
        return messages.open_with_message_key(message_key, header_core(header), body)
    except CryptoError:
        raise CannotOpen("message") from None


def message_key(header: Header, body: bytes, epoch_key: SecretKey) -> SecretKey:
    """The key of this one message, to be granted. Raises `CannotOpen`."""
    try:
        return messages.message_key(epoch_key, messages.body_salt(body), header_core(header))
    except CryptoError:
        raise CannotOpen("message") from None


def grant_context(header: Header) -> grants.GrantContext:
    """What the sealed grant of this header is bound to."""
    event = header.event
    if not isinstance(event, HistoryGranted):
        raise MalformedAct("not a grant")
    return grants.GrantContext(
        deployment=header.place.deployment,
        channel=header.place.channel,
        granter=header.device,
        recipient=event.recipient,
        key_version=event.key_version,
        command_id=header.command_id,
    )


def seal_grant(
    header: Header, grant: grants.Grant, public_keys: PublicKeys, content_key: SecretKey
) -> tuple[Header, bytes]:
    """Seal the granted keys for the recipient named in the header; returns header with body hash, and the body."""
    context = grant_context(header)
    keys = public_keys(PrincipalId(context.recipient), context.key_version)
    body = grants.seal_grant(context, list(keys), grant, content_key=content_key)
    return replace(header, body_hash=body_hash(body)), body


def open_grant(header: Header, body: bytes, keys: Sequence[KemKey]) -> grants.Grant:
    """The keys granted to the holder of `keys`. Raises `CannotOpen`."""
    try:
        return grants.open_grant(grant_context(header), keys, body)
    except CryptoError:
        raise CannotOpen("grant") from None


def _opened(header: Header) -> EpochOpened:
    if not isinstance(header.event, EpochOpened):
        raise MalformedAct("not an epoch")
    return header.event


def _entry(entry: RosterEntry) -> epochs.RosterEntry:
    return epochs.RosterEntry(entry.principal, entry.key_version, Digest(entry.kem_hash))
