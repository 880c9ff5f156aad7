"""A node at work: its door stands open, whoever left the register is revoked, and the hub is looked at."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from domain.ids import Millis, PrincipalId
from protocol.errors import ProtocolError, SubstitutedKey
from samsnakk.doors import Doors
from samsnakk.errors import Disconnected, Refused, SamsnakkError
from samsnakk.log.source import LogSource
from samsnakk.node.configuration import BadNode
from samsnakk.node.door import Door, LoginCheck, no_login
from samsnakk.node.duties import release_departed
from samsnakk.node.eligibility import InboxDue, tend, what_waits
from samsnakk.node.faults import ChannelFault, Evidence, LogFault
from samsnakk.node.folder import EVIDENCE, ISSUED, WITNESS, OpenNode
from samsnakk.node.issuing import Issuer, NotGranted
from samsnakk.node.ledger import Ledger, LedgerMoved
from samsnakk.node.listing_watch import ListingWatch
from samsnakk.node.replacing import finish, unfinished
from samsnakk.node.replica.copying import TOGETHER, Copying
from samsnakk.node.replica.entering import Entering
from samsnakk.node.replica.exporting import Exporter
from samsnakk.node.replica.files import FileList, FileShelf, files_of
from samsnakk.node.replica.filing import Filing
from samsnakk.node.replica.reader import certify, vault_reader
from samsnakk.node.sign_in.development import development_sign_in, verify_allowed
from samsnakk.node.sign_in.doors import SignInDoors
from samsnakk.node.sign_in.providers import read_providers
from samsnakk.node.sign_in.sign_ins import SignIns
from samsnakk.node.using import used
from samsnakk.node.watching import Fault, Watch
from samsnakk.node.witness.any_log import opened_log_witness
from samsnakk.node.witness.book import Book
from samsnakk.node.witness.holding import LoggedCopy, LoggedKeys
from samsnakk.node.witness.log_doors import routes_of
from samsnakk.node.witness.witnessing import Witness

ROUND: Final = 5.0
"""Seconds between two looks at the register and at the hub."""


def machine_now() -> Millis:
    """The machine's clock, UTC milliseconds."""
    return Millis(time.time_ns() // 1_000_000)


@dataclass(frozen=True, slots=True)
class Round:
    """What one look brought: who was revoked, what the hub did wrong, and why something could not be looked at."""

    ended: tuple[PrincipalId, ...] = ()
    faults: tuple[Fault, ...] = ()
    in_channels: tuple[ChannelFault, ...] = ()
    problem: str = ""
    in_log: LogFault | None = None
    due: tuple[InboxDue, ...] = ()
    """Service inboxes that wait for an eligible person's program to make their next key."""


class Node:
    """An open node: issuer, watch and the hub's doors."""

    def __init__(self, issuer: Issuer, watch: Watch, doors: Doors) -> None:
        self.issuer = issuer
        self.watch = watch
        self.doors = doors
        self.copies: tuple[Copying, ...] = ()
        """The organisations' copies, while they are being made (`copying`)."""
        self.filings: Mapping[Copying, Filing] = {}
        """Who fetches each organisation's attachments."""
        self.listings: Mapping[Copying, ListingWatch] = {}
        """Who looks at each organisation's directory as the hub serves it, for as long."""
        self.witness: Witness | None = None
        """Who cosigns the hub's log, while the copies are being made."""
        self.logged: tuple[LoggedCopy, ...] = ()
        self.logged_keys: LoggedKeys | None = None
        """Who holds the copies and the ledger against that log, for as long."""
        self.entering = Entering(issuer.ledger, Evidence(issuer.node.path / EVIDENCE))

    def checked_log(self) -> str:
        """The newest checkpoint that was checked here, as the hub signed it; empty before there is one."""
        return "" if self.witness is None else self.witness.note

    async def look(self) -> Round:
        """One round: revoke who has left, hand the hub what it lacks, compare. Never raises for a hub out of reach."""
        ended: list[PrincipalId] = []
        try:
            if unfinished(self):
                await finish(self)  # whoever replaced the root was stopped on the way
            # Signed at once, even where the hub is away: it gets the revocation as soon as it is back.
            ended += [person for person in self.issuer.departed() if self.issuer.end(person)]
            tend(self.issuer)
            release_departed(self.issuer)
            unstated = {copy: certify(self.issuer, copy.reader, machine_now()) for copy in self.copies}
            faults = tuple(await self.watch.look(machine_now()))
        except BadNode as bad:
            return Round(tuple(ended), problem=str(bad))  # a register that cannot be read revokes nobody
        except (Disconnected, Refused, LedgerMoved, SubstitutedKey, NotGranted) as away:
            return Round(tuple(ended), problem=str(away), due=tuple(what_waits(self.issuer)))
        in_channels, problem = await self._copy(unstated)
        listed, unlisted = await self._look_at_listings([copy for copy, why in unstated.items() if not why])
        in_log, unwitnessed = await self._cosign([copy for copy, why in unstated.items() if not why])
        if self.witness is not None and in_log is None and not unwitnessed:
            unkept = [fault for one in self.logged for fault in await one.look(machine_now())]
            listed += self.logged_keys.look(machine_now()) if self.logged_keys is not None else []
            in_channels = (*in_channels, *unkept)
        due = tuple(what_waits(self.issuer))
        problem = problem or unwitnessed or unlisted
        return Round(tuple(ended), (*faults, *listed), in_channels, problem, in_log, due)

    async def _look_at_listings(self, copies: Sequence[Copying]) -> tuple[list[Fault], str]:
        """Whether the hub serves the organisations' directories as they were signed."""
        found: list[Fault] = []
        problem = ""
        for copy in copies:
            try:
                faults, todo = await self.listings[copy].look(machine_now())
            except (Disconnected, Refused) as away:
                faults, todo = [], f"{copy.reader.name}: {away}"
            found += faults
            problem = problem or todo
        return found, problem

    async def _cosign(self, certified: Sequence[Copying]) -> tuple[LogFault | None, str]:
        """A look at the log, cosigned for the organisations whose vault certifies this node."""
        if self.witness is None:
            return None, ""
        keys = {copy.reader.organisation: copy.reader.unlocked.signing_key for copy in certified}
        try:
            return await self.witness.look(keys, machine_now()), ""
        except SamsnakkError as away:
            return None, str(away)

    async def _copy(self, unstated: Mapping[Copying, str]) -> tuple[tuple[ChannelFault, ...], str]:
        """A round of every copy, where the hub has everything that the ledger holds; one that fails stops no other."""
        found: list[ChannelFault] = []
        problem = ""
        for copy, why in unstated.items():
            if why:
                problem = why
                continue
            try:
                await copy.look(machine_now())
            except (SamsnakkError, ProtocolError) as away:
                problem = f"{copy.reader.name}: {away}"
            found += copy.told()
            found += self.filings[copy].told()
            problem = problem or self.filings[copy].problem
            found += self.entering.look(copy, machine_now())
        return tuple(found), problem

    async def adopt(self) -> int:
        """Take over from the hub what was signed with the own roots elsewhere; returns how many streams were longer.

        Only for a node that begins or was moved: later, such a statement means that somebody else has the root.
        """
        known = set(self.issuer.ledger.principals())
        known |= {person for organisation in self.issuer.node.roots for person in self.issuer.staff(organisation)}
        found = 0
        for principal in sorted(known):
            entries = await self.doors.key_stream(principal)
            found += bool(entries) and self.issuer.adopt(principal, entries)
        return found


@asynccontextmanager
async def opened(node: OpenNode, *, alone: bool = False) -> AsyncIterator[Node]:
    """The node without its door, for one command. `alone`: nobody else works with the folder. Raises `BadNode`."""
    with used(node.path, alone=alone):
        ledger = Ledger(node.path / ISSUED)
        doors = Doors(node.configuration.hub)
        try:
            issuer = Issuer(node, ledger, machine_now)
            yield Node(issuer, Watch(issuer, doors), doors)
        finally:
            await doors.close()
            ledger.close()


@asynccontextmanager
async def copying(node: Node, together: int = TOGETHER) -> AsyncIterator[tuple[Copying, ...]]:
    """Keep the organisations' copies, a round with each `look`; at most `together` channels of each in memory."""
    opened_node = node.issuer.node
    evidence = Evidence(opened_node.path / EVIDENCE)
    async with AsyncExitStack() as stack:
        readers = [vault_reader(opened_node, organisation) for organisation in opened_node.roots]
        found = [
            await stack.enter_async_context(Copying(reader, opened_node.configuration.hub, evidence, together))
            for reader in readers
        ]
        node.listings = {copy: ListingWatch(copy, evidence) for copy in found}
        node.witness = await stack.enter_async_context(_witness(opened_node, evidence))
        node.logged = tuple(LoggedCopy(copy, node.witness, evidence) for copy in found)
        for one in node.logged:
            await one.load()
        node.logged_keys = LoggedKeys(node.issuer.ledger, opened_node.trust.deployment, node.witness)
        hook = opened_node.configuration.hook
        node.filings = {copy: await filing(copy, opened_node, evidence) for copy in found}
        node.copies = tuple(found)
        exporters = [Exporter(hook, copy.reader, copy.store, copy.shelf, machine_now) for copy in found if hook]
        async with asyncio.TaskGroup() as tasks:
            handing_on = [tasks.create_task(exporter.run()) for exporter in exporters]
            handing_on += [tasks.create_task(one.run()) for one in node.filings.values()]
            try:
                yield node.copies
            finally:
                node.copies, node.logged, node.witness, node.logged_keys = (), (), None, None
                for task in handing_on:
                    task.cancel()


async def filing(copy: Copying, node: OpenNode, evidence: Evidence) -> Filing:
    """Who fetches the attachments of one organisation's copy. Raises `BadProfile`, `BadNode`."""
    files = FileList(copy.store)
    await files.load()
    made = Filing(copy, FileShelf(files_of(node.path, copy.reader.organisation)), files, evidence, machine_now)
    copy.files = made
    return made


@asynccontextmanager
async def _witness(node: OpenNode, evidence: Evidence) -> AsyncIterator[Witness]:
    with closing(Book(node.path / WITNESS)) as book:
        source = LogSource(node.configuration.hub)
        try:
            yield Witness(node.trust, book, source, evidence)
        finally:
            await source.close()


@asynccontextmanager
async def serving(
    node: Node, check: LoginCheck = no_login, more: Sequence[web.AbstractRouteDef] = ()
) -> AsyncIterator[str]:
    """Open the door; gives its address. It closes with the context."""
    configuration = node.issuer.node.configuration
    runner = web.AppRunner(Door(node.issuer, node.watch, check, node.checked_log).app(more), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, configuration.host, configuration.port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_staff(node: Node, development: str | None = None) -> AsyncIterator[str]:
    """Open the door, and let people sign in with the providers that `node.toml` names.

    `development`: with the development provider of a hub on this machine instead. Raises `BadNode`.
    """
    providers, sign_ins = read_providers(node.issuer.node), SignIns(node.issuer)
    if development is not None:
        verify_allowed(node.issuer.node.configuration, development, os.environ)
    async with AsyncExitStack() as stack:
        if providers is not None:
            await stack.enter_async_context(sign_ins.using(providers))
        witness = stack.enter_context(opened_log_witness(node.issuer.node))
        more = [*SignInDoors(sign_ins).routes(), *([] if witness is None else routes_of(witness, machine_now))]
        url = await stack.enter_async_context(serving(node, sign_ins.check, more))
        if development is not None:
            await stack.enter_async_context(development_sign_in(sign_ins, development, url))
        yield url


async def look_for_ever(node: Node, tell: "asyncio.Queue[Round]") -> None:
    """Look again and again; every round that brought something is told."""
    last: tuple[str, tuple[InboxDue, ...]] = ("", ())
    while True:
        found = await node.look()
        if found.ended or found.faults or found.in_channels or found.in_log or (found.problem, found.due) != last:
            tell.put_nowait(found)
        last = (found.problem, found.due)
        await asyncio.sleep(ROUND)
