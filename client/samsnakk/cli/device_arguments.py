"""The arguments of `samsnakk device`, `samsnakk recovery` and `samsnakk passkey`."""

import argparse
from pathlib import Path

DEVICE = """\
examples:
  samsnakk device add --data ./me --url https://hub.example.org                     on the new device
  samsnakk device approve 7K3M-Q2XD --name Telefon --data ./me --url https://…      on the old one
  samsnakk device list --data ./me --url https://…                                  which devices are mine
  samsnakk device lost Telefon --data ./me --url https://…                          cut it off

Staff: with --node https://node.example.org on a new device; its profile remembers it.
docs/keys.md says when to use which."""
RECOVERY = """\
examples:
  samsnakk recovery make --name Laptop --data ./me --url https://…                  a new code, to be printed
  samsnakk recovery use CODE --trust trust.json --data ./me --url https://…         everything back, on a new device"""

PASSKEY = """\
examples:
  samsnakk passkey add --data ./me --url https://…                        let a passkey open the keyring
  samsnakk passkey list --data ./me --url https://…                       which ones do
  samsnakk passkey remove Telefon --data ./me --url https://…             forgotten or lost: it opens nothing that comes
  samsnakk passkey use --trust trust.json --data ./me --url https://…     everything back, on a new device

The browser must run on the same machine. First make the passkey at https://…/passkey."""


def device_arguments(command: argparse.ArgumentParser) -> None:
    """add, approve, list, lost."""
    what = command.add_subparsers(dest="what", metavar="WHAT", required=True)
    _common(what.add_parser("add", help="on the new device: ask to be let in"))
    approve = what.add_parser("approve", help="on an old device: let the new one in")
    approve.add_argument("code", metavar="CODE", help="what the new device shows first")
    _common(approve, named=True)
    _common(what.add_parser("list", help="which devices there are"))
    lost = what.add_parser("lost", help="cut off a lost device")
    lost.add_argument("name", metavar="NAME", help="what `device list` calls it")
    _common(lost)


def recovery_arguments(command: argparse.ArgumentParser) -> None:
    """make, use."""
    what = command.add_subparsers(dest="what", metavar="WHAT", required=True)
    _common(what.add_parser("make", help="a new code; the old one opens nothing any more"), named=True)
    use = what.add_parser("use", help="on a new device: get everything back")
    use.add_argument("code", metavar="CODE", help="what stands on the sheet")
    use.add_argument("--trust", type=Path, metavar="FILE", required=True, help="the trust file")
    _common(use, named=True)


def passkey_arguments(command: argparse.ArgumentParser) -> None:
    """add, list, remove, use."""
    what = command.add_subparsers(dest="what", metavar="WHAT", required=True)
    add = what.add_parser("add", help="let a passkey open the keyring")
    remove = what.add_parser("remove", help="it opens the keyring no more, nor anything that comes")
    remove.add_argument(
        "name", metavar="NAME", nargs="?", help="what `passkey list` calls it (else: whichever there were)"
    )
    use = what.add_parser("use", help="on a new device: get everything back")
    use.add_argument("--trust", type=Path, metavar="FILE", required=True, help="the trust file")
    for page in (add, use):
        page.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    _common(add)
    _common(what.add_parser("list", help="which passkeys open the keyring"))
    _common(remove)
    _common(use, named=True)


def _common(command: argparse.ArgumentParser, *, named: bool = False) -> None:
    command.add_argument("--data", type=Path, metavar="DIR", required=True, help="the profile's folder")
    command.add_argument("--url", required=True, help="the hub's address")
    command.add_argument("--node", metavar="URL", help="staff: the address of the organisation's node")
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line opens the profile")
    if named:
        command.add_argument("--name", default="Enhet", help="what to call the device")
