"""`samsnakk device …` and `samsnakk recovery …`: let in a new device, cut off a lost one, the code on paper."""

import argparse
import asyncio
import sys

from crypto.errors import Malformed
from crypto.random import random_bytes
from crypto.signing import SigningKey
from domain.ids import DeviceId
from protocol.trust import BadTrustFile, decode_trust
from samsnakk.cli.places import unlock_folder
from samsnakk.demo.profiles import UNLOCK_FILE
from samsnakk.errors import CodesDiffer, KeyringNotCurrent, NoKeyring, NotInTime, SamsnakkError
from samsnakk.issuing import Issuer, OwnRoot
from samsnakk.keyring_home import KeyringHome
from samsnakk.keyring_rings import device_names
from samsnakk.new_device import Asking, Nobody, approve, recover
from samsnakk.private_files import write_private
from samsnakk.profile import Unlocked

_SHEET = """
  SAMSNAKK – GJENOPPRETTINGSKODE

      {first}
      {second}

  Skriv den ut eller skriv den av, og legg den et trygt sted hjemme. Ikke ha den på telefonen.
  Mister du alle enhetene dine, får du alt tilbake med denne. Den virker én gang; så får du en ny.
  Har noen sett den, lager du en ny: samsnakk recovery make
"""
_SAID: dict[type[Exception], str] = {
    CodesDiffer: "Kodene er ikke like. Ingenting er gitt videre. Begynn på nytt; skjer det igjen, så stopp og si fra.",
    NotInTime: "Fant ingen enhet med den koden, eller den svarte ikke. Koden gjelder i ti minutter.",
    KeyringNotCurrent: "Tjeneren ga oss en gammel nøkkelring, eller en annens. Vi brukte ingenting av den. Prøv igjen; "
    "blir det slik, si fra til den som har ansvar for sikkerheten.",
    NoKeyring: "Fant ingen nøkkelring. Se etter om koden er riktig skrevet. En kode virker bare én gang.",
    Malformed: "Det er ikke en slik kode. Se etter om den er riktig skrevet.",
}


def run(given: argparse.Namespace) -> int:
    """Do what the command says; returns the exit code."""
    try:
        asyncio.run(_DOES[given.command, given.what](given))
    except (SamsnakkError, Malformed, BadTrustFile, OSError) as error:
        print(_SAID.get(type(error), str(error)), file=sys.stderr)
        return 1
    return 0


async def same(code: str) -> bool:
    """Show a code and ask whether the other device shows the same; only a clear yes counts."""
    print(f"\n    {code}\n")
    answer = await asyncio.to_thread(input, "Viser den andre enheten nøyaktig den samme koden? Skriv ja eller nei: ")
    return answer.strip().casefold() in {"ja", "j"}


def _home(given: argparse.Namespace) -> KeyringHome:
    unlocked = unlock_folder(given.data)
    return KeyringHome(unlocked, given.url, _issuer(unlocked))


def _issuer(unlocked: Unlocked) -> Issuer:
    root = unlocked.ring.root_seed
    return Nobody() if root is None else OwnRoot(SigningKey.from_seed(root))


async def _add(given: argparse.Namespace) -> None:
    asking, key = Asking(given.url), random_bytes(32)
    print(f"Skriv dette på den gamle enheten:\n\n    samsnakk device approve {asking.code}\n")
    await asking.run(given.data, key, same)
    write_private(given.data / UNLOCK_FILE, key)
    print("Denne enheten er nå din.")


async def _approve(given: argparse.Namespace) -> None:
    async with _home(given) as home:
        await approve(home, given.code, given.name, same)
    print(f"{given.name} er nå en av enhetene dine.")


async def _list(given: argparse.Namespace) -> None:
    async with _home(given) as home:
        for device, name in sorted(device_names((await home.fetch()).ring).items(), key=lambda item: item[1]):
            mine = "  (denne)" if device == home.unlocked.identity.device else ""
            print(f"{name}  {device.hex()[:8]}{mine}")


async def _lost(given: argparse.Namespace) -> None:
    async with _home(given) as home:
        names = device_names((await home.fetch()).ring)
        found = [device for device, name in names.items() if given.name in {name, device.hex()[:8]}]
        if len(found) != 1 or found[0] == home.unlocked.identity.device:
            raise SamsnakkError("Ingen av de andre enhetene heter det", "Se hva de heter: samsnakk device list")
        print_sheet(await home.lose(DeviceId(found[0])))
    print(f"{given.name} er stengt ute. Det arket du hadde fra før, virker ikke lenger; ta vare på dette.")


async def _make(given: argparse.Namespace) -> None:
    async with _home(given) as home:
        named = (await home.state()).keyring_hash
        print_sheet(await (home.begin(given.name) if named is None else home.new_code()))


async def _use(given: argparse.Namespace) -> None:
    trust, key = decode_trust(given.trust.read_bytes()), random_bytes(32)
    _, code = await recover(given.code, given.url, trust, given.data, key, given.name)
    write_private(given.data / UNLOCK_FILE, key)
    print("Alt er tilbake på denne enheten. Har du mistet andre enheter, steng dem ute: samsnakk device lost NAVN")
    print_sheet(code)


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
