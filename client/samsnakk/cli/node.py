"""`samsnakk node`: what an organisation's operator does with its node."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from crypto.signing import SigningKey
from domain.ids import DeviceId, OrganisationId, PrincipalId
from protocol.errors import ProtocolError
from protocol.inbox_keys import Due
from protocol.trust import BadTrustFile, decode_trust
from samsnakk.cli import node_duty, node_root
from samsnakk.cli.node_ids import id_in_hex
from samsnakk.cli.node_refused import show_refused
from samsnakk.errors import SamsnakkError
from samsnakk.node.configuration import BadNode
from samsnakk.node.faults import text_of
from samsnakk.node.folder import create_node, open_node, passphrase_in, secret_file
from samsnakk.node.replica.status import replica_lines
from samsnakk.node.running import Node, Round, copying, look_for_ever, opened, serving_staff
from samsnakk.node.watching import ADVICE, TEXTS
from samsnakk.node.witness.any_log import opened_log_witness

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
HUB_LIES: Final = 3
_SEED: Final = 32
_DUE: Final = {
    Due.FIRST_KEY: "har ingen nøkkel ennå.",
    Due.SOMEBODY_LEFT: "trenger ny nøkkel, for noen som kunne lese den, skal ikke det lenger.",
    Due.KEYS_LOST: "trenger ny nøkkel, for en av dem som svarer for den, har mistet en enhet eller byttet nøkkel.",
}


def run(given: argparse.Namespace) -> int:
    """Do the step; returns 0, 1 if it cannot be done, 2 for a bad folder or argument, 3 where the hub lies."""
    try:
        if given.step == "init":
            return _init(given)
        if given.step == "identity":
            node = open_node(given.folder, passphrase_in(given.passphrase_file))
            _say(node.identity(given.issuer, given.subject))
            return OK
        if given.step == "root":
            return asyncio.run(node_root.run(given))
        return asyncio.run(_with_node(given))
    except BadNode as error:
        sys.stderr.write(f"samsnakk node: {error}\n")
        return USAGE
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"samsnakk node: {error}\n")
        return FAILED


def _init(given: argparse.Namespace) -> int:
    try:
        trust = decode_trust(given.trust.read_bytes())
    except OSError as error:
        raise BadNode(f"{given.trust}: {error.strerror}") from None
    except BadTrustFile as error:
        raise BadNode(f"{given.trust}: {error.detail}") from None
    roots: dict[OrganisationId, bytes] = {}
    for file in given.root:
        seed = _seed(file)
        public = SigningKey.from_seed(seed).public
        mine = [o for o in trust.organisations if o.root == public]
        if not mine:
            raise BadNode(f"{file}: not the root of an organisation in the trust file")
        roots[OrganisationId(mine[0].id)] = seed
    create_node(given.folder, trust, given.hub, roots, passphrase_in(given.passphrase_file), given.listen)
    _say(f"Noden ligger i {given.folder}. Lagre rotnøklene et trygt sted, og slett filene de kom fra.")
    return OK


async def _with_node(given: argparse.Namespace) -> int:
    steps: dict[str, Callable[[Node, argparse.Namespace], Awaitable[int]]] = {
        "run": _run,
        "status": _status,
        "adopt": _adopt,
        "revoke": _revoke,
        "duty": node_duty.run,
        "refused": lambda node, _: show_refused(node),
    }
    async with opened(open_node(given.folder, passphrase_in(given.passphrase_file))) as node:
        return await steps[given.step](node, given)


async def _run(node: Node, given: argparse.Namespace) -> int:
    loop, found = asyncio.get_running_loop(), asyncio.Queue[Round]()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    lied = False
    doors = serving_staff(node, given.development_sign_in)
    async with copying(node), doors as url, asyncio.TaskGroup() as tasks:
        sys.stdout.write(json.dumps({"ready": url}) + "\n")
        sys.stdout.flush()
        looking = tasks.create_task(look_for_ever(node, found))
        stopping = tasks.create_task(stopped.wait())
        while not stopping.done():
            telling = tasks.create_task(found.get())
            await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                lied = _tell(telling.result()) or lied
            else:
                telling.cancel()
        looking.cancel()
    return HUB_LIES if lied else OK


async def _status(node: Node, _: argparse.Namespace) -> int:
    found = await node.look()
    _say(f"{len(node.issuer.ledger.principals())} nøkkelstrømmer er utstedt av eller fulgt fra denne noden.")
    for line in await replica_lines(node.issuer.node):
        _say(line)
    with opened_log_witness(node.issuer.node) as witness:
        if witness is not None:
            _say(f"Vitne for andres logger: {witness.vkey}")
    if _tell(found):
        return HUB_LIES
    return FAILED if found.problem else OK


async def _adopt(node: Node, _: argparse.Namespace) -> int:
    _say(f"{await node.adopt()} nøkkelstrømmer er tatt over.")
    return OK


async def _revoke(node: Node, given: argparse.Namespace) -> int:
    person = PrincipalId(id_in_hex(given.person))
    if given.device is not None:
        node.issuer.revoke(person, DeviceId(id_in_hex(given.device)))
    elif not node.issuer.end(person):
        raise BadNode(f"{given.person}: ingen som kan tilbakekalles her")
    _say("Tilbakekalt. Huben får det nå, eller så snart den er tilbake. Stryk personen i registeret også.")
    await node.watch.publish(person)
    return OK


def _tell(found: Round) -> bool:
    """Say what a round brought; whether the hub lied."""
    for person in found.ended:
        _say(f"{person.hex()} står ikke lenger i registeret og er tilbakekalt.")
    for waiting in found.due:
        _say(f"Fellesinnboks {waiting.inbox.hex()}: {_DUE[waiting.why]} {_who_can(waiting.people)}")
    for fault in found.faults:
        sys.stderr.write(f"{fault.principal.hex()}: {TEXTS[fault.code]} {ADVICE}\n")
    for wrong in found.in_channels:
        sys.stderr.write(f"samtale {wrong.channel.hex()}: {text_of(wrong.code)} {ADVICE}\n")
    if found.in_log:
        sys.stderr.write(f"loggen: {text_of(found.in_log.code)} {ADVICE}\n")
    if found.problem:
        sys.stderr.write(f"samsnakk node: {found.problem}\n")
    return bool(found.faults or found.in_channels or found.in_log)


def _who_can(people: int) -> str:
    if not people:
        return "Ingen er satt opp til å svare for den, så ingen kan lage nøkkelen: før noen inn i registeret."
    return "Programmet til den neste av dem som svarer for den, lager den; eller gjør det nå: samsnakk inbox renew."


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _seed(file: Path) -> bytes:
    seed = secret_file(file)
    if len(seed) != _SEED:
        raise BadNode(f"{file}: {_SEED} bytes expected")
    return seed
