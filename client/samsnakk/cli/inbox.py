"""`samsnakk inbox …`: the service inboxes that one answers, and their keys."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from domain.ids import PrincipalId
from protocol.errors import ProtocolError
from protocol.inbox_keys import Due
from protocol.trust import Trust
from samsnakk import Client
from samsnakk.cli.connected import connected
from samsnakk.cli.error_texts import told
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.errors import NotEligible, Refused, SamsnakkError
from samsnakk.inbox.outcomes import About, Renewed

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
WAITS: Final[dict[Due, str]] = {
    Due.FIRST_KEY: "Den har ingen nøkkel ennå.",
    Due.SOMEBODY_LEFT: "Den trenger ny nøkkel: noen som kunne lese den, svarer ikke for den lenger.",
    Due.KEYS_LOST: "Den trenger ny nøkkel: en av dem som svarer for den, har mistet en enhet eller byttet nøkkel.",
}
_NONE: Final = "Du svarer ikke for noen fellesinnboks. Mener du at du skal det, spør den som styrer dem hos dere."
_REFUSED: Final = {
    "no_issuer": "Nøkkelen må godkjennes av virksomhetens node: oppgi den med --node.",
    "not_eligible": "Noden sier at du ikke svarer for denne fellesinnboksen. Spør den som styrer den hos dere.",
    "unknown_inbox": "Noden kjenner ingen slik fellesinnboks.",
    "device_not_valid": "Denne enheten er stengt ute, eller beviset dens har gått ut.",
}


def run(given: argparse.Namespace) -> int:
    """Returns 0, 1 if it did not go for one of them, 2 if there is no such profile or inbox."""
    try:
        unlocked, url = find_profile(given.person, given.data, given.url)
    except NoPlace as error:
        sys.stderr.write(f"samsnakk inbox: {error}\n")
        return USAGE

    async def work(client: Client) -> int:
        found = meant(await client.inboxes.mine(), given.inbox, client.trust)
        if found is None:
            sys.stderr.write(f"samsnakk inbox: no inbox, or more than one, is called {given.inbox!r}\n")
            return USAGE
        return await _all(client, found, given)

    try:
        return asyncio.run(connected((unlocked, url), work, node=given.node, tending=False))
    except (SamsnakkError, ProtocolError) as error:
        sys.stderr.write(f"{told_here(error)}\n")
        return FAILED


def meant(inboxes: Sequence[PrincipalId], name: str | None, trust: Trust) -> tuple[PrincipalId, ...] | None:
    """The inboxes that are meant: all, or the one of that name, beginning or id; None where that is not one."""
    if name is None:
        return tuple(inboxes)
    wanted = name.casefold()
    by_id = [one for one in inboxes if one.hex() == wanted]
    exact = [one for one in inboxes if trust.name_of(one).casefold() == wanted]
    within = [one for one in inboxes if wanted in trust.name_of(one).casefold()]
    found = next((some for some in (by_id, exact, within) if len(some) == 1), None)
    return None if found is None else tuple(found)


async def _all(client: Client, inboxes: Sequence[PrincipalId], given: argparse.Namespace) -> int:
    code, answered = OK, 0
    for inbox in inboxes:
        name = client.trust.name_of(inbox)
        try:
            if given.what == "list":
                text = about_text(await client.inboxes.about(inbox), client.trust)
            else:
                text = renewed_text(await client.inboxes.renew(inbox, begin_anew=given.begin_anew))
        except NotEligible as error:
            if given.inbox is None:
                continue  # the organisation's others are not one's own
            text, code = told_here(error), FAILED
        except (SamsnakkError, ProtocolError) as error:
            text, code = told_here(error), FAILED
        answered += 1
        print(f"{name}\n  {text}")
    if not answered:
        print(_NONE)
    return code


def about_text(about: About, trust: Trust) -> str:
    """How the inbox's keys stand, in a few sentences."""
    people = ", ".join(sorted(trust.name_of(PrincipalId(person)) for person in about.people))
    key = "" if about.version is None else f"Nøkkel nummer {about.version}. "
    mine = "Du har nøklene. " if about.held else "" if about.version is None else "Nøklene er ikke kommet hit ennå. "
    waits = "" if about.due is None else WAITS[about.due] + " Lag den: samsnakk inbox renew. "
    return f"{key}{mine}{waits}De som svarer for den: {people}."


def renewed_text(renewed: Renewed) -> str:
    """What was done, and what still waits."""
    if renewed.due is not None:
        return f"{WAITS[renewed.due]} {_REFUSED['no_issuer']}"
    many = "én person" if renewed.sealed_for == 1 else f"{renewed.sealed_for} personer"
    if renewed.version is not None:
        return f"Ny nøkkel, nummer {renewed.version}, til {many}. Andre leser ikke det som skrives fra nå."
    if renewed.sealed_for:
        return f"Nøklene ligger klare for {many}."
    return "Alt er i orden: de som svarer for den nå, har nøklene."


def told_here(error: Exception) -> str:
    """What a person is told about an error."""
    if isinstance(error, Refused) and error.code in _REFUSED:
        return _REFUSED[error.code]
    return told(error)
