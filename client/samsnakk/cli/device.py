"""`samsnakk device …` and `samsnakk recovery …`: let in a new device, cut off a lost one, the code on paper."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from crypto.errors import Malformed
from crypto.signing import SigningKey
from domain.ids import DeviceId
from protocol.errors import ProtocolError
from protocol.trust import BadTrustFile, decode_trust
from samsnakk.cli.device_places import node_of, remember, way_in
from samsnakk.cli.error_texts import ERRORS
from samsnakk.cli.places import unlock_folder
from samsnakk.cli.staff_sign_in import sign_in_at
from samsnakk.errors import (
    CannotUnlock,
    CodesDiffer,
    KeyringNotCurrent,
    NoKeyring,
    NotInTime,
    Refused,
    SamsnakkError,
    SomebodyElseSignedIn,
)
from samsnakk.issuing import Issuer, OwnRoot
from samsnakk.keyring_home import KeyringHome
from samsnakk.keyring_passkeys import names as passkeys_of
from samsnakk.keyring_rings import device_names
from samsnakk.new_device import Asking, Nobody, approve, recover
from samsnakk.node.folder import passphrase_in
from samsnakk.node_issuing import NodeIssuer, desk_of
from samsnakk.profile import Unlocked

_SHEET = """
  SAMSNAKK – GJENOPPRETTINGSKODE

      {first}
      {second}

  Skriv den ut eller skriv den av, og legg den et trygt sted hjemme. Ikke ha den på telefonen.
  Mister du alle enhetene dine, får du alt tilbake med denne. Den virker én gang; så får du en ny.
  Har noen sett den, lager du en ny: samsnakk recovery make
