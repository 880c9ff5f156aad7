"""What each crypto vector file asks to be done with a case; the same table makes the outputs and checks them."""

from collections.abc import Callable
from typing import Any

from crypto import attachments, chain, epochs, grants, keyring_slots, keyrings, messages, officer_shares, recovery_codes
from crypto.cbor import CborValue, decode
from crypto.hashing import Digest, hash_with
from crypto.kem import KemKey, hpke_open
from crypto.key_statements import SignedStatement
from crypto.key_streams import Roots, replay
from crypto.labels import Label
from crypto.layers import kem_hash
from crypto.padding import pad, unpad
from crypto.root_lines import read_links, resolve, roots_of
from crypto.shapes import SecretKey
from crypto.signing import PublicKey, Signature, SigningKey, sign, verify
from tests.vectors import browser_replay, device_replay, inbox_replay, log_replay

Case = dict[str, Any]
raw = bytes.fromhex


def shown(value: CborValue) -> Any:
    """A CBOR value as JSON: bytes as {"bytes": hex}, maps as {"map": [[key, value]…]} in encoded order."""
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case list():
            return [shown(item) for item in value]
        case dict():
            return {"map": [[key, shown(item)] for key, item in value.items()]}
        case _:
            return value


def _secret(case: Case, name: str) -> SecretKey:
    return SecretKey(raw(case[name]))


def _kem_keys(case: Case) -> list[KemKey]:
    return [KemKey.from_seed(raw(seed)) for seed in case["seeds"]]


def _roster(case: Case) -> list[epochs.RosterEntry]:
    return [epochs.RosterEntry(raw(who), version, Digest(raw(key))) for who, version, key in case["roster"]]


def _epoch(case: Case) -> tuple[epochs.EpochContext, epochs.RosterEntry]:
    entry = epochs.RosterEntry(raw(case["principal"]), case["key_version"], Digest(raw(case["kem_hash"])))
    context = epochs.EpochContext(
        deployment=raw(case["deployment"]),
        channel=raw(case["channel"]),
        thread=case["thread"],
        epoch=case["epoch"],
        committer=raw(case["committer"]),
        membership_version=case["membership_version"],
        roster_hash=Digest(raw(case["roster_hash"])),
    )
    return context, entry


def _cbor(case: Case) -> Any:
    return shown(decode(raw(case["data"]), max_size=case.get("max_size", 1 << 20)))


def _hash(case: Case) -> Any:
    return hash_with(Label(case["label"].encode()), raw(case["data"])).hex()


def _signing(case: Case) -> Any:
    label, message = Label(case["label"].encode()), raw(case["message"])
    if "seed" in case:
        key = SigningKey.from_seed(raw(case["seed"]))
        return {"public_key": key.public.hex(), "signature": sign(key, label, message).hex()}
    verify(raw(case["public_key"]), label, message, raw(case["signature"]))
    return "holds"


def _kem(case: Case) -> Any:
    key = KemKey.from_seed(raw(case["seed"]))
    if "sealed" not in case:
        return {"public": key.public.hex(), "kem_hash": kem_hash([key.public]).hex()}
    return hpke_open(key, raw(case["info"]), raw(case["sealed"])).hex()


def _padding(case: Case) -> Any:
    return pad(raw(case["content"])).hex() if "content" in case else unpad(raw(case["padded"])).hex()


def _message(case: Case) -> Any:
    core = raw(case["header_core"])
    if "content" in case:
        epoch_key, salt = _secret(case, "epoch_key"), raw(case["key_salt"])
        body = messages.seal(epoch_key, salt, core, raw(case["content"]))
        return {"message_key": messages.message_key(epoch_key, salt, core).hex(), "body": body.hex()}
    if "message_key" in case:
        return messages.open_with_message_key(_secret(case, "message_key"), core, raw(case["body"])).hex()
    return messages.open_body(_secret(case, "epoch_key"), core, raw(case["body"])).hex()


def _epochs(case: Case) -> Any:
    if "roster" in case:
        return epochs.roster_hash(_roster(case)).hex()
    context, entry = _epoch(case)
    if "wrapped" in case:
        return epochs.unwrap(context, entry, _kem_keys(case), raw(case["wrapped"])).hex()
    return epochs.confirmation(_secret(case, "epoch_key"), context).hex()


def _grant(case: Case) -> Any:
    context = grants.GrantContext(
        raw(case["deployment"]),
        raw(case["channel"]),
        raw(case["granter"]),
        raw(case["recipient"]),
        case["key_version"],
        raw(case["command_id"]),
    )
    grant = grants.open_grant(context, _kem_keys(case), raw(case["sealed"]))
    return {
        "epochs": [[one.thread, one.epoch, one.key.hex()] for one in grant.epochs],
        "messages": [[one.version, one.key.hex()] for one in grant.messages],
    }


