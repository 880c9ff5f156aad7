"""`samsnakk directory import` and `renew`: what an organisation's administrator does with its part of the directory."""

import argparse
import asyncio
import json
import sys
from typing import Any, Final

from crypto.signing import SigningKey
from domain.ids import OrganisationId
from samsnakk import Client
from samsnakk.cli import error_texts
from samsnakk.cli.connected import connected
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.cli.shown import one_line
from samsnakk.errors import Disconnected, Refused, SamsnakkError
from samsnakk.importing.assembling import Imported, Ours, read_listing
from samsnakk.importing.problems import ImportRefused
from samsnakk.importing.publishing import LONGEST, Plan, TooMuchRemoved, carry_out, plan
from samsnakk.importing.telling import as_data, problems_as_data, told
from samsnakk.node.configuration import BadNode
from samsnakk.node.folder import open_node, passphrase_in
from samsnakk.profile import Unlocked

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
WRONG_FILE: Final = 3
NOT_OURS: Final = "bare ansatte kan importere, og bare for sin egen virksomhet"
NO_NODE: Final = (
    "--node og --passphrase-file mangler: mappen til virksomhetens node, som har rotnøkkelen. "
    "Uten dem kan du prøve med --dry-run"
)
SAME: Final = "Filen sier det samme som katalogen. Ingenting er publisert."
MEANWHILE: Final = "Noen andre publiserte i mellomtiden. Ingenting er endret; vent et halvt minutt, og prøv igjen."


def run(given: argparse.Namespace) -> int:
    """Import or renew; returns 0, 1 if it cannot be done now, 2 for a bad argument, 3 if the file is wrong."""
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
        organisation = _organisation(unlocked)
        root = _root(given, organisation)
        imported = _imported(given, unlocked, organisation)
        return asyncio.run(_import(given, (unlocked, url), organisation, imported, root))
    except ImportRefused as error:
        _tell_problems(given, error)
        return WRONG_FILE
    except (NoPlace, BadNode, OSError) as error:
        sys.stderr.write(f"samsnakk directory: {_reason(error)}\n")
        return USAGE
    except SamsnakkError as error:
        sys.stderr.write(f"samsnakk directory: {_in_plain_words(error)}\n")
        return FAILED


def _in_plain_words(error: SamsnakkError) -> str:
    if isinstance(error, Refused) and error.code == "listing_out_of_step":
        return MEANWHILE
    return error_texts.told(error) if isinstance(error, Refused | Disconnected) else str(error)


def _organisation(unlocked: Unlocked) -> OrganisationId:
    if unlocked.identity.organisation is None:
        raise NoPlace(NOT_OURS)
    return unlocked.identity.organisation


def _reason(error: Exception) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _root(given: argparse.Namespace, organisation: OrganisationId) -> SigningKey | None:
    if given.dry_run:
        return None
    if not 1 <= given.days <= LONGEST:
        raise NoPlace(f"--days: et tall fra 1 til {LONGEST}")
    if given.node is None or given.passphrase_file is None:
        raise NoPlace(NO_NODE)
    root = open_node(given.node, passphrase_in(given.passphrase_file)).roots.get(organisation)
    if root is None:
        raise NoPlace("--node: denne noden er ikke for virksomheten du er ansatt i")
    return root


def _imported(given: argparse.Namespace, unlocked: Unlocked, organisation: OrganisationId) -> Imported | None:
    if given.action == "renew":
        return None
    pins = {pin.id: pin.number for pin in unlocked.trust.organisations}
    return read_listing(given.file.read_bytes(), given.file.name, Ours(organisation, pins.get(organisation, "")))


async def _import(
    given: argparse.Namespace,
    place: tuple[Unlocked, str],
    organisation: OrganisationId,
    imported: Imported | None,
    root: SigningKey | None,
) -> int:
    async def work(client: Client) -> tuple[Plan, int | None]:
        planned = await plan(client.listings, organisation, imported)
        if root is None or not (planned.changes.any or imported is None):
            return planned, None
        if planned.removes_much and not given.accept_removals:
            raise TooMuchRemoved(len(planned.changes.removed))
        deployment = place[0].trust.deployment_id
        return planned, await carry_out(client.listings, deployment, planned, root, given.days, _progress)

    _tell(given, imported, *await connected(place, work))
    return DONE


def _progress(done: int, total: int) -> None:
    """How far a large version is, for whoever sits before it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} av {total} …   " + ("\n" if done == total else ""))


def _tell(given: argparse.Namespace, imported: Imported | None, planned: Plan, published: int | None) -> None:
    left_out = () if imported is None else imported.left_out
    if given.json:
        data = {"version": planned.version, "published": published, **as_data(planned.changes, left_out), "errors": []}
        _print_json(data)
        return
    for line in told(planned.changes, left_out):
        print(" " * (len(line) - len(line.lstrip())) + one_line(line))
    if given.dry_run:
        print("Dette var en prøve. Ingenting er publisert.")
    elif published is None:
        print(SAME)
    else:
        print(f"Publisert som utgave {published}, signert av virksomheten, gyldig i {given.days} dager.")


def _tell_problems(given: argparse.Namespace, error: ImportRefused) -> None:
    if given.json:
        _print_json({"published": None, "errors": problems_as_data(error.problems), "count": error.count})
        return
    for problem in error.problems:
        sys.stderr.write(f"{one_line(str(problem))}\n")
    more = error.count - len(error.problems)
    sys.stderr.write(f"… og {more} feil til\n" if more else "")
    sys.stderr.write(f"samsnakk directory: {error}\n")


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))
