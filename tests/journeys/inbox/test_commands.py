"""`samsnakk inbox list` and `renew`, and `samsnakk node status`, as people type them."""

import asyncio
from dataclasses import dataclass

import pytest

from samsnakk import Text
from samsnakk.cli import main
from samsnakk.private_files import write_private
from tests.client.conftest import texts
from tests.journeys.inbox.conftest import Telephone
from tests.journeys.node.conftest import PASSPHRASE


@dataclass
class Terminal:
    """Types commands in this process, each in a thread of its own: starting programs is what would take the time."""

    telephone: Telephone
    screen: pytest.CaptureFixture[str]

    async def types(self, *words: str) -> tuple[int, str]:
        """The exit code, and everything that is said."""
        self.screen.readouterr()
        code = await asyncio.to_thread(main, words)
        return code, "".join(self.screen.readouterr())

    async def types_as(self, name: str, *words: str) -> tuple[int, str]:
        where = (f"--url={self.telephone.hub.url}", f"--data={self.telephone.folder / name}")
        return await self.types(*words, f"--as={name}", *where)

    async def says(self, name: str, text: str, *words: str, code: int = 0) -> None:
        """`samsnakk inbox …` ends with this code, having said this."""
        found, said = await self.types_as(name, "inbox", *words, f"--node={self.telephone.node_url}")
        assert (found, text in said) == (code, True), said


async def test_the_keys_of_an_inbox_are_looked_at_and_renewed_from_the_terminal(
    telephone: Telephone, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal, inbox = Terminal(telephone, capsys), telephone.inbox.hex()
    await telephone.on_duty("Kari", "Jon")
    kari, jon = [await telephone.program(name, node=False) for name in ("Kari", "Jon")]
    await terminal.says("Kari", "har ingen nøkkel ennå", "list", inbox)
    await terminal.says("Kari", "Ny nøkkel, nummer 1, til 2 personer", "renew", inbox)
    await terminal.says("Jon", "Nøkkel nummer 1. Nøklene er ikke kommet hit ennå.", "list", inbox)
    await terminal.says("Jon", "Jon Åsbakken, Kari Lindmoen", "list", inbox)
    await terminal.says("Jon", "Alt er i orden", "renew", inbox)
    channel = await telephone.channel_with_inbox(kari)
    await channel.post(0, Text("Til vakta."))
    assert await texts(await telephone.answering(jon, channel)) == ["Til vakta."]
    code, said = await terminal.types_as("Jon", "timeline", channel.id.hex(), "--inbox", "--verify")
    assert (code, "Til vakta." in said, "er sjekket fra den første av" in said) == (0, True, True), said

    await telephone.on_duty("Jon")
    word = telephone.folder / "pass.txt"
    write_private(word, PASSPHRASE.encode())
    code, said = await terminal.types("node", "status", str(telephone.folder / "node"), f"--passphrase-file={word}")
    assert (code, f"Fellesinnboks {inbox}: trenger ny nøkkel" in said) == (0, True), said
    await terminal.says("Jon", "svarer ikke for den lenger", "list", inbox)
    await terminal.says("Kari", "Du er ikke en av dem som svarer", "renew", inbox, code=1)
    await terminal.says("Jon", "Ny nøkkel, nummer 2, til én person", "renew", inbox)
    await terminal.says("Jon", "no inbox", "renew", "ingen slik", code=2)
