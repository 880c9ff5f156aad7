"""`samsnakk vault`: what key officers and auditors do, one step a command, in words that need no cryptography."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from crypto.errors import CannotOpen, CryptoError
from crypto.officer_shares import Group, encode_group, found_group, parse_group
from crypto.random import random_bytes
from crypto.shapes import SecretKey
from domain.ids import PrincipalId
from protocol.errors import ProtocolError
from protocol.trust import OrganisationPin, Trust
from protocol.vault_case import BadCase, OutsideTheCase
from protocol.vault_proof import NotApproved
from samsnakk.cli.places import NoPlace
from samsnakk.cli.vault_cases import ask, open_step, read
from samsnakk.cli.vault_files import read_trust
from samsnakk.cli.vault_proofs import prove
from samsnakk.cli.vault_texts import FAULTS, TEXTS
from samsnakk.cli.vault_words import Stopped, confirm, new_passphrase, passphrase, say, write_new
from samsnakk.errors import SamsnakkError
from samsnakk.vault.cards import check_code, make_card, read_public
from samsnakk.vault.groups import change, encode_keys

FAILED: Final = 1
USAGE: Final = 2


def run(given: argparse.Namespace) -> int:
    """Do the step; returns 0, 1 if it cannot be done, 2 if what was named is not there."""
    steps: dict[str, Callable[[argparse.Namespace], None]] = {
        "card": _card,
        "group": _group,
        "change": _change,
        "keys": _keys,
        "ask": lambda asked: asyncio.run(ask(asked)),
        "prove": lambda asked: asyncio.run(prove(asked)),
        "open": open_step,
        "read": read,
    }
    try:
        steps[given.step](given)
    except (NoPlace, OSError, Stopped) as error:
        sys.stderr.write(f"samsnakk vault: {_plain(error)}\n")
        return USAGE
    except (SamsnakkError, ProtocolError, CryptoError) as error:
        sys.stderr.write(f"samsnakk vault: {_plain(error)}\n")
        return FAILED
    return 0


def _plain(error: Exception) -> str:
    """What went wrong and what to do, in bokmål where an officer may meet it."""
    match error:
        case FileExistsError():
            return FAULTS["exists"].format(name=Path(str(error.args[0])).name)
        case OSError():
            return f"{error.filename}: {error.strerror}"
        case OutsideTheCase():
            return FAULTS["head"]
        case NotApproved():
            return FAULTS["not_approved"].format(detail=error.detail)
        case BadCase():
            return FAULTS["case"].format(detail=error.detail)
        case CannotOpen():
            return FAULTS["closed"]
        case _:
            return str(error)


def _card(given: argparse.Namespace) -> None:
    officer = make_card(given.folder, given.name, new_passphrase(given.passphrase_file))
    say(TEXTS["card"].format(name=officer.name, code=check_code(officer.public)))


def _group(given: argparse.Namespace) -> None:
    trust = read_trust(given.trust)
    organisation = _organisation(trust, given.organisation)
    officers = [read_public(path) for path in given.cards]
    group = Group(given.group)
    say(TEXTS["group"].format(letter=group.value.upper(), organisation=organisation.name))
    for officer in officers:
        say(TEXTS["officer"].format(name=officer.name, code=check_code(officer.public)))
    confirm(TEXTS["codes"], "ja")
    seed = SecretKey(random_bytes(32))
    file = found_group(trust.deployment, PrincipalId(organisation.vault), group, officers, seed)
    write_new(given.file, encode_group(file))
    say(TEXTS["founded"].format(file=given.file, code=check_code(file.newest)))


def _organisation(trust: Trust, named: str) -> OrganisationPin:
    for organisation in trust.organisations:
        if named in (organisation.name, organisation.number):
            return organisation
    names = ", ".join(organisation.name for organisation in trust.organisations)
    raise Stopped(FAULTS["organisation"].format(name=named, names=names))


def _change(given: argparse.Namespace) -> None:
    before = parse_group(given.file.read_bytes())
    newcomers = [read_public(path) for path in given.add]
    for officer in newcomers:
        say(TEXTS["officer"].format(name=officer.name, code=check_code(officer.public)))
    unknown = set(given.remove) - {officer.name for officer in before.officers}
    if unknown:
        raise Stopped(FAULTS["no_officer"].format(name=", ".join(sorted(unknown))))
    if newcomers:
        confirm(TEXTS["codes"], "ja")
    after = change(given.file, given.card, passphrase(given.passphrase_file), add=newcomers, remove=given.remove)
    say(TEXTS["changed"].format(names=", ".join(officer.name for officer in after.officers)))
    if after.newest != before.newest:
        say(TEXTS["new_key"].format(code=check_code(after.newest)))


def _keys(given: argparse.Namespace) -> None:
    a, b = (parse_group(path.read_bytes()) for path in (given.a, given.b))
    data = encode_keys(a, b)
    for file in (a, b):
        names = ", ".join(officer.name for officer in file.officers)
        say(TEXTS["keys_of"].format(letter=file.group.value.upper(), code=check_code(file.newest), names=names))
    write_new(given.out, data)
    say(TEXTS["keys"].format(file=given.out))
