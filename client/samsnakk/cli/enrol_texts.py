"""What `samsnakk enrol` says, in plain bokmål: what happened, and what to do next."""

from datetime import UTC, datetime
from typing import Final

from crypto.errors import CryptoError
from protocol.errors import ProtocolError, SubstitutedKey
from samsnakk.cli.texts import BOKMAL
from samsnakk.errors import BadProfile, CannotUnlock, Disconnected, NotInTime, Refused

OPEN: Final = "Logg inn i nettleseren på denne maskinen:\n\n  {address}\n"
CODE: Final = "Siden skal til slutt vise koden {code}. Viser den en annen, så lukk vinduet. (Ctrl-C avbryter her.)"
IN: Final = "Du er meldt inn hos {organisation}. Sertifikatet gjelder til {until}."
RENEWED: Final = "Sertifikatet er fornyet og gjelder til {until}."
NEXT: Final = "Nå virker:\n  samsnakk login --as meg --data {folder}\n  samsnakk chat --as meg --data {folder} KANAL"
LATER: Final = "Huben svarer ikke akkurat nå. Noden gir den sertifikatet så snart den er tilbake."
NO_KEYRING_YET: Final = (
    "Nøkkelringen er ikke lagt i huben ennå, så du har ingen gjenopprettingskode: {why}\n"
    "Kjør «samsnakk enrol --data {folder}» en gang til når huben svarer."
)
ENDS_SOON: Final = "Sertifikatet til denne enheten går ut {until}. Forny det: samsnakk enrol --data {folder}\n"
CHOOSE: Final = "Velg et passord for profilen på denne maskinen: "
AGAIN: Final = "Skriv det en gang til: "
DIFFER: Final = "Passordene er ikke like. Kjør kommandoen på nytt."
FIRST_TIME: Final = "--node og --trust trengs den første gangen. Du får begge av virksomheten din."
NOT_OF_STAFF: Final = (
    "Denne profilen kom ikke fra en node, så den kan ikke fornyes slik. Bruk mappen til profilen du meldte inn."
)
ANOTHER_NODE: Final = "Profilen er meldt inn hos en annen node. Utelat --node, eller velg en annen mappe med --data."
WHICH: Final = "--organisation trengs: noden er der for {names}."
NO_SUCH: Final = (
    "Noden er ikke der for noen virksomhet som tillitsfilen kjenner. Se etter om adressen og filen er riktige."
)
FILE: Final = "{path}: filen må finnes, ha passordet i første linje, og bare kunne leses av deg (chmod 600)."
CODES: Final = {
    "no_login_here": "Noden kan ikke logge inn noen ennå. Si fra til den som har ansvar for noden.",
    "no_login": "Innloggingen gjelder ikke lenger, eller den var for et annet program. Kjør kommandoen på nytt.",
    "not_registered": "Du står ikke i personallisten. Be den som fører listen om å føre deg opp, og prøv igjen.",
    "another_hpr_number": (
        "HPR-nummeret i innloggingen er et annet enn i personallisten. Be den som fører listen om å rette det."
    ),
    "another_organisation": "Innloggingen gjaldt en annen virksomhet enn du ba om. Velg riktig med --organisation.",
    "another_persons_device": (
        "Denne enheten hører til en kollega. Bruk din egen mappe med --data, så får du nøkler for deg selv."
    ),
    "has_keys": (
        "Du har en enhet fra før, og nøklene dine ligger der. Slipp inn denne maskinen derfra: samsnakk device add.\n"
        "Har du ingen enhet igjen, så bruk arket med gjenopprettingskoden: samsnakk recovery use."
    ),
    "not_allowed": "Noden kan ikke gjøre dette. Er du meldt ut, må du få en ny oppføring i personallisten.",
    "stale_request": "Klokken på denne maskinen og klokken på noden er ikke like. Still klokken, og prøv igjen.",
    "register_unusable": "Noden kan ikke lese personallisten akkurat nå. Si fra til den som har ansvar for noden.",
    "signed_meanwhile": "Noe annet skjedde med nøklene dine samtidig. Kjør kommandoen på nytt.",
    "device_not_valid": "Enheten har ikke lenger noe gyldig sertifikat. Forny det: samsnakk enrol --data MAPPE",
}
_KINDS: Final[dict[type[Exception], str]] = {
    NotInTime: "Det gikk for lang tid. Kjør kommandoen på nytt.",
    Disconnected: "Får ikke kontakt. Se etter om adressen er riktig og om du er på virksomhetens nett, og prøv igjen.",
    CannotUnlock: (
        "Profilen lar seg ikke låse: passordet er feil, eller maskinen har ingen nøkkelring å legge nøkkelen i. "
        "Kjør kommandoen i et vindu der du kan skrive passordet, eller bruk --passphrase-file."
    ),
    BadProfile: (
        "Mappen inneholder ikke en hel profil. Velg en annen mappe med --data, eller hent den fra sikkerhetskopi."
    ),
    SubstitutedKey: (
        "STOPP: Svaret er ikke signert med den nøkkelen tillitsfilen sier at virksomheten har. Ingenting er tatt i "
        "bruk. Si fra til den som har ansvar for sikkerheten."
    ),
}


def told(error: Exception) -> str:
    """What happened and what to do, for any error of this command."""
    if isinstance(error, Refused):
        return CODES.get(error.code, f"Fikk nei ({error.code}). Si fra til den som har ansvar for noden.")
    for kind, text in _KINDS.items():
        if isinstance(error, kind):
            return text
    if isinstance(error, ProtocolError | CryptoError):
        return _KINDS[SubstitutedKey]
    return str(error)


def day(at: int) -> str:
    """A day here, of UTC milliseconds."""
    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone()
    return f"{moment.day}. {BOKMAL.months[moment.month - 1]} {moment.year}"