def _attachment(case: Case) -> Any:
    key, file_id = _secret(case, "key"), raw(case["file_id"])
    if "sealed" in case:
        return b"".join(attachments.open_chunks(key, file_id, map(raw, case["sealed"]))).hex()
    # Contents of several chunks are given by their length: the bytes 0, 1, … 250 over and over.
    content = (bytes(range(251)) * (case["length"] // 251 + 1))[: case["length"]]
    sealed = list(attachments.seal_chunks(key, file_id, [content]))
    return {"chunks": len(sealed), "end": sealed[-1][-32:].hex(), "hash": attachments.content_hash(sealed).hex()}


def _chain(case: Case) -> Any:
    name = chain.stream_name(raw(case["stream_secret"]), case["stream_kind"])
    head = chain.genesis_head(raw(case["deployment"]), name)
    heads = []
    for item in case["records"]:
        record = chain.parse_record(raw(item["record"]))
        inner = chain.inner_hash(raw(item["blind"]), raw(item["record"]))
        leaf = chain.leaf(record.version, item["thread"], item["kind_class"], record.recorded_at, inner)
        head = chain.next_head(head, leaf)
        heads.append({"inner": inner.hex(), "leaf": leaf.hex(), "head": head.hex()})
    return {"name": name.hex(), "heads": heads}


def _key_stream(case: Case) -> Any:
    entries = [SignedStatement(raw(one), Signature(raw(signature))) for one, signature in case["entries"]]
    roots: Roots = {
        raw(issuer): tuple(PublicKey(raw(one)) for one in ([root] if isinstance(root, str) else root))
        for issuer, root in case["roots"].items()
    }
    state = replay(raw(case["deployment"]), raw(case["principal"]), entries, roots)
    devices = [
        [one.device.hex(), one.public_key.hex(), one.certified_at, one.valid_until, one.revoked_at]
        for one in state.certificates
    ]
    versions = [[one.version, one.kem_hash.hex(), one.issued_at] for one in state.key_versions]
    if any(isinstance(root, list) for root in case["roots"].values()):
        return {"n": state.n, "devices": devices, "struck": [one.struck for one in state.key_versions]}
    return {"kind": state.kind, "n": state.n, "head": state.head.hex(), "devices": devices, "versions": versions}


def _node_stream(case: Case) -> Any:
    entries = [SignedStatement(raw(one), Signature(raw(signature))) for one, signature in case["entries"]]
    roots: Roots = {
        raw(issuer): tuple(PublicKey(raw(one)) for one in ([root] if isinstance(root, str) else root))
        for issuer, root in case["roots"].items()
    }
    state = replay(raw(case["deployment"]), raw(case["principal"]), entries, roots)
    nodes = [
        [one.device.hex(), one.public_key.hex(), one.certified_at, one.valid_until, one.revoked_at]
        for one in state.nodes
    ]
    return {"n": state.n, "head": state.head.hex(), "nodes": nodes, "devices": len(state.certificates)}


def _root_lines(case: Case) -> Any:
    deployment = raw(case["deployment"])
    pins = {raw(who): PublicKey(raw(root)) for who, root in case["pins"].items()}
    streams = {
        raw(who): read_links(deployment, raw(who), [SignedStatement(raw(s), Signature(raw(t))) for s, t in entries])
        for who, entries in case["streams"].items()
    }
    resolve(deployment, streams, pins)
    return {who.hex(): [root.hex() for root in roots_of(pins[who], links)] for who, links in streams.items()}


def _keyring(case: Case) -> Any:
    person, file = raw(case["person"]), keyrings.parse_keyring_file(raw(case["file"]))
    key = _slot_key(case, person, file.slots[case["slot"]])
    keyring = keyrings.open_keyring(file, person, key)
    seeds = [[version, seed.hex()] for version, seed in keyring.seeds]
    return {"keyring_key": key.hex(), "seeds": seeds, "hash": keyrings.keyring_hash(raw(case["file"])).hex()}


def _slot_key(case: Case, person: bytes, slot: keyring_slots.Slot) -> SecretKey:
    match slot:
        case keyring_slots.PassphraseSlot():
            return keyring_slots.open_passphrase_slot(person, slot, case["passphrase"])
        case keyring_slots.DeviceSlot():
            return keyring_slots.open_device_slot(person, slot, KemKey.from_seed(raw(case["seed"])))
        case keyring_slots.PrfSlot():
            return keyring_slots.open_prf_slot(person, slot, raw(case["prf"]))
        case keyring_slots.RecoverySlot():
            return keyring_slots.open_recovery_slot(person, slot, case["code"])


def _recovery_code(case: Case) -> Any:
    if "secret" in case:
        return recovery_codes.format_recovery_code(raw(case["secret"]))
    return recovery_codes.parse_recovery_code(case["code"]).hex()


def _officer_shares(case: Case) -> Any:
    group = officer_shares.parse_group(raw(case["file"]))
    if "other" in case:
        officer_shares.verify_apart(group, officer_shares.parse_group(raw(case["other"])))
        return "apart"
    seeds = officer_shares.open_seeds(group, raw(case["officer"]), KemKey.from_seed(raw(case["card"])))
    return {"group": group.group.value, "seeds": [seed.hex() for seed in seeds], "newest": group.newest.hex()}


REPLAY: dict[str, Callable[[Case], Any]] = {
    "cbor.json": _cbor,
    "hashing.json": _hash,
    "signing.json": _signing,
    "kem.json": _kem,
    "padding.json": _padding,
    "messages.json": _message,
    "epochs.json": _epochs,
    "grants.json": _grant,
    "attachments.json": _attachment,
    "chain.json": _chain,
    "key_streams.json": _key_stream,
    "own_roots.json": _key_stream,
    "root_lines.json": _root_lines,
    "kept_streams.json": _key_stream,
    "node_streams.json": _node_stream,
    "keyrings.json": _keyring,
    "recovery_codes.json": _recovery_code,
    "officer_shares.json": _officer_shares,
    **browser_replay.REPLAY,
    **device_replay.REPLAY,
    **inbox_replay.REPLAY,
    **log_replay.REPLAY,
}
