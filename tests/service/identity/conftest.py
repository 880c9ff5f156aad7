"""A hub with two providers, both a certified one; one for all tests of a process."""

import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from samsnakk.demo.world import World
from tests.conftest import HubProcess
from tests.service.identity.certified import certified_provider, key_of
from tests.service.identity.visitor import Visitor, visiting

FILE = """\
public_url = "{hub}"
subject_key_file = "subject.key"

[provider.helseid]
profile = "helseid"
label = "HelseID (prøve)"
issuer = "{issuer}"
client_id = "samsnakk-helseid"
key_file = "{key}"

[provider.idporten]
profile = "idporten"
label = "ID-porten (prøve)"
issuer = "{issuer}"
client_id = "samsnakk-idporten"
key_file = "{key}"
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def write_sign_in_file(folder: Path, hub: str, issuer: str, key: str = "ours") -> Path:
    (folder / f"{key}.jwk").write_text(json.dumps(key_of(key).as_dict(private=True)))
    (folder / "subject.key").write_bytes(bytes(range(32)))
    (folder / "sign-in.toml").write_text(FILE.format(hub=hub, issuer=issuer, key=f"{key}.jwk"))
    return folder / "sign-in.toml"


@pytest.fixture(scope="session")
def signing_hub(
    start_hub: Callable[..., HubProcess], world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HubProcess]:
    folder = tmp_path_factory.mktemp("sign-in")
    url = f"http://127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        issuer = stack.enter_context(certified_provider(url, folder / "provider.log"))
        file = write_sign_in_file(folder, url, issuer)
        hub = start_hub(
            world,
            SAMSNAKK_SIGN_IN_FILE=str(file),
            SAMSNAKK_LISTEN=url.removeprefix("http://"),
            SAMSNAKK_PUBLISH_BURST="100000",
            ISSUER=issuer,
        )
        yield hub
        hub.stop()


@pytest.fixture
def issuer(signing_hub: HubProcess) -> str:
    return signing_hub.environment["ISSUER"]


@pytest.fixture
async def visitor(signing_hub: HubProcess) -> AsyncIterator[Visitor]:
    async with visiting(signing_hub.url) as visitor:
        yield visitor


@pytest.fixture
async def another(signing_hub: HubProcess) -> AsyncIterator[Visitor]:
    async with visiting(signing_hub.url) as visitor:
        yield visitor
