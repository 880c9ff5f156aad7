"""What runs where and who signed in how: the table a demonstration begins with, and the commands it ends with."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.channel.terms import Standing
from samsnakk.demo import script as s
from samsnakk.demo.actors import Actor
from samsnakk.demo.company import Company
from samsnakk.demo.folder import DemoFolder


@dataclass(frozen=True, slots=True)
class House:
    """One process: its folder below the demonstration's, its port, whose keys lie there, how one signed in."""

    process: str
    folder: str
    port: str
    keys: str
    login: str


def rows_of(script: s.Script, folder: DemoFolder, company: Company, actors: Mapping[str, Actor]) -> list[House]:
    """The table."""
    names = {o.key: o.name for o in script.organisations}
    rows = [House("huben", _below(folder, folder.hub), _port(company.url), "sin egen; ingen til innhold", "")]
    for key, found in company.nodes.found.items():
        served = " og ".join(names[o.key] for o in found.organisations)
        place, port = _below(folder, folder.node(key).path), _port(company.nodes.ready[key].url)
        rows.append(House(f"node {key}", place, port, f"roten til {served}", ""))
    for key, person in script.participants.items():
        place = _below(folder, folder.person(key))
        rows.append(House(key, place, "–", _keys_of(person), _login(actors[key], person)))
    return rows


def _keys_of(person: s.Participant) -> str:
    match person.standing:
        case Standing.USER:
            return "egen rot, når invitasjonen kommer"
        case Standing.RELATIVE:
            return "egen rot"
        case Standing.INBOX:
            return "egne, og fellesinnboksens"
        case _:
            return "egne"


def _login(actor: Actor, person: s.Participant) -> str:
    at = {"node": "noden", "hub": "huben"}
    said = [f"{provider} ved {at[place]}" for place, provider in actor.signed_in.items()]
    if not said:
        return "kommer senere" if person.organisation is None else "er ute"
    return ", ".join(said)


def _below(folder: DemoFolder, place: object) -> str:
    return str(place).removeprefix(f"{folder.path}/") + "/"


def _port(url: str) -> str:
    return url.rpartition(":")[2]


def commands(script: s.Script, folder: DemoFolder, company: Company, kept: str) -> list[tuple[str, str]]:
    """What people may try while everything runs: what it does, and the command as it is pasted."""
    name = script.channel.name
    staff = script.channel.opened_by
    inboxes = [key for key, who in script.participants.items() if who.standing is Standing.INBOX]
    node = folder.node(company.nodes.of(script.participants[staff].organisation or ""))
    channel = folder.progress().channel
    opened = f"{node.data} --passphrase-file {node.passphrase}"
    found = [
        (f"Skriv sammen med de andre, som {script.channel.user}", f"chat --as {script.channel.user} {name}{kept}"),
        (f"… eller som {staff}", f"chat --as {staff} {name}{kept}"),
        *((f"… eller fra fellesinnboksen, som {key}", f"chat --as {key} --inbox {name}{kept}") for key in inboxes),
        ("Sjekk hele historien, fra første hendelse", f"timeline {name} --as {script.channel.user} --verify{kept}"),
        ("Sammenlign sikkerhetskoden fra invitasjonen", f"safety {name} --as {staff}{kept}"),
        ("Spør en node om huben snakker sant, og hva den har kopi av", f"node status {opened}"),
        ("Les nodens egen kopi, uten huben", f"timeline {channel.hex()} --from-node {opened} --verify"),
    ]
    return [(about, f"samsnakk {command}") for about, command in found]
