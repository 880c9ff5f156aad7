"""What each protocol vector file asks to be done with a case; the same table makes the outputs and checks them."""

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from crypto.case_keys import open_case_keys
from crypto.cbor import decode
from crypto.kem import KemKey
from crypto.labels import CHALLENGE, NODE_READ_REQUEST, Label
from crypto.shapes import SecretKey
from crypto.signing import PublicKey, SigningKey, sign
from domain.channel.state import Channel
from domain.duty.oslo import instant
from domain.ids import ChannelId, DeploymentId, DeviceId, Digest, Millis, PrincipalId, Version
from protocol import frames, records, sealing
from protocol.acts import Place, SignedAct, header_core, parse_header, verify_act
from protocol.contents import Unknown, decode_content
from protocol.directory import Directory
from protocol.errors import UnknownDevice
from protocol.facts import facts_of
from protocol.listings.answers import decode_found
from protocol.listings.entries import parse_entry
from protocol.listings.heads import decode_signed_head, parse_head
from protocol.listings.reading import Authority, verify_found
from protocol.listings.tree import leaf_hash
from protocol.node_requests import verify_node_request
from protocol.records import Record
from protocol.replay import Replay
from protocol.requests import verify_request
from protocol.session_binding import verify_binding
from protocol.trust import Trust, decode_trust
from protocol.vault_case import parse_case, verify_case
from protocol.vault_opening import encode_half, open_inner, open_outer, parse_half, parse_release, read_release
from tests.vectors.crypto_replay import Case, raw, shown
from tests.vectors.erasure_replay import node_word

HERE = Path(__file__).resolve().parent
LARGE = 1 << 20


def plain(value: Any) -> Any:
    """Anything typed as JSON: bytes as {"bytes": hex}, maps as {"map": [[key, value]…]} in encoded order."""
    return shown(_sorted(msgspec.to_builtins(value, builtin_types=(bytes,))))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=lambda key: (len(key.encode()), key.encode()))}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value


def _act(case: Case) -> Any:
    def key_of(device: DeviceId) -> tuple[bytes, Label]:
        known = case["devices"].get(device.hex())
        if known is None:
            raise UnknownDevice
        return raw(known["public_key"]), Label(known["label"].encode())

    body = raw(case["body"]) if case["body"] is not None else None
    place = Place(DeploymentId(raw(case["deployment"])), ChannelId(raw(case["channel"])))
    act = verify_act(SignedAct(raw(case["header"]), raw(case["signature"]), body), place, key_of)
    h = act.header
    return {
        "kind": act.kind.name,
        "kind_class": act.kind.kind_class.value,
        "thread": h.thread,
        "person": plain(h.person),
        "device": plain(h.device),
        "organisation": plain(h.organisation),
        "role": plain(h.role),
        "membership_version": h.membership_version,
        "epoch": h.epoch,
        "command_id": plain(h.command_id),
        "seen": [h.seen.version, plain(h.seen.head)],
        "claimed_at": h.claimed_at,
        "facts": plain(facts_of(h.event)),
        "header_core": header_core(h).hex(),
        "body_hash": plain(h.body_hash),
    }


def _frame(case: Case) -> Any:
    read = frames.decode_client if case["end"] == "client" else frames.decode_hub
    frame = read(raw(case["data"]))
    named = {name: getattr(frame, name) for name in frame.__struct_fields__}
    return {"frame": frame.__struct_config__.tag, "fields": [[name, plain(value)] for name, value in named.items()]}


def _request(case: Case) -> Any:
    if "nonce" in case:
        challenge = frames.Challenge(case["protocol"], DeploymentId(raw(case["deployment"])), raw(case["nonce"]))
        said = frames.challenge_bytes(challenge, DeviceId(raw(case["device"])))
        key = SigningKey.from_seed(raw(case["seed"]))
        return {"bytes": said.hex(), "signature": sign(key, CHALLENGE, said).hex()}
    r = verify_request(raw(case["request"]), raw(case["public_key"]))
    place = [r.place.deployment, r.place.channel]
    names = ("person", "device", "organisation", "role", "purpose", "threads", "request_id", "made_at", "action")
    return {"place": plain(place), **{name: plain(getattr(r, name)) for name in names}}


def _node_reading(case: Case) -> Any:
    r = verify_request(raw(case["request"]), raw(case["public_key"]), NODE_READ_REQUEST)
    return {"person": plain(r.person), "device": plain(r.device), "purpose": r.purpose.value}


