"""What goes wrong inside `async with Client` comes out as it is, so that everybody who catches it finds it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from samsnakk import Client, Refused, Text
from samsnakk.cli import main
from samsnakk.cli.error_texts import CODES
from samsnakk.demo.world import World
from tests.client.conftest import KEY, make_profile
from tests.conftest import HubProcess

Work = Callable[[Client], Awaitable[object]]


async def inside(world: World, hub: HubProcess, folder: Path, work: Work) -> None:
    async with Client(make_profile(world, "Kari", folder).unlock(key=KEY), hub.url) as client:
        await work(client)


async def test_a_refusal_comes_out_of_the_client_as_a_refusal(world: World, hub: HubProcess, tmp_path: Path) -> None:
    async def writes_nowhere(client: Client) -> None:
        await (await client.open_channel()).post(9, Text("hei"))

    with pytest.raises(Refused, match="unknown_thread"):
        await inside(world, hub, tmp_path / "Kari", writes_nowhere)


async def test_what_goes_wrong_beside_it_still_comes_as_a_group(world: World, hub: HubProcess, tmp_path: Path) -> None:
    async def fails() -> None:
        raise ValueError

    async def waits(client: Client) -> None:
        client._tasks.create_task(fails())
        await asyncio.Event().wait()

    with pytest.raises(BaseExceptionGroup) as caught:
        await inside(world, hub, tmp_path / "Kari", waits)
    assert [type(error) for error in caught.value.exceptions] == [ValueError]


def test_a_command_says_in_norwegian_what_was_refused(
    world: World, hub: HubProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """A care relation that does not fit the basis: refused inside the client, told outside it."""
    folder = str(world.profile("Kari").folder)
    words = ["open", "--as", "Kari", "--data", folder, "--url", hub.url, "--title", "x"]
    assert main([*words, "--basis", "vedtak", "--relation", "henvisning", "--reference", "R1"]) == 1
    assert capsys.readouterr().err.strip() in CODES.values()
