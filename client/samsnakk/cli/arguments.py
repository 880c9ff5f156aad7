"""`samsnakk …`: the commands, their arguments and their examples. What a command needs is imported when it runs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from samsnakk.cli import arrival_arguments as of_arrival
from samsnakk.cli.access_arguments import ACCESS, access_arguments
from samsnakk.cli.audit_arguments import AUDIT, audit_arguments
from samsnakk.cli.consent_arguments import CONSENT, OPEN, consent_arguments, open_arguments
from samsnakk.cli.device_arguments import (
    DEVICE,
    PASSKEY,
    RECOVERY,
    device_arguments,
    passkey_arguments,
    recovery_arguments,
)
from samsnakk.cli.directory_arguments import DIRECTORY, directory_arguments
from samsnakk.cli.enrol_arguments import ENROL, enrol_arguments
from samsnakk.cli.erasure_arguments import ERASE, erasure_arguments
from samsnakk.cli.inbox_arguments import INBOX, inbox_arguments
from samsnakk.cli.keeping_arguments import ARCHIVE, RETENTION, archive_arguments, retention_arguments
from samsnakk.cli.log_arguments import LOG, log_arguments
from samsnakk.cli.report_arguments import REPORT, report_arguments

INTERRUPTED = 130

_HUB = """\
example:
  SAMSNAKK_TRUST_FILE=trust.json SAMSNAKK_HUB_KEY_FILE=hub.key samsnakk hub

Settings are environment variables, listed in docs/settings.md. Without DATABASE_URL the hub runs a PostgreSQL of its
own in SAMSNAKK_DATA. SIGTERM or Ctrl-C ends it, once open work is done."""

_MIGRATE = """\
example:
  SAMSNAKK_OWNER_DATABASE_URL=postgresql://owner@host/samsnakk samsnakk migrate"""

_SECURITY = """\
example:
  DATABASE_URL=postgresql://service@host/samsnakk samsnakk security

A line of JSON for each row; every row is checked against the one before it. Without DATABASE_URL:
the embedded database in SAMSNAKK_DATA, while the hub runs."""

_SCRUB = """\
example:
  SAMSNAKK_ERASER_DATABASE_URL=postgresql://eraser@host/samsnakk samsnakk scrub

Destroys, once, what two people of an organisation have decided to erase and the hub has noted. The embedded database
needs none of this: its hub does it. Exit code 69: something holds the database up; run it again later."""

_LOGIN = """\
examples:
  samsnakk login --as Kari                         sign in in the browser, in the demonstration that is running
  samsnakk login --as Kari --data ./profile --url https://hub.example.org
  samsnakk login --as Kari --no-browser            only print the address

The browser must run on the same machine: it hands the program a ticket that works once."""

_LOGOUT = """\
example:
  samsnakk logout --as Kari                        end this program's session, and forget it"""

_CHAT = """\
examples:
  samsnakk chat --as Kari elle                     talk in the demonstration that is running
  samsnakk chat --as Kari elle --data ./demo       … in the one that lives in this folder
  echo "Hei!" | samsnakk chat --as Kari elle       send one message and leave
  samsnakk chat --as Skranken --inbox elle         read and answer for the service inbox one has duty at

/hjelp lists what you can do besides writing."""

_TIMELINE = """\
examples:
  samsnakk timeline elle --as Ingrid               everything that happened, in order
  samsnakk timeline elle --as Ingrid --verify      … and check each signature, key, rule and link from the first one
  samsnakk timeline elle --as Elle --access        … and who has read what, when and why
  samsnakk timeline elle --from-node /etc/samsnakk-node --passphrase-file pass.txt
                                                   the organisation's own copy: no hub is needed"""

_DEMO = """\
examples:
  samsnakk demo                                    play the conversation, then keep running for `samsnakk chat`
  samsnakk demo --once                             end after it; exit code 0 only if every expectation held
  samsnakk demo --data ./demo                      keep everything in this folder
  samsnakk demo --data ./demo --resume             go on with it
  samsnakk demo --script my.toml --once            play another conversation (docs/demo-scripts.md)"""

_VAULT = """\
examples:
  samsnakk vault card "Solveig Myhre"                     a key card for an officer, or for an auditor
  samsnakk vault group a psyk-a.gruppe --organisation DPS --trust trust.json Solveig.offentlig Ante.offentlig
  samsnakk vault change psyk-a.gruppe --card Ante.kort --remove "Solveig Myhre" --add Berit.offentlig
  samsnakk vault keys psyk-a.gruppe psyk-b.gruppe hvelv.nøkler
  samsnakk vault ask sak17.sak --channel elle --as Kari --number 2026/17 --start 40 --until 90 --auditor Ola.offentlig
  samsnakk vault open sak17.sak sak17.halv --group psyk-a.gruppe --card Ante.kort --trust trust.json --head …
  samsnakk vault open sak17.sak sak17.svar --half sak17.halv --group psyk-b.gruppe --card Berit.kort --head …
  samsnakk vault read sak17.sak sak17.svar --card Ola.kort --trust trust.json --head …

The whole way, in plain words: docs/vault.md."""

