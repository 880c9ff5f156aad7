"""`samsnakk enrol`: a member of staff begins on this machine, or renews the certificate of this device."""

import argparse
import asyncio
import getpass
import sys
import webbrowser
from pathlib import Path
from typing import Final, TypeAlias

from crypto.errors import CryptoError
from crypto.random import random_bytes
from domain.ids import OrganisationId
from protocol.errors import ProtocolError, SubstitutedKey
from protocol.node_requests import Certify
from protocol.trust import BadTrustFile, Trust, decode_trust
from samsnakk.cli import enrol_texts as t
from samsnakk.cli.device import print_sheet
from samsnakk.cli.enrol_texts import day
from samsnakk.cli.places import hub_of, unlock_folder
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.enrolling import Desk, Enrolled
from samsnakk.errors import SamsnakkError
from samsnakk.keyring_home import KeyringHome
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import passphrase_in
from samsnakk.node_login import NodeLogin
from samsnakk.node_place import NodePlace, keep_places, node_place
from samsnakk.private_files import write_private
from samsnakk.profile import PROFILE, Unlocked
from samsnakk.staff_enrolment import About, Beginning, SealingDesk, ask_about, renewal

FAILED: Final = 1
USAGE: Final = 2
_PATIENCE: Final = 10 * 60.0
Way: TypeAlias = str | bytes | None


class Unusable(Exception):
    """What stands on the command line leads nowhere; the text says what to write instead."""


def run(given: argparse.Namespace) -> int:
    """Begin or renew; returns 0, 1 if it did not work, 2 if something is missing on the command line."""
    try:
        return asyncio.run(_renew(given) if (given.data / PROFILE).exists() else _begin(given))
    except Unusable as error:
        sys.stderr.write(f"samsnakk enrol: {error}\n")
        return USAGE
    except (SamsnakkError, ProtocolError, CryptoError, OSError) as error:
        sys.stderr.write(f"samsnakk enrol: {t.told(error)}\n")
        return FAILED


async def _begin(given: argparse.Namespace) -> int:
    folder: Path = given.data.absolute()
    trust = _trust(given)
    about = await ask_about(given.node)
    organisation = _organisation(trust, about, given.organisation)
    way = await _way(given)
    beginning = Beginning.in_folder(folder)
    desk = Desk(given.node, trust, organisation, beginning.new.device, beginning.key)
    beginning.keep(folder)
    got = await _signed_in(desk, beginning.wish, opening=not given.no_browser)
    if isinstance(way, bytes):
        write_private(folder / UNLOCK_FILE, way)
    hub = given.url or about.hub
    keep_places(folder, hub, NodePlace(given.node, _until(got, desk)))
    unlocked = beginning.settle(folder, trust, organisation, got.person, way)
    print(t.IN.format(organisation=trust.name_of(organisation), until=day(_until(got, desk))))
    if not got.published:
        print(t.LATER)
    done = await _leave_keyring(unlocked, hub, desk, given.name)
    print(t.NEXT.format(folder=folder))
    return done


async def _renew(given: argparse.Namespace) -> int:
    folder: Path = given.data.absolute()
    place = node_place(folder)
    if place is None:
        raise Unusable(t.NOT_OF_STAFF)
    if given.node is not None and given.node != place.url:
        raise Unusable(t.ANOTHER_NODE)
    unlocked = _unlocked(given, folder)
    who = unlocked.identity
    if who.organisation is None:
        raise Unusable(t.NOT_OF_STAFF)
    desk = Desk(place.url, unlocked.trust, who.organisation, who.device, unlocked.signing_key)
    got = await _signed_in(desk, renewal(unlocked), opening=not given.no_browser)
    if got.person != who.person:
        raise SubstitutedKey("another person's certificate")
    keep_places(folder, None, NodePlace(place.url, _until(got, desk)))
    print(t.RENEWED.format(until=day(_until(got, desk))))
    if not got.published:
        print(t.LATER)
    hub = given.url or hub_of(folder)
    return 0 if hub is None else await _leave_keyring(unlocked, hub, desk, given.name)


async def _signed_in(desk: Desk, wish: Certify, *, opening: bool) -> Enrolled:
    """Have the person sign in at the node, and the node grant the wish."""

    async def use(ticket: str) -> Enrolled:
        return await desk.ask(wish, ticket=ticket)

    async with NodeLogin(desk.url, use) as login:
        print(t.OPEN.format(address=login.address))
        print(t.CODE.format(code=login.code), flush=True)
        if opening:
            await asyncio.to_thread(webbrowser.open, login.address)
        return await login.outcome(_PATIENCE)


async def _leave_keyring(unlocked: Unlocked, hub: str, desk: Desk, name: str) -> int:
    """Leave the first keyring with the hub, sealed, and show the code for paper; nothing where there is one."""
    try:
        async with KeyringHome(unlocked, hub, SealingDesk(desk)) as home:
            if (await home.state()).keyring_hash is None:
                print_sheet(await home.begin(name))
    except SamsnakkError as error:
        sys.stderr.write(f"samsnakk enrol: {t.NO_KEYRING_YET.format(why=t.told(error), folder=unlocked.folder)}\n")
        return FAILED
    return 0


def _trust(given: argparse.Namespace) -> Trust:
    if given.node is None or given.trust is None:
        raise Unusable(t.FIRST_TIME)
    try:
        return decode_trust(given.trust.read_bytes())
    except OSError as error:
        raise Unusable(f"{given.trust}: {error.strerror}") from None
    except BadTrustFile as error:
        raise Unusable(f"{given.trust}: {error.detail}") from None


def _organisation(trust: Trust, about: About, name: str | None) -> OrganisationId:
    """The organisation that is meant, of those that the node serves and the trust file knows."""
    served = [o for o in trust.organisations if o.id.hex() in about.organisations]
    if not served:
        raise Unusable(t.NO_SUCH)
    found = [o for o in served if name is None or name.casefold() in {o.name.casefold(), o.number}]
    if len(found) != 1:
        raise Unusable(t.WHICH.format(names=", ".join(o.name for o in served)))
    return OrganisationId(found[0].id)


async def _way(given: argparse.Namespace) -> Way:
    """How the profile will open: a passphrase where somebody can type one, else the system's keyring."""
    if given.demo:
        return random_bytes(32)
    if given.passphrase_file is not None:
        return _passphrase(given.passphrase_file)
    if not sys.stdin.isatty():
        return None
    chosen = await asyncio.to_thread(getpass.getpass, t.CHOOSE)
    if chosen != await asyncio.to_thread(getpass.getpass, t.AGAIN):
        raise Unusable(t.DIFFER)
    return chosen or None


def _unlocked(given: argparse.Namespace, folder: Path) -> Unlocked:
    return unlock_folder(folder, None if given.passphrase_file is None else _passphrase(given.passphrase_file))


def _passphrase(path: Path) -> str:
    try:
        return passphrase_in(path)
    except BadNode:
        raise Unusable(t.FILE.format(path=path)) from None


def _until(got: Enrolled, desk: Desk) -> int:
    return got.state.certificates_of(desk.device)[-1].valid_until
