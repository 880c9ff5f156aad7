"""Vectors of a vault in the hands of its key officers: the two groups, and a case opened by both of them."""

from dataclasses import replace
from typing import Any

from crypto.cbor import encode
from crypto.errors import CryptoError
from crypto.officer_shares import Group, Officer, encode_group, found_group, parse_group, reshare
from crypto.shapes import SecretKey
from domain.ids import PrincipalId, ThreadNo, Version
from protocol.errors import ProtocolError
from protocol.records import record_item
from protocol.vault_case import Case as VaultCase
from protocol.vault_case import Scope, collect, encode_case, parse_case, verify_case
from protocol.vault_opening import encode_release, open_inner, parse_half
from tests.crypto.fixed import flipped, kem_key, kem_seed, some_id, some_secret
from tests.protocol.keyholders import kem_keys
from tests.protocol.small_channel import AFTER_BERIT, BERITS_ANSWER
from tests.protocol.stream_builder import Story
from tests.vectors import crypto_replay, protocol_replay
from tests.vectors.crypto_replay import Case, raw
from tests.vectors.plain_vectors import finished as finished_crypto
from tests.vectors.protocol_making import Standing, channel_story, finished

VAULT = PrincipalId(some_id("vault of clinic"))
SEEDS = {"a": kem_seed("vault of clinic 1 A").hex(), "b": kem_seed("vault of clinic 1 B").hex()}


def _officer(name: str) -> Officer:
    return Officer(some_id(name), kem_key(f"card of {name}").public, name)


def _by(name: str, officer: str) -> Case:
    return {"name": name, "officer": some_id(officer).hex(), "card": kem_seed(f"card of {officer}").hex()}


def _group(letter: Group, *names: str) -> bytes:
    seed = some_secret(f"seed of group {letter.value}")
    founded = found_group(some_id("deployment"), VAULT, letter, [_officer(name) for name in names], seed)
    later = [_officer(name) for name in (*names[1:], f"a newcomer to {letter.value}")]
    return encode_group(reshare(founded, [seed, some_secret(f"fresh seed of group {letter.value}")], later))


def _kept(file: str, standing: Standing, case: Case, field: str, replay: Any, fresh: Any) -> Case:
    """The randomised field as it stands in the file for as long as it gives the same, else a fresh one."""
    old = standing.get(case["name"], {})
    try:
        if field in old and replay[file](case | {field: old[field]}) == old.get("output"):
            return case | {field: old[field]}
    except (CryptoError, ProtocolError, KeyError):
        pass
    return case | {field: fresh().hex()}


def _broken(file: bytes) -> bytes:
    group = parse_group(file)
    seeds = (replace(seed, shares=tuple((who, flipped(sealed)) for who, sealed in seed.shares)) for seed in group.seeds)
    return encode_group(replace(group, seeds=tuple(seeds)))


def officer_shares(standing: Standing) -> list[Case]:
    file, shares = "officer_shares.json", crypto_replay.REPLAY

    def made(name: str, letter: Group, officer: str, *officers: str) -> Case:
        return _kept(file, standing, _by(name, officer), "file", shares, lambda: _group(letter, *officers))

    a = made("group A, by one of its officers", Group.A, "Ante", "Solveig", "Ante")
    b = made("group B, by who came later", Group.B, "a newcomer to b", "Berit", "Ola")
    sealed = raw(a["file"])
    apart = {"name": "two groups of one vault", "file": a["file"], "other": b["file"]}
    return finished_crypto(
        file,
        [
            a,
            b,
            apart,
            apart | {"name": "one group twice", "other": a["file"]},
            apart | {"name": "groups swapped", "file": b["file"], "other": a["file"]},
            a | _by("who has left", "Solveig"),
            a | {"name": "another's card", "card": kem_seed("card of Ola").hex()},
            a | {"name": "a flipped bit in each share", "file": _broken(sealed).hex()},
            a | {"name": "cut short", "file": sealed[:-1].hex()},
            a | {"name": "a byte behind", "file": (sealed + b"\x00").hex()},
        ],
    )


def _asked(story: Story, **changed: Any) -> VaultCase:
    items, threads = story.items(), (ThreadNo(0),)
    case = VaultCase(
        place=story.place,
        vault=VAULT,
        number="2026/17",
        auditor=kem_key("the auditor").public,
        scope=Scope(threads, Version(BERITS_ANSWER), Version(BERITS_ANSWER)),
        before=story.heads[BERITS_ANSWER - 2],
        items=(items[BERITS_ANSWER - 1],),
        wraps=collect(items[:BERITS_ANSWER], VAULT, threads, Version(BERITS_ANSWER)),
    )
    return replace(case, **changed)


def _released(case: Case) -> bytes:
    directory, _, _ = protocol_replay.base()
    found = verify_case(parse_case(raw(case["case"])), directory.signer, raw(case["trusted"]))  # type: ignore[arg-type]
    _, b = kem_keys("vault of clinic")
    keys = tuple(directory.public_keys(VAULT, 1))
    content_key = SecretKey(some_secret("content key"))
    return encode_release(open_inner(found, parse_half(raw(case["half"])), lambda _: keys, lambda _: b, content_key))


def vault_case(standing: Standing) -> list[Case]:
    file, story = "vault_case.json", channel_story()
    asked = _asked(story)
    base = {"case": encode_case(asked).hex(), "trusted": story.heads[BERITS_ANSWER - 1].hex()}
    outer = base | {"name": "group A takes off the outer layer", "seed": SEEDS["a"]}
    half = {"half": protocol_replay.REPLAY[file](outer)["half"], "auditor": kem_seed("the auditor").hex()}
    inner = base | half | {"name": "group B gives the keys of the messages", "seed": SEEDS["b"]}
    reading = base | {"name": "the auditor reads", "seed": kem_seed("the auditor").hex()}
    read = _kept(file, standing, reading, "release", protocol_replay.REPLAY, lambda: _released(base | half))
    smuggled = replace(story.records[AFTER_BERIT - 1], version=Version(BERITS_ANSWER), known=b"")
    other = _asked(story, items=(record_item(smuggled),))
    wrap = asked.wraps[0]
    bad_wrap = _asked(story, wraps=(replace(wrap, signature=flipped(wrap.signature)),))
    text = read["release"]
    return finished(
        file,
        [
            base | {"name": "a case of one message"},
            outer,
            inner,
            read,
            base | {"name": "another head is trusted", "trusted": story.heads[3].hex()},
            base | {"name": "a message from outside the period", "case": encode_case(other).hex()},
            base | {"name": "an epoch that nobody signed", "case": encode_case(bad_wrap).hex()},
            base | {"name": "an epoch too many", "case": encode_case(_asked(story, wraps=(wrap, wrap))).hex()},
            base | {"name": "cut short", "case": base["case"][:-2]},
            outer | {"name": "group B takes off the outer layer", "seed": SEEDS["b"]},
            inner | {"name": "group A goes on alone", "seed": SEEDS["a"]},
            inner | {"name": "half opened for another case", "half": encode([1, bytes(32), []]).hex()},
            read | {"name": "somebody else reads", "seed": kem_seed("Ola").hex()},
            read | {"name": "a release with a flipped bit", "release": flipped(raw(text)).hex()},
        ],
    )


FILES = {
    "officer_shares.json": ("A vault key's seeds, shared among a group of key officers.", officer_shares),
    "vault_case.json": ("A case at a vault, opened in two steps. Records and keys: channel.json.", vault_case),
}
