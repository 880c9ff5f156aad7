"""Opening a case at a vault, in two steps by officers of two groups (protocol §3).

A key officer of group A takes the outer layer off the case's wraps (*half opened*: worth nothing without group B). An
officer of group B takes off the inner one, checks each epoch key against its confirmation, and hands the auditor the
keys of the case's messages (*release*). No epoch key and no key of the vault ever leaves an officer's machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from crypto import cbor, epochs
from crypto.case_keys import CaseKey, open_case_keys, seal_case_keys
from crypto.errors import CryptoError, Malformed
from crypto.hashing import Digest
from crypto.kem import KemKey
from crypto.layers import KEYS_OF_A_VAULT, Layer, kem_hash, wrapped_length
from crypto.shapes import SecretKey, array, blob, digest, exactly, strictly_rising, whole
from domain.ids import EpochNo, ThreadNo, Version
from protocol.sealing import message_key, open_granted_message
from protocol.vault_case import BadCase, CaseEpoch, EpochId, VerifiedCase

FORMAT: Final = 1
MAX_HALF_OPENED: Final = 64 * 1024 * 1024
MAX_RELEASE: Final = 9 * 1024 * 1024
_INNER_LENGTH: Final = wrapped_length(KEYS_OF_A_VAULT - 1)

PublicKeys = Callable[[int], tuple[bytes, ...]]
"""The vault's two public keys (A, B) by key version. Raises `UnknownKey`."""
KeyOf = Callable[[bytes], KemKey]
"""The private key of the officer's own group for one of its public keys. Raises `CannotOpen`."""


@dataclass(frozen=True, slots=True)
class HalfOpened:
    """The case's wraps without their outer layer."""

    case: Digest
    inner: Mapping[EpochId, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Release:
    """The keys of the case's messages, sealed for the auditor."""

    case: Digest
    sealed: bytes = field(repr=False)


def open_outer(case: VerifiedCase, public_keys: PublicKeys, key_of: KeyOf) -> HalfOpened:
    """Group A's step.

    Raises:
        CannotOpen: this group does not hold the key, or a wrap is broken.
        BadCase: the roster names other keys than the vault's.

    """
    inner = {
        where: epochs.open_wrap_layer(
            epoch.context, epoch.entry, Layer.OUTER, key_of(_named(epoch, public_keys)[0]), epoch.wrapped
        )
        for where, epoch in case.epochs.items()
    }
    return HalfOpened(case.hash, inner)


def open_inner(
    case: VerifiedCase, half: HalfOpened, public_keys: PublicKeys, key_of: KeyOf, content_key: SecretKey
) -> Release:
    """Group B's step: the keys of this case's messages and no others. `content_key` is 32 fresh random bytes.

    Raises:
        BadCase: half opened for another case, or not the epochs of this one.
        CannotOpen: this group does not hold the key, or what remains of a wrap is not the key that was confirmed.

    """
    if half.case != case.hash or set(half.inner) != set(case.epochs):
        raise BadCase("half opened for another case")
    opened = {
        where: _epoch_key(epoch, half.inner[where], key_of(_named(epoch, public_keys)[1]))
        for where, epoch in case.epochs.items()
    }
    keys = [
        CaseKey(message.version, message_key(message.header, message.body, opened[message.epoch]))
        for message in case.messages
    ]
    return Release(case.hash, seal_case_keys(case.hash, case.case.auditor, keys, content_key=content_key))


def _named(epoch: CaseEpoch, public_keys: PublicKeys) -> tuple[bytes, ...]:
    keys = public_keys(epoch.entry.key_version)
    if len(keys) != KEYS_OF_A_VAULT or kem_hash(keys) != epoch.entry.kem_hash:
        raise BadCase("the roster names other keys than the vault's")
    return keys


def _epoch_key(epoch: CaseEpoch, inner: bytes, key: KemKey) -> SecretKey:
    opened = SecretKey(epochs.open_wrap_layer(epoch.context, epoch.entry, Layer.INNER, key, inner))
    epochs.verify_confirmation(opened, epoch.context, epoch.confirmation)
    return opened


def read_release(case: VerifiedCase, release: Release, auditor: KemKey) -> dict[Version, bytes]:
    """The contents of the case's messages by version, for the auditor whom the case names.

    Raises:
        BadCase: released for another case, or other messages than this case's.
        CannotOpen: sealed for somebody else, or a key does not open its message.

    """
    if release.case != case.hash:
        raise BadCase("released for another case")
    try:
        keys = {Version(one.version): one.key for one in open_case_keys(case.hash, auditor, release.sealed)}
    except Malformed as error:
        raise BadCase(str(error)) from None
    if set(keys) != {message.version for message in case.messages}:
        raise BadCase("other messages than the case's")
    return {
        message.version: open_granted_message(message.header, message.body, keys[message.version])
        for message in case.messages
    }


def encode_half(half: HalfOpened) -> bytes:
    """The file: [1, case hash, [[thread, epoch, inner wrap]…]], sorted."""
    rows: list[cbor.CborInput] = [[thread, epoch, inner] for (thread, epoch), inner in sorted(half.inner.items())]
    return cbor.encode([FORMAT, half.case, rows])


def parse_half(data: bytes) -> HalfOpened:
    """What group A made. Raises `BadCase`."""
    try:
        form, case, rows = array(cbor.decode(data, max_size=MAX_HALF_OPENED, max_depth=3), 3)
        whole(form, FORMAT, FORMAT)
        parsed = [array(row, 3) for row in array(rows)]
        found = [(whole(thread), whole(epoch), exactly(inner, _INNER_LENGTH)) for thread, epoch, inner in parsed]
        strictly_rising((thread, epoch) for thread, epoch, _ in found)
        return HalfOpened(digest(case), {(ThreadNo(thread), EpochNo(epoch)): inner for thread, epoch, inner in found})
    except CryptoError as error:
        raise BadCase(str(error)) from None


def encode_release(release: Release) -> bytes:
    """The file: [1, case hash, sealed]."""
    return cbor.encode([FORMAT, release.case, release.sealed])


def parse_release(data: bytes) -> Release:
    """What group B made. Raises `BadCase`."""
    try:
        form, case, sealed = array(cbor.decode(data, max_size=MAX_RELEASE, max_depth=1), 3)
        whole(form, FORMAT, FORMAT)
        return Release(digest(case), blob(sealed))
    except CryptoError as error:
        raise BadCase(str(error)) from None
