"""The people at one node: they found its organisations, start `samsnakk node run`, and keep its register.

The node itself is that command, a process of its own in the same folder, with the hub's development provider.
"""

import argparse
import asyncio
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from domain.ids import OrganisationId, PrincipalId
from protocol.trust import decode_trust
from samsnakk.demo.beginnings import (
    Found,
    NodeMade,
    NodeReady,
    Trusted,
    Work,
    read_beginning,
)
from samsnakk.demo.folder import NodeFolder
from samsnakk.demo.founding import Founding, take_up_offices, write_register
from samsnakk.demo.lines import Depart, Done, Examine, Holds, Line, encode_line, read_order
from samsnakk.demo.listed import publish
from samsnakk.demo.node_command import NodeCommand, node_run
from samsnakk.demo.searching import fingerprint, found_below
from samsnakk.demo.standard_lines import say, standard_input
from samsnakk.node.configuration import write_configuration
from samsnakk.node.folder import CONFIGURATION, OpenNode, open_node, passphrase_in, root_seed_in
from samsnakk.node.running import Round, copying, machine_now, opened
from samsnakk.node.sign_in.development import KNOWN_AS
from samsnakk.private_files import write_private

log: Final = logging.getLogger("samsnakk.demo.node")
_LOOPBACK: Final = "127.0.0.1"
_Kind = TypeVar("_Kind", bound=Line)


def main() -> None:
    """Run until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--officers", type=Path, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    asyncio.run(_Process(NodeFolder(given.folder), given.officers, given.name).run())


@dataclass(slots=True)
class _Process:
    place: NodeFolder
    officers: Path
    name: str

    async def run(self) -> None:
        lines = await standard_input()
        found = _expected(Found, await lines.readline())
        if found is None:
            return
        founding = None if self.place.made.exists() else Founding(found)
        made = self._made() if founding is None else founding.made
        say(encode_line(made))
        trusted = _expected(Trusted, await lines.readline())
        if trusted is None:
            return
        if founding is not None:
            founding.finish(self.place, self.officers, decode_trust(trusted.trust))
        work = _expected(Work, await lines.readline())
        if work is not None:
            begun = _Begun(found, made, trusted, is_new=founding is not None)
            await self._work(work, begun, lines)

    def _made(self) -> NodeMade:
        return msgspec.json.decode(self.place.made.read_bytes(), type=NodeMade)

    async def _work(self, work: Work, begun: "_Begun", lines: asyncio.StreamReader) -> None:
        organisations = tuple(OrganisationId(pin.id) for pin in begun.made.pins)
        configuration = write_configuration(work.hub, f"{_LOOPBACK}:0", organisations)
        write_private(self.place.data / CONFIGURATION, configuration.encode())
        opening = open_node(self.place.data, passphrase_in(self.place.passphrase))
        self._register(opening, organisations)
        async with opened(opening) as node:
            take_up_offices(node.issuer, self.place, begun.made, machine_now())
            async with copying(node):
                # Vaults, inboxes and the directory are at the hub before anybody needs them.
                _tell(await node.look())
                count = await publish(node, begun.found, begun.made) if begun.is_new else 0
        async with node_run(self.place, work.issuer) as running:
            say(encode_line(NodeReady(running.url, count)))
            await self._obey(opening, running, lines)

    def _register(self, node: OpenNode, organisations: tuple[OrganisationId, ...]) -> None:
        """Who may sign in: logins stand there as hashes, under a key that the node has made by now."""
        for organisation in organisations:
            rows = node.staff_file(organisation).read_text(encoding="utf-8").splitlines()[1:]
            people = [row.split(",") for row in rows]
            logins = {bytes.fromhex(row[0]): (row[1], node.identity(KNOWN_AS, row[0])) for row in people}
            write_register(node.path, organisation, logins)

    async def _obey(self, node: OpenNode, running: NodeCommand, lines: asyncio.StreamReader) -> None:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(running.listen())
            while line := await lines.readline():
                order = read_order(line)
                if isinstance(order, Depart):
                    self._strike(node, order.person)
                    say(encode_line(Done(order.number, 0, 0)))
                elif isinstance(order, Examine):
                    held = await asyncio.to_thread(self._examined, node, order)
                    say(encode_line(held))
            listening.cancel()

    def _strike(self, node: OpenNode, person: bytes) -> None:
        """As an administrator would: the register without this line, in the place of the old one."""
        for organisation in node.roots:
            path = node.staff_file(organisation)
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith(person.hex())]
            if kept != lines:
                write_private(path, "".join(kept).encode())

    def _examined(self, node: OpenNode, order: Examine) -> Holds:
        word = passphrase_in(self.place.passphrase)
        seeds = {f"rot {o.hex()[:8]}": bytes(root_seed_in(node.path, o, word)) for o in node.roots}
        seeds["identitetsnøkkel"] = bytes(node.identity_key)
        seeds |= {f"lesenøkkel {o.hex()[:8]}": bytes(seed) for o, seed in node.reading_seeds.items()}
        publics = {o.hex(): bytes(root.public) for o, root in node.roots.items()}
        found = found_below(Path(order.folder), {**seeds, **publics})
        return Holds(
            order.number,
            {name: fingerprint(seed) for name, seed in seeds.items()},
            tuple(sorted(found & seeds.keys())),
            publics.keys() <= found,
            tuple(publics.values()),
        )


@dataclass(frozen=True, slots=True)
class _Begun:
    found: Found
    made: NodeMade
    trusted: Trusted
    is_new: bool


def _expected(kind: type[_Kind], line: bytes) -> _Kind | None:
    """The line as one of its kind; None at the end of standard input."""
    if not line:
        return None
    said = read_beginning(line)
    if not isinstance(said, kind):
        raise TypeError(f"{kind.__name__} expected")
    return said


def _tell(found: Round) -> None:
    for person in found.ended:
        log.info("revoked %s", PrincipalId(person).hex())
    for fault in found.faults:
        log.error("the hub is at fault: %s", fault.code)
    if found.problem:
        log.warning("%s", found.problem)


if __name__ == "__main__":
    main()