"""
_DROPPED = """\
Disse passnøklene åpner ikke nøkkelringen lenger: {names}.
De du har ennå, kan du legge til igjen: samsnakk passkey add"""
_SAID: dict[type[Exception], str] = {
    CodesDiffer: "Kodene er ikke like. Ingenting er gitt videre. Begynn på nytt; skjer det igjen, så stopp og si fra.",
    NotInTime: "Fant ingen enhet med den koden, eller den svarte ikke. Koden gjelder i ti minutter.",
    KeyringNotCurrent: "Tjeneren ga oss en gammel nøkkelring, eller en annens. Vi brukte ingenting av den. Prøv igjen; "
    "blir det slik, si fra til den som har ansvar for sikkerheten.",
    NoKeyring: "Fant ingen nøkkelring. Se etter om koden er riktig skrevet. En kode virker bare én gang.",
    SomebodyElseSignedIn: "Det var en annen som logget inn. Ingenting er endret; logg inn som den profilen tilhører.",
    CannotUnlock: "Profilen lar seg ikke låse opp eller lage: feil passord, eller ingen nøkkelring i systemet. "
    "Bruk --passphrase-file.",
    Malformed: "Det er ikke en slik kode. Se etter om den er riktig skrevet.",
}
_REFUSED: dict[str, str] = {
    "no_login_here": "Virksomhetens node er ikke koblet til innlogging ennå. Spør den som driver den.",
    "no_login": "Innloggingen gjaldt ikke, eller den er brukt opp. Logg inn på nytt.",
    "another_person": "Det var en annen som logget inn. Ingenting er endret; logg inn som den profilen tilhører.",
    "not_registered": "Du står ikke i virksomhetens register over ansatte. Spør den som styrer det.",
    "device_not_valid": "Denne enheten er stengt ute, eller beviset dens har gått ut.",
    "no_issuer": "Ansatte trenger virksomhetens node: oppgi den med --node.",
}


def run(given: argparse.Namespace) -> int:
    """Do what the command says; returns the exit code."""
    return run_told(_DOES[given.command, given.what](given))


def run_told(work: Coroutine[Any, Any, None]) -> int:
    """Do it; what goes wrong is told in words. Returns the exit code."""
    try:
        asyncio.run(work)
    except (SamsnakkError, ProtocolError, Malformed, BadTrustFile, OSError) as error:
        print(told(error), file=sys.stderr)
        return 1
    return 0


def told(error: Exception) -> str:
    """What a person is told about an error."""
    if isinstance(error, Refused) and error.code in _REFUSED:
        return _REFUSED[error.code]
    return _SAID.get(type(error)) or ERRORS.get(type(error).__name__, str(error))


async def same(code: str) -> bool:
    """Show a code and ask whether the other device shows the same; only a clear yes counts."""
    print(f"\n    {code}\n")
    answer = await asyncio.to_thread(input, "Viser den andre enheten nøyaktig den samme koden? Skriv ja eller nei: ")
    return answer.strip().casefold() in {"ja", "j"}


def home_of(given: argparse.Namespace) -> KeyringHome:
    """The keyring of whose profile is named. Raises `CannotUnlock`, `BadProfile`, `BadNode`."""
    unlocked = unlock_folder(
        given.data, None if given.passphrase_file is None else passphrase_in(given.passphrase_file)
    )
    return KeyringHome(unlocked, given.url, issuer_of(unlocked, node_of(given.data, given.node)))


def issuer_of(unlocked: Unlocked, node: str | None) -> Issuer:
    """Who issues for the profile's person: herself, or for staff the organisation's node."""
    root = unlocked.ring.root_seed
    if root is not None:
        return OwnRoot(SigningKey.from_seed(root))
    return Nobody() if node is None else NodeIssuer(desk_of(unlocked, node), sign_in_at(node))


async def _add(given: argparse.Namespace) -> None:
    asking, way = Asking(given.url), await asyncio.to_thread(way_in, given.passphrase_file)
    print(f"Skriv dette på den gamle enheten:\n\n    samsnakk device approve {asking.code}\n")
    await remember(await asking.run(given.data, way, same), given.url, given.node)
    print("Denne enheten er nå din.")


async def _approve(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        await approve(home, given.code, given.name, same)
    print(f"{given.name} er nå en av enhetene dine.")


async def _list(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        for device, name in sorted(device_names((await home.fetch()).ring).items(), key=lambda item: item[1]):
            mine = "  (denne)" if device == home.unlocked.identity.device else ""
            print(f"{name}  {device.hex()[:8]}{mine}")


async def _lost(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        names = device_names((await home.fetch()).ring)
        found = [device for device, name in names.items() if given.name in {name, device.hex()[:8]}]
        if len(found) != 1 or found[0] == home.unlocked.identity.device:
            raise SamsnakkError("Ingen av de andre enhetene heter det", "Se hva de heter: samsnakk device list")
        await renewed(home, lambda: home.lose(DeviceId(found[0])))
    print(f"{given.name} er stengt ute. Det arket du hadde fra før, virker ikke lenger; ta vare på dette.")


async def _make(given: argparse.Namespace) -> None:
    async with home_of(given) as home:
        named = (await home.state()).keyring_hash
        if named is None:
            print_sheet(await home.begin(given.name))
        else:
            await renewed(home, home.new_code)


async def _use(given: argparse.Namespace) -> None:
    trust, way = decode_trust(given.trust.read_bytes()), await asyncio.to_thread(way_in, given.passphrase_file)

    def issuing(unlocked: Unlocked) -> Issuer:
        return issuer_of(unlocked, node_of(given.data, given.node))

    unlocked, code = await recover(given.code, given.url, trust, given.data, way, given.name, issuing)
    await remember(unlocked, given.url, given.node)
    print("Alt er tilbake på denne enheten. Har du mistet andre enheter, steng dem ute: samsnakk device lost NAVN")
    print_sheet(code)
    print("Åpnet en passnøkkel nøkkelringen din? Legg den til igjen: samsnakk passkey add")
    print("Har du glemt eller mistet den: samsnakk passkey remove")


async def renewed(home: KeyringHome, work: Callable[[], Awaitable[str]]) -> None:
    """Do what gives the keyring a new code, show it, and say which passkeys open the keyring no more."""
    before = await passkeys_of(home)
    print_sheet(await work())
    if before:
        print(_DROPPED.format(names=", ".join(before)))


def print_sheet(code: str) -> None:
    """The sheet with a recovery code."""
    groups = code.split("-")
    print(_SHEET.format(first=" - ".join(groups[:4]), second=" - ".join(groups[4:])))


_DOES = {
    ("device", "add"): _add,
    ("device", "approve"): _approve,
    ("device", "list"): _list,
    ("device", "lost"): _lost,
    ("recovery", "make"): _make,
    ("recovery", "use"): _use,
}
