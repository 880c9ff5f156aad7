"""`samsnakk inbox list` and `renew`, and `samsnakk node status`, as people type them."""

import asyncio
import sys

from samsnakk import Text
from samsnakk.private_files import write_private
from tests.client.conftest import texts
from tests.journeys.inbox.conftest import Telephone
from tests.journeys.node.conftest import PASSPHRASE


async def typed(telephone: Telephone, name: str, *words: str) -> tuple[int, str]:
    """`samsnakk inbox …`: the exit code, and everything that is said."""
    return await _run(telephone, name, "inbox", *words, f"--node={telephone.node_url}")


async def _run(telephone: Telephone, name: str, *words: str) -> tuple[int, str]:
    return await _typed(*words, f"--as={name}", f"--url={telephone.hub.url}", f"--data={telephone.folder / name}")


async def _typed(*words: str) -> tuple[int, str]:
    made = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import sys; from samsnakk.cli import main; sys.exit(main())",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    said, _ = await made.communicate()
    return made.returncode or 0, said.decode()


async def test_the_keys_of_an_inbox_are_looked_at_and_renewed_from_the_terminal(telephone: Telephone) -> None:
    await telephone.on_duty("Kari", "Jon")
    kari, jon = [await telephone.program(name, node=False) for name in ("Kari", "Jon")]
    inbox = telephone.inbox.hex()
    code, said = await typed(telephone, "Kari", "list", inbox)
    assert (code, "har ingen nøkkel ennå" in said) == (0, True)
    code, said = await typed(telephone, "Kari", "renew", inbox)
    assert (code, "Ny nøkkel, nummer 1, til 2 personer" in said) == (0, True)
    code, said = await typed(telephone, "Jon", "list", inbox)
    assert (code, "Nøkkel nummer 1. Nøklene er ikke kommet hit ennå." in said) == (0, True)
    assert "Jon Åsbakken, Kari Lindmoen" in said
    code, said = await typed(telephone, "Jon", "renew", inbox)
    assert (code, "Alt er i orden" in said) == (0, True)
    channel = await telephone.channel_with_inbox(kari)
    await channel.post(0, Text("Til vakta."))
    assert await texts(await telephone.answering(jon, channel)) == ["Til vakta."]

    code, said = await _run(telephone, "Jon", "timeline", channel.id.hex(), "--inbox", "--verify")
    assert (code, "Til vakta." in said, "er sjekket fra den første av" in said) == (0, True, True), said

    await telephone.on_duty("Jon")
    word = telephone.folder / "pass.txt"
    write_private(word, PASSPHRASE.encode())
    code, said = await _typed("node", "status", str(telephone.folder / "node"), f"--passphrase-file={word}")
    assert (code, f"Fellesinnboks {inbox}: trenger ny nøkkel" in said) == (0, True), said
    code, said = await typed(telephone, "Jon", "list", inbox)
    assert (code, "svarer ikke for den lenger" in said) == (0, True)
    code, said = await typed(telephone, "Kari", "renew", inbox)
    assert (code, "Du er ikke en av dem som svarer" in said) == (1, True)
    code, said = await typed(telephone, "Jon", "renew")  # whichever are his
    assert "Ny nøkkel, nummer 2, til én person" in said
    code, said = await typed(telephone, "Jon", "renew", "ingen slik")
    assert (code, "no inbox" in said) == (2, True)