_NODE = """\
examples:
  samsnakk node init /etc/samsnakk-node --passphrase-file pass.txt --trust trust.json --hub https://hub --root dps.seed
  samsnakk node run /etc/samsnakk-node --passphrase-file pass.txt
  samsnakk node revoke /etc/samsnakk-node --passphrase-file pass.txt 0192…

The whole way, for an operator: docs/node.md."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    given = _parser().parse_args(arguments)
    # Imported now: `samsnakk --help` answers at once, and a hub's host needs none of what draws on terminals.
    run: Callable[[argparse.Namespace], int] = import_module(f"samsnakk.cli.{given.command}").run
    try:
        return run(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not complain while it flushes the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="samsnakk", description="One shared, sealed conversation around a person.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(commands, "hub", "run the hub", _HUB)
    _command(commands, "migrate", "prepare a database for the hub", _MIGRATE)
    _command(commands, "security", "show what the hub refused, in a database of one's own", _SECURITY)
    _command(commands, "scrub", "destroy what is decided, in a database of one's own", _SCRUB)
    _login_arguments(_command(commands, "login", "sign in, through the browser", _LOGIN))
    _profile_arguments(_command(commands, "logout", "end the session of `samsnakk login`", _LOGOUT))
    _reader_arguments(_command(commands, "chat", "talk in a channel", _CHAT))
    _timeline_arguments(_command(commands, "timeline", "show what happened in a channel", _TIMELINE))
    access_arguments(_command(commands, "access", "who has read what", ACCESS))
    report_arguments(_command(commands, "report", "everything an auditor asks of a channel", REPORT))
    audit_arguments(_command(commands, "audit", "audit cases: asked, approved, looked on", AUDIT))
    log_arguments(_command(commands, "log", "the hub's public log: evidence, and where to begin", LOG))
    _more_arguments(commands)
    _vault_arguments(_command(commands, "vault", "a vault's key officers: cards, groups, cases", _VAULT))
    _node_arguments(_command(commands, "node", "an organisation's node: certificates, departures, a watch", _NODE))
    directory_arguments(_command(commands, "directory", "find whom to contact; publish who is there", DIRECTORY))
    enrol_arguments(_command(commands, "enrol", "begin as a member of staff, or renew", ENROL))
    device_arguments(_command(commands, "device", "let in a new device, cut off a lost one", DEVICE))
    recovery_arguments(_command(commands, "recovery", "the code on paper", RECOVERY))
    passkey_arguments(_command(commands, "passkey", "passkeys that open the keyring", PASSKEY))
    inbox_arguments(_command(commands, "inbox", "the keys of the service inboxes one answers", INBOX))
    _demo_arguments(_command(commands, "demo", "play a conversation on this machine", _DEMO))
    return parser


def _more_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    open_arguments(_command(commands, "open", "begin a channel, answering for a care relation", OPEN))
    archive_arguments(_command(commands, "archive", "a channel in a file that verifies by itself", ARCHIVE))
    retention_arguments(_command(commands, "retention", "what has been kept for long enough", RETENTION))
    erasure_arguments(_command(commands, "erase", "erase by decision of two; who has confirmed", ERASE))
    consent_arguments(_command(commands, "consent", "who takes part on the user's word", CONSENT))
    of_arrival.invite_arguments(_command(commands, "invite", "invite the user into a channel", of_arrival.INVITE))
    of_arrival.arrive_arguments(_command(commands, "arrive", "come in by an invitation", of_arrival.ARRIVE))
    of_arrival.safety_arguments(_command(commands, "safety", "compare the safety code", of_arrival.SAFETY))


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    about: str,
    examples: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=name)
    return command


def _reader_arguments(command: argparse.ArgumentParser, *, needs_profile: bool = True) -> None:
    command.add_argument("channel", metavar="CHANNEL", help="the channel's name in the trust file, or its id in hex")
    _profile_arguments(command, needed=needs_profile)
    command.add_argument(
        "--inbox",
        nargs="?",
        const="",
        metavar="INBOX",
        help="read and write for a service inbox (its name, if the profile acts for several), not as oneself",
    )


def _login_arguments(command: argparse.ArgumentParser) -> None:
    _profile_arguments(command)
    command.add_argument("--no-browser", action="store_true", help="print the address and open nothing")


def _profile_arguments(command: argparse.ArgumentParser, *, needed: bool = True) -> None:
    command.add_argument("--as", dest="person", metavar="NAME", required=needed, help="whose profile to use")
    command.add_argument("--data", type=Path, metavar="DIR", help="the demonstration's folder (else: the running one)")
    command.add_argument("--url", help="the hub's address (else: the demonstration's)")


def _timeline_arguments(command: argparse.ArgumentParser) -> None:
    _reader_arguments(command, needs_profile=False)
    command.add_argument("--from-node", type=Path, metavar="DIR", help="read the organisation's own copy; needs no hub")
    command.add_argument("--passphrase-file", type=Path, metavar="FILE", help="opens the node (with --from-node)")
    command.add_argument("--organisation", metavar="NAME", help="whose copy, where the node serves several")
    command.add_argument(
        "--verify", action="store_true", help="fetch everything anew and check it from the first record"
    )
    command.add_argument("--access", action="store_true", help="show who has read what, too")


def _demo_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--once", action="store_true", help="end after the script")
    command.add_argument("--script", type=Path, metavar="FILE", help="another conversation than the usual one")
    command.add_argument("--data", type=Path, metavar="DIR", help="keep everything in this new or empty folder")
    command.add_argument("--resume", action="store_true", help="go on with the demonstration in the folder")
    command.add_argument("--pace", type=float, metavar="SECONDS", help="pause between two steps")


def _vault_arguments(command: argparse.ArgumentParser) -> None:
    # Imported here: what the steps take stands beside what they do.
    import_module("samsnakk.cli.vault_arguments").add_steps(command)


def _node_arguments(command: argparse.ArgumentParser) -> None:
    import_module("samsnakk.cli.node_arguments").add_steps(command)
