"""`samsnakk passkey …`: let a passkey open the keyring, and no longer; come back with one on a new device."""

import argparse
import asyncio
import webbrowser
from typing import Final

from protocol.trust import decode_trust
from samsnakk.cli.device import home_of, issuer_of, renewed, run_told
from samsnakk.cli.device_places import node_of, remember, way_in
from samsnakk.errors import NotInTime, SamsnakkError
from samsnakk.issuing import Issuer
from samsnakk.keyring_passkeys import add_passkey, names, remove_passkey
from samsnakk.new_device import NewPlace
from samsnakk.passkey_page import Handed, PasskeyPage
from samsnakk.passkey_unlocking import unlock_with_passkey
from samsnakk.profile import Unlocked

_PATIENCE: Final = 600.0
"""Seconds that a person may take."""
_OPEN: Final = """\
Åpne denne siden i nettleseren på denne maskinen:

  {address}

Siden skal vise koden {code}. Viser den en annen, så svar nei."""


def run(given: argparse.Namespace) -> int:
    """Do what the command says; returns the exit code."""
    return run_told(_DOES[given.what](given))


async def _add(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        await home.fetch()  # nobody is sent to the browser for a keyring that is not there
        handed = await _visited(PasskeyPage.to_add(given.url, home.person), given)
        await add_passkey(home, handed.slot)
    print(f"Passnøkkelen {handed.slot.name or 'din'} åpner nå nøkkelringen din.")
    print(f"Prøv den gjerne med en gang: {given.url.rstrip('/')}/keyring")
    print("Ta likevel vare på arket med gjenopprettingskoden.")


async def _list(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        found = await names(home)
    print("\n".join(found) or "Ingen passnøkkel åpner nøkkelringen.")


async def _remove(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        await renewed(home, lambda: remove_passkey(home, given.name))
    print("Det arket du hadde fra før, virker ikke lenger. Se etter om du kjenner enhetene dine: samsnakk device list")
    print(f"Fjern passnøkkelen også fra innloggingen: {given.url.rstrip('/')}/passkey")


async def _use(given: argparse.Namespace) -> None:
    trust, way = decode_trust(given.trust.read_bytes()), await asyncio.to_thread(way_in, given.passphrase_file)

    def issuing(unlocked: Unlocked) -> Issuer:
        return issuer_of(unlocked, node_of(given.data, given.node))

    handed = await _visited(PasskeyPage.to_open(given.url), given)
    unlocked = await unlock_with_passkey(handed, NewPlace(given.url, trust, given.data, way), given.name, issuing)
    await remember(unlocked, given.url, given.node)
    print("Alt er tilbake på denne enheten. Har du mistet andre enheter, steng dem ute: samsnakk device lost NAVN")


async def _visited(page: PasskeyPage, given: argparse.Namespace) -> Handed:
    async with page:
        print(_OPEN.format(address=page.address, code=page.code), flush=True)
        if not given.no_browser:
            await asyncio.to_thread(webbrowser.open, page.address)
        try:
            return await page.outcome(_PATIENCE)
        except NotInTime:
            raise SamsnakkError("Nettleseren ble ikke ferdig i tide", "Ingenting er endret. Begynn på nytt.") from None


_DOES = {"add": _add, "list": _list, "remove": _remove, "use": _use}
