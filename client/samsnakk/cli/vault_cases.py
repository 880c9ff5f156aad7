"""The steps of a case: asking, the two officers' steps, and reading."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from crypto.errors import CannotOpen
from crypto.kem import KemKey
from crypto.officer_shares import Group, GroupFile, open_seeds, parse_group
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.ids import Digest as Head
from domain.ids import Millis, PrincipalId, ThreadNo, Version
from protocol.contents import Unknown, decode_content
from protocol.trust import Trust
from protocol.vault_case import Scope, VerifiedCase
from protocol.vault_opening import (
    encode_half,
    encode_release,
    open_inner,
    open_outer,
    parse_half,
    parse_release,
    read_release,
)
from samsnakk import Client
from samsnakk.cli.node_timeline import organisation_id
from samsnakk.cli.places import NoPlace, Place, channel_named, find_place
from samsnakk.cli.vault_files import read_trust
from samsnakk.cli.vault_proofs import checked
from samsnakk.cli.vault_texts import FAULTS, TEXTS
from samsnakk.cli.vault_words import Stopped, confirm, passphrase, say, write_new
from samsnakk.demo.screen import summary_of
from samsnakk.node.folder import open_node, passphrase_in
from samsnakk.node.replica.archive import opened_archive
from samsnakk.vault.bundle import Asked, Bundle, check_bundle, encode_bundle, make_bundle
from samsnakk.vault.cards import check_code, open_card, read_public

_BEFORE_ALL: Final = Head(bytes(32))


async def ask(given: argparse.Namespace) -> None:
    """Collect the case from what a member's client has verified."""
    threads = tuple(sorted({ThreadNo(int(part)) for part in given.threads.split(",")}))
    scope = Scope(threads, Version(given.start), Version(given.until))
    made = _from_node(given, scope) if given.from_node is not None else _from_profile(given, scope)
    bundle, head, trust = await made
    checked, _ = check_bundle(bundle, trust, head)
    write_new(given.case, encode_bundle(bundle))
    beyond = TEXTS["beyond"].format(number=checked.beyond) if checked.beyond else ""
    say(TEXTS["asked"].format(**_facts(checked), file=given.case, beyond=beyond, head=head.hex()))


async def _from_profile(given: argparse.Namespace, scope: Scope) -> tuple[Bundle, Head, Trust]:
    """The case, the head it ends with, and what was believed beforehand."""
    if given.person is None:
        raise NoPlace("--as or --from-node is missing")
    place = find_place(given.person, given.channel, given.data, given.url)
    asked = Asked(given.number, _vault(place, given.organisation), read_public(given.auditor).public, scope)
    async with Client(place.unlocked, place.url) as client:
        channel = await client.channel(place.channel, purpose=place.purpose)
        await channel.caught_up(600.0)
        items = channel.items(scope.until)
        before = channel.head_at(Version(scope.start - 1)) or _BEFORE_ALL
        bundle = make_bundle(asked, channel.place, items, before, client.directory)
        return bundle, channel.head_at(scope.until) or _BEFORE_ALL, place.unlocked.trust


async def _from_node(given: argparse.Namespace, scope: Scope) -> tuple[Bundle, Head, Trust]:
    """The same out of the organisation's own copy: its vault was on the rosters, so the wraps are there."""
    if given.passphrase_file is None:
        raise NoPlace("--passphrase-file is missing")
    node = open_node(given.from_node, passphrase_in(given.passphrase_file))
    organisation = None if given.organisation is None else organisation_id(node, given.organisation)
    async with opened_archive(node, organisation) as archive:
        channel = channel_named(node.trust, given.channel)
        items, held = await archive.items(channel, scope.until)
        asked = Asked(given.number, archive.reader.vault, read_public(given.auditor).public, scope)
        before = held.replay.head_at(Version(scope.start - 1)) or _BEFORE_ALL
        bundle = make_bundle(asked, archive.place(channel), items, before, archive.directory)
        return bundle, held.replay.head_at(scope.until) or _BEFORE_ALL, node.trust


def _vault(place: Place, named: str | None) -> PrincipalId:
    own = place.unlocked.identity.organisation
    for organisation in place.unlocked.trust.organisations:
        wanted = organisation.id == own if named is None else named in (organisation.name, organisation.number)
        if wanted:
            return PrincipalId(organisation.vault)
    raise Stopped(FAULTS["own_vault"].format(name=place.name))


def open_step(given: argparse.Namespace) -> None:
    """An officer's step; which one it is follows from the group."""
    group = parse_group(given.group.read_bytes())
    if (group.group is Group.B) is not (given.half is not None):
        raise Stopped(FAULTS["no_half" if given.half is None else "too_early"])
    case, keys = _verified(given)
    confirm(TEXTS["confirm"], case.case.number)
    key_of = _key_of(group, given)
    if given.half is None:
        write_new(given.out, encode_half(open_outer(case, keys, key_of)))
        say(TEXTS["half"].format(file=given.out))
        return
    half = parse_half(given.half.read_bytes())
    release = open_inner(case, half, keys, key_of, SecretKey(random_bytes(32)))
    write_new(given.out, encode_release(release))
    say(TEXTS["release"].format(file=given.out))


def read(given: argparse.Namespace) -> None:
    """Show the auditor the messages of the case."""
    case, _ = _verified(given)
    _, key = open_card(given.card, passphrase(given.passphrase_file))
    contents = read_release(case, parse_release(given.release.read_bytes()), key)
    trust = read_trust(given.trust)
    for message in case.messages:
        author = trust.name_of(message.header.person or b"")
        say(TEXTS["message"].format(version=message.version, at=_time(message.recorded_at), author=author))
        content = decode_content(contents[message.version])
        say(TEXTS["unreadable"] if isinstance(content, Unknown) else summary_of(content))


def _verified(given: argparse.Namespace) -> tuple[VerifiedCase, Callable[[int], tuple[bytes, ...]]]:
    case, directory = checked(given)
    say(TEXTS["case"].format(**_facts(case)))
    vault = case.case.vault
    return case, lambda version: tuple(directory.public_keys(vault, version))


def _key_of(group: GroupFile, given: argparse.Namespace) -> Callable[[bytes], KemKey]:
    who, card = open_card(given.card, passphrase(given.passphrase_file))
    keys = {key.public: key for key in map(KemKey.from_seed, open_seeds(group, who, card))}

    def find(public: bytes) -> KemKey:
        for known, key in keys.items():
            if known == public:
                return key
        raise CannotOpen("not this group's key")

    return find


def _facts(case: VerifiedCase) -> dict[str, object]:
    asked, times = case.case, [message.recorded_at for message in case.messages]
    return {
        "number": asked.number,
        "messages": len(case.messages),
        "start": asked.scope.start,
        "until": asked.scope.until,
        "threads": ", ".join(map(str, asked.scope.threads)),
        "first": _time(times[0]) if times else "–",
        "last": _time(times[-1]) if times else "–",
        "auditor": check_code(asked.auditor),
        "channel": asked.place.channel.hex(),
    }


def _time(at: Millis) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone():%d.%m.%Y %H:%M}"
