"""Arguments of `samsnakk invite`, `arrive` and `safety`."""

import argparse
from pathlib import Path

INVITE = """\
examples:
  samsnakk invite user elle --as Kari                    show the QR code, wait, let the user in
  samsnakk invite user elle --as Kari --name Elle --print invitasjon.html
  samsnakk invite user elle --as Kari --cancel           the link is dead from now on
  samsnakk invite user elle --as Kari --undo wrong-person   somebody else came in; a second person says so, too"""

ARRIVE = """\
example:
  samsnakk arrive 'https://hub.example/velkommen#…' --data ./min-profil

The same command goes on where it was stopped."""

SAFETY = """\
examples:
  samsnakk safety elle --as Kari                         the code that the user's program shows, too
  samsnakk safety elle --as Kari --compared              note that you have compared them and they are alike"""


def invite_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk invite`."""
    command.add_argument("whom", choices=["user"], help="whom to invite: the user whom the channel is about")
    channel_arguments(command)
    command.add_argument("--name", default="", help="what the user is called; only she sees it")
    command.add_argument("--days", type=int, default=7, choices=range(1, 31), metavar="1…30", help="how long it holds")
    command.add_argument("--print", type=Path, metavar="FILE", dest="sheet", help="also write .html, .svg or .png")
    command.add_argument("--new", action="store_true", help="a new invitation, in place of the one that is out")
    command.add_argument(
        "--undo", choices=["wrong-person", "lost-keys"], help="end the arrival that is recorded; takes two people"
    )
    command.add_argument("--cancel", action="store_true", help="take the invitation back")


def arrive_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk arrive`."""
    command.add_argument("link", metavar="LINK", help="the whole link, in quotes")
    command.add_argument("--data", type=Path, metavar="DIR", default=Path("samsnakk-profil"), help="the new profile")
    command.add_argument("--yes", action="store_true", help="do not ask whether to come in")
    command.add_argument("--demo", action="store_true", help="no password: the profile opens with a key beside it")
    command.add_argument("--message", metavar="TEXT", help="the first message")


def safety_arguments(command: argparse.ArgumentParser) -> None:
    """Of `samsnakk safety`."""
    channel_arguments(command)
    command.add_argument("--compared", action="store_true", help="note on this device that the codes are alike")


def channel_arguments(command: argparse.ArgumentParser) -> None:
    """A channel, and whose profile opens it."""
    command.add_argument("channel", metavar="CHANNEL", help="the channel's name in the trust file, or its id in hex")
    command.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder, or a profile")
    command.add_argument("--url", help="the hub's address (else: the demonstration's, or the profile's own)")
