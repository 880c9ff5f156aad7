"""`samsnakk node root`: another root takes the place of an organisation's root."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from crypto.root_lines import quorum
from domain.ids import OrganisationId
from samsnakk.cli.node_root_texts import ASKED, EXPLAIN, NOT_TYPED, REPLACED, SUPPORTED, WHAT_HAPPENS
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import next_root, next_root_file, open_node, passphrase_in
from samsnakk.node.replacing import asked, finish, learn, planned, unfinished, vouch, vouched
from samsnakk.node.root_files import Word, check_code, encode_plea, encode_word, parse_plea, parse_word
from samsnakk.node.running import Node, opened
from samsnakk.private_files import writing_new

OK: Final = 0
FAILED: Final = 1
SURE: Final = "bytt"
"""What is typed by whoever means it."""


async def run(given: argparse.Namespace) -> int:
    """Do the step. Raises what `samsnakk.cli.node` tells."""
    steps: dict[str, Callable[[argparse.Namespace], Awaitable[int]]] = {
        "ask": _ask,
        "support": _support,
        "replace": _replace,
    }
    return await steps[given.root_step](given)


async def _ask(given: argparse.Namespace) -> int:
    passphrase = passphrase_in(given.passphrase_file)
    async with opened(open_node(given.folder, passphrase), alone=True) as node:
        organisation = _whose(node, given.organisation)
        await learn(node)
        wish = asked(node, organisation, next_root(given.folder, organisation, passphrase).public)
        _write(given.out, encode_plea(wish))
        needed = quorum(len(node.issuer.node.trust.organisations))
        _say(ASKED.format(file=given.out, code=check_code(wish), needed=needed))
    return OK


async def _support(given: argparse.Namespace) -> int:
    wish = parse_plea(_read(given.plea))
    async with opened(open_node(given.folder, passphrase_in(given.passphrase_file))) as node:
        organisation = _whose(node, given.organisation)
        _say(EXPLAIN.format(name=node.issuer.node.trust.name_of(wish.kept.organisation)))
        if _typed("Kontrollkode: ").upper().replace(" ", "") != check_code(wish):
            raise BadNode(NOT_TYPED)
        support = await vouch(node, organisation, wish)
        _write(given.out, encode_word(Word(wish, support)))
        _say(SUPPORTED.format(file=given.out))
    return OK


async def _replace(given: argparse.Namespace) -> int:
    passphrase = passphrase_in(given.passphrase_file)
    async with opened(open_node(given.folder, passphrase), alone=True) as node:
        organisation = _whose(node, given.organisation)
        waiting = (given.folder / next_root_file(organisation)).exists()
        if waiting or not unfinished(node):
            await _begin(node, organisation, passphrase, given)
    # Opened anew: the new root stands in its place from here on. Whoever was stopped goes on here.
    async with opened(open_node(given.folder, passphrase), alone=True) as node:
        kept = await finish(node, adopt=given.adopt)
        found = await node.look()
        _say(REPLACED.format(kept=kept.streams, trust=given.folder / "trust.json"))
        for principal in kept.ended:
            _say(f"{principal.hex()} er avsluttet: denne noden har aldri utstedt noe for den.")
        if found.problem:
            sys.stderr.write(f"samsnakk node: {found.problem}\n")
    return FAILED if found.problem else OK


async def _begin(node: Node, organisation: OrganisationId, passphrase: str, given: argparse.Namespace) -> None:
    name = node.issuer.node.trust.name_of(organisation)
    _say(WHAT_HAPPENS.format(name=name, word=SURE))
    if not given.yes and _typed(f"{SURE}? ") != SURE:
        raise BadNode(NOT_TYPED)
    new = next_root(given.folder, organisation, passphrase)
    if not given.support:
        await planned(node, organisation, new)
        return
    words = [parse_word(_read(file)) for file in given.support]
    wish = asked(node, organisation, new.public)
    for file, word in zip(given.support, words, strict=True):
        if word.asked != wish:
            raise BadNode(f"{file}: gjelder et annet bytte enn dette")
    await vouched(node, organisation, new, [word.support for word in words])


def _whose(node: Node, given: str | None) -> OrganisationId:
    """The organisation, where the node serves several."""
    roots = list(node.issuer.node.roots)
    if given is None and len(roots) == 1:
        return roots[0]
    for one in roots:
        if given in (one.hex(), node.issuer.node.trust.name_of(one)):
            return one
    raise BadNode("--organisation: navnet eller id-en til en virksomhet som denne noden betjener")


def _typed(prompt: str) -> str:
    sys.stdout.write(prompt)
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadNode(f"{file}: {error.strerror}") from None


def _write(file: Path, data: bytes) -> None:
    with writing_new(file) as out:
        out.write(data)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
