"""What inviter and user read on the terminal, in plain bokmål."""

from typing import Final

from protocol.arrival.errors import BadInvitation, BadLink, InvitationOver, LinkFault, SwappedAnswer
from protocol.errors import Attack
from samsnakk.cli import error_texts
from samsnakk.errors import Disconnected, Refused

NEW_ONE: Final = "Be den som inviterte deg, om en ny invitasjon."
FAULTS: Final = {
    LinkFault.NO_LINK: "Dette er ikke en invitasjon. Skann koden på arket, eller kopier hele lenken.",
    LinkFault.CUT_SHORT: "Lenken er ikke hel. Kopier den på nytt, helt til siste tegn, eller skann koden.",
    LinkFault.DAMAGED: "Ett eller flere tegn i lenken er feil. Kopier den på nytt, eller skann koden.",
    LinkFault.NEWER: "Invitasjonen er laget av et nyere program. Oppdater programmet ditt.",
}
NOBODY_ARRIVED: Final = "Ingen er kommet inn som brukeren i denne kanalen, eller det er allerede gjort om."
CODES: Final = {
    "unknown_invitation": f"Vi finner ikke invitasjonen her. Sjekk lenken. Hjelper ikke det: {NEW_ONE}",
    "invitation_used": (
        "Invitasjonen er allerede brukt. Var det ikke deg? Ring den som inviterte deg med en gang, og si at noen "
        "andre kan ha brukt lenken din. Dere kan se det på sikkerhetskoden."
    ),
    "invitation_expired": f"Invitasjonen er gått ut på dato. {NEW_ONE}",
    "invitation_cancelled": f"Invitasjonen er trukket tilbake, eller byttet ut med en nyere. {NEW_ONE}",
    "user_already_arrived": "Brukeren er allerede med i denne kanalen.",
    "not_a_member": NOBODY_ARRIVED,
    "already_recorded": "Du har sagt dette allerede. Nå må en annen ansatt i felles tråd gjøre det samme.",
    "not_the_approver": "Tillitspersonen må være en av de to som sier dette.",
    "last_staff_member": "Alle ansatte her er med på brukerens samtykke. Ta først med noen på eget grunnlag.",
    "not_permitted": "Bare ansatte som er med i felles tråd, kan invitere brukeren.",
    "quota_exceeded": "For mange forsøk på kort tid. Vent litt, og prøv igjen.",
}
SWAPPED: Final = (
    "STOPP: Det som kom, er ikke det invitasjonen sier. Noen kan ha endret det på veien. Ikke bruk lenken mer, og si "
    "fra til den som inviterte deg (ansatte: til sikkerhetsansvarlig i virksomheten)."
)
INVITE: Final = (
    "Vis koden til brukeren, og bare til brukeren. Den kan brukes én gang og gjelder til {end}.\n{link}\n"
    "Venter på svar … (Ctrl-C avbryter; «samsnakk invite user» fortsetter der du slapp)"
)
ADMITTED: Final = "Brukeren er med. Sikkerhetskode: {code}\nSammenlign den med brukerens kode når dere møtes."
WELCOME: Final = "Hei{name}! {inviter} inviterer deg til en felles samtale med dem som hjelper deg."
TEAM: Final = "Dette er teamet, og de kan lese det du skriver:"
SEES: Final = "Du får lese alt som er skrevet sammen med deg til nå{titles}. Du ser også alltid hvem som har lest hva."
STAFF_ONLY: Final = (
    "De ansatte har {number} samtale(r) bare for seg selv. Du ser at de finnes og hvorfor, ikke hva som står."
)
ASK: Final = "Vil du være med? [ja/nei] "
CHOOSE: Final = "Velg et passord for denne enheten (tomt: maskinens nøkkelring): "
ANOTHER: Final = "Mappen hører til en annen invitasjon. Velg en ny mappe med --data."
NO: Final = "Det er greit. Ingenting er sendt, og invitasjonen gjelder fortsatt."
WAITING: Final = "Svaret ditt er sendt. Venter på at {inviter} slipper deg inn …"
IN: Final = "Du er med. Sikkerhetskoden din: {code}\nSammenlign den med {inviter} når dere møtes."
FIRST: Final = "Skriv til teamet ditt (tom linje: senere): "
SENT: Final = "Sendt. Fortsett med: samsnakk chat kanalen --as meg --data {folder}"
SAFETY: Final = "Sikkerhetskode: {code}"
ONLY_RECORDED: Final = "Koden står i kanalens historikk; du var ikke selv med da den ble laget."
COMPARED: Final = "Sammenlignet {when}. Notert på denne enheten."
COMPARE: Final = "Er koden lik hos dere begge, noter det med --compared. Er den ulik: stopp, og si fra."
UNDO_SAID: Final = (
    "Notert. Nå må en annen ansatt i felles tråd gjøre det samme. Tillitspersonen må være en av dere to.\n"
    "Til da kan den som kom inn, fortsatt lese. Skriv ikke noe der som bare er for brukeren."
)
UNDONE: Final = "Den som kom inn som brukeren, er ute, og får ikke lese noe av det som skrives fra nå."
READABLE: Final = "Dette var åpent for den personen i tråd {thread}: {ranges}. Det som er lest, er lest."
DONE_AS: Final = "Dette ble gjort i brukerens navn: {versions}. Gå gjennom det."
UNDONE_NEXT: Final = (
    "Meld avvik i virksomheten, og inviter brukeren på nytt: samsnakk invite user {channel} --as {person}\n"
    "Gi henne lenken selv, og sammenlign sikkerhetskodene før dere skriver videre."
)
NO_CODE: Final = "Brukeren er ikke kommet med ennå, eller kom uten invitasjon; det finnes ingen kode."


def told(error: Exception) -> str:
    """What a person should do about an error."""
    match error:
        case BadLink(fault=fault):
            return FAULTS[fault]
        case InvitationOver():
            return CODES["invitation_expired"]
        case Refused(code=code) if code in CODES:
            return CODES[code]
        case Disconnected():
            return "Får ikke kontakt. Sjekk nettet, og prøv igjen; ingenting er mistet."
        case Attack() | BadInvitation() | SwappedAnswer():
            return SWAPPED
        case _:
            return error_texts.told(error)