def _session_binding(case: Case) -> Any:
    binding = verify_binding(raw(case["statement"]), raw(case["public_key"]))
    return {name: plain(getattr(binding, name)) for name in ("deployment", "session", "person", "device", "made_at")}


def _node_request(case: Case) -> Any:
    r = verify_node_request(raw(case["request"]), raw(case["public_key"]))
    names = ("deployment", "organisation", "device", "request_id", "made_at")
    wish = {field.name: plain(getattr(r.wish, field.name)) for field in fields(r.wish)}
    return {**{name: plain(getattr(r, name)) for name in names}, "wish": {"what": type(r.wish).__name__, **wish}}


def _content(case: Case) -> Any:
    content = decode_content(raw(case["content"]))
    return {"unknown": content.kind} if isinstance(content, Unknown) else plain(content)


def _sealing(case: Case) -> Any:
    header, body = parse_header(raw(case["header"]))[0], raw(case["body"])
    keys = [KemKey.from_seed(raw(seed)) for seed in case.get("seeds", ())]
    if "principal" in case:
        return sealing.open_epoch(header, body, PrincipalId(raw(case["principal"])), keys).hex()
    if keys:
        return plain(sealing.open_grant(header, body, keys))
    if "message_key" in case:
        return sealing.open_granted_message(header, body, SecretKey(raw(case["message_key"]))).hex()
    epoch_key = SecretKey(raw(case["epoch_key"]))
    opened = sealing.open_message(header, body, epoch_key)
    return {"message_key": sealing.message_key(header, body, epoch_key).hex(), "content": opened.hex()}


def _channel(case: Case) -> Any:
    """The trust file, and what it says of everybody; the records, and the heads they lead to."""
    if "trust" in case:
        directory = Directory(trust_in(case))
        states = {who.hex(): directory.state(who) for who in directory.principals()}
        return {who: [state.kind.value, state.n, state.head.hex()] for who, state in sorted(states.items())}
    secret, deployment = raw(case["stream_secret"]), DeploymentId(raw(case["deployment"]))
    head = records.genesis_head(deployment, secret, records.CHANNEL)
    found = []
    for item in case["items"]:
        record = records.read_item(decode(raw(item), max_size=LARGE))
        assert isinstance(record, Record)
        stub = stub_of(record)
        head = records.next_head(head, records.leaf(stub))
        found.append({"inner": stub.inner.hex(), "leaf": stub.leaf().hex(), "head": head.hex()})
    return {"stream_name": records.stream_name(secret, records.CHANNEL).hex(), "heads": found}


def stub_of(record: Record) -> records.Stub:
    """The leaf of a record."""
    header, kind = parse_header(record.signed.header)
    return records.Stub(record.version, header.thread, kind.kind_class, record.recorded_at, record.inner())


def trust_in(case: Case) -> Trust:
    """The trust file of a case."""
    return decode_trust(json.dumps(case["trust"]).encode())


@cache
def base() -> tuple[Directory, Place, list[list[Any]]]:
    """What `channel.json` holds: certified keys, place and items."""
    cases = {case["name"]: case for case in json.loads((HERE / "channel.json").read_text("utf-8"))["cases"]}
    told = cases["the records"]
    items: Any = [decode(raw(item), max_size=LARGE) for item in told["items"]]
    place = Place(DeploymentId(raw(told["deployment"])), ChannelId(raw(told["channel"])))
    return Directory(trust_in(cases["the trust file"])), place, items


def _served(case: Case) -> Any:
    """A reader who is served items of `channel.json`: n is record n, -n its stub, text any other item in hex."""
    directory, place, items = base()
    replay = Replay(place, PrincipalId(raw(case["reader"])), directory)
    for one in case["serve"]:
        replay.accept(item_of(one, items))
    replay.verify_stubs(replay.channel.recorded_at)
    for one in case.get("fill", ()):
        replay.fill(item_of(one, items))
    stubs = [version for version in range(1, replay.version + 1) if replay.stub_at(Version(version)) is not None]
    return {"version": replay.version, "head": replay.head.hex(), "stubs": stubs, **digest_of(replay.channel)}


def item_of(one: int | str, items: list[list[Any]]) -> Any:
    """N is record n, -n its stub, text any other item in hex."""
    if isinstance(one, str):
        return decode(raw(one), max_size=LARGE)
    record = records.read_item(items[abs(one) - 1])
    assert isinstance(record, Record)
    return items[one - 1] if one > 0 else records.stub_item(stub_of(record))


def digest_of(channel: Channel) -> Case:
    """What all implementations must agree on after the last record."""

    def name(value: PrincipalId | Digest | None) -> str | None:
        return value.hex() if value is not None else None

    threads = {
        str(number): {
            "audience": thread.audience.value,
            "membership_version": thread.membership_version,
            "members": [
                [name(m.principal), m.standing.value, m.key.version] for _, m in sorted(thread.members.items())
            ],
            "epoch": thread.epoch.number if thread.epoch is not None else None,
            "roster": [[name(r.principal), r.key_version, name(r.kem_hash)] for r in thread.epoch.roster]
            if thread.epoch is not None
            else [],
            "ranges": {who.hex(): [[r.start, r.until] for r in spans] for who, spans in sorted(thread.ranges.items())},
            "retracted": sorted(thread.retracted),
            "unseen": sorted(one.value for one in thread.unseen),
        }
        for number, thread in sorted(channel.threads.items())
    }
    user = name(channel.user.principal) if channel.user is not None else None
    return {"user": user, "tillitsperson": name(channel.tillitsperson), "threads": threads}


def _vault_case(case: Case) -> Any:
    """A case by itself; or with one of its steps, by the seeds of whoever takes it."""
    directory, _, _ = base()
    found = verify_case(parse_case(raw(case["case"])), directory.signer, Digest(raw(case["trusted"])))
    vault = found.case.vault

    def keys(version: int) -> tuple[bytes, ...]:
        return tuple(directory.public_keys(vault, version))

    key = KemKey.from_seed(raw(case["seed"])) if "seed" in case else None
    if key is None:
        return {"hash": found.hash.hex(), "messages": [message.version for message in found.messages]}
    if "release" in case:
        contents = read_release(found, parse_release(raw(case["release"])), key)
        return [[version, content.hex()] for version, content in sorted(contents.items())]
    if "half" in case:
        half = parse_half(raw(case["half"]))
        sealed = open_inner(found, half, keys, lambda _: key, SecretKey(bytes(32))).sealed
        opened = open_case_keys(found.hash, KemKey.from_seed(raw(case["auditor"])), sealed)
        return [[one.version, one.key.hex()] for one in opened]
    return {"half": encode_half(open_outer(found, keys, lambda _: key)).hex()}


def _listing(case: Case) -> Any:
    """An entry's facts; a search answer judged by a reader who has pinned something or nothing; an instant."""
    if "day" in case:
        return instant(date.fromisoformat(case["day"]), case["minute"])
    if "entry" in case:
        entry = parse_entry(raw(case["entry"]))
        leaf = leaf_hash(raw(case["entry"])).hex()
        return {"kind": entry.kind, "id": plain(entry.id), "facts": plain(entry.facts), "leaf": leaf}
    pinned = decode_signed_head(raw(case["pinned"])) if case["pinned"] is not None else None
    pins = {parse_head(pinned.head).organisation: pinned} if pinned is not None else {}
    roots = {raw(who): PublicKey(raw(root)) for who, root in case["roots"].items()}
    authority = Authority(DeploymentId(raw(case["deployment"])), roots, pins, Millis(case["at"]))
    found = verify_found(decode_found(raw(case["found"])), authority)
    return {
        "entries": [[plain(entry.organisation), plain(entry.id), entry.name] for entry in found.entries],
        "heads": [head.hash.hex() for head in found.heads.values()],
    }


def pinned() -> Trust:
    """The trust file in `channel.json`."""
    cases = {case["name"]: case for case in json.loads((HERE / "channel.json").read_text("utf-8"))["cases"]}
    return trust_in(cases["the trust file"])


REPLAY: dict[str, Callable[[Case], Any]] = {
    "acts.json": _act,
    "frames.json": _frame,
    "requests.json": _request,
    "node_reading.json": _node_reading,
    "session_bindings.json": _session_binding,
    "node_requests.json": _node_request,
    "contents.json": _content,
    "sealing.json": _sealing,
    "channel.json": _channel,
    "channel_served.json": _served,
    "erasures.json": _served,
    "node_words.json": node_word,
    "vault_case.json": _vault_case,
    "listings.json": _listing,
}
