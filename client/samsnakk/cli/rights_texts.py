"""What people read about who takes part, and on whose word: plain bokmål."""

from collections.abc import Mapping
from typing import Final

UNDOING: Final[Mapping[str, str]] = {
    "wrong-person": "sa at feil person var kommet inn som brukeren",
    "lost-keys": "sa at brukeren har mistet alle nøklene sine og må komme inn på nytt",
}
RELATIONS: Final[Mapping[str, str]] = {
    "treatment": "brukeren er til behandling hos dem",
    "referral": "de har fått en henvisning",
    "municipal-service": "brukeren har eller har søkt om en kommunal tjeneste",
    "coordinator": "de er koordinator for brukeren",
    "emergency": "brukeren trenger hjelp som ikke kan vente",
}
ORGANISATION_KINDS: Final[Mapping[str, str]] = {
    "specialist_health": "spesialisthelsetjeneste",
    "municipal_health": "kommunal helse- og omsorgstjeneste",
    "general_practice": "fastlegekontor",
    "municipal_other": "en annen kommunal tjeneste",
    "nav": "NAV",
    "other": "en annen virksomhet",
}
RIGHTS_USAGE: Final[Mapping[str, str]] = {
    "consent": "/samtykke [VIRKSOMHET] [30d | 31.12.2027] [historikk], for eksempel: /samtykke NAV 30d",
    "limit": "/begrens VIRKSOMHET [30d | 31.12.2027] [fra-nå]",
    "withdraw": "/trekk VIRKSOMHET [her]",
    "block": "/sperr NAVN",
    "shield": "/skjerm, eller: /skjerm av",
    "report": "/meld NAVN eller VIRKSOMHET TEKST",
    "history": "/historikk NAVN alt, eller: /historikk NAVN fra #12",
    "bring": "/inviter NAVN GRUNNLAG fra-nå | alt | fra #12 [30d], for eksempel: /inviter Jon behandling fra-nå",
    "put_out": "/ut NAVN [feil]",
    "kind": "/virksomhet VIRKSOMHET SLAG, for eksempel: /virksomhet NAV nav",
    "yes": "/ja NUMMER",
    "no": "/nei NUMMER",
}
RIGHTS_HELP: Final = """\
  /samtykke            hvem har du sagt ja til, hva får de lese, og hvor lenge?
  /samtykke NAVN [30d] si ja til at en virksomhet er med i denne tråden
  /begrens NAVN [30d]  la samtykket gjelde kortere, eller bare fra nå
  /trekk NAVN [her]    trekk samtykket tilbake: de er ute med en gang, overalt
  /sperr NAVN          du vil ikke ha kontakt med en person her
  /meld NAVN TEKST     meld fra om noe; virksomheten må følge det opp
  /skjerm [av]         skjerm tråden for dem som har foreldreansvar (12 til 15 år)
  /inviter NAVN …      ta med en person, en fellesinnboks eller en virksomhet
  /ut NAVN [feil]      ta noen ut av tråden; feil: skulle aldri vært her
  /historikk NAVN alt  åpne eldre meldinger for en som er med
  /ja NUMMER, /nei NUMMER  svar på et forslag
"""
BASES: Final[Mapping[str, str]] = {
    "samtykke": "consent",
    "behandling": "treatment",
    "oppfølging": "follow-up",
    "vedtak": "service-decision",
    "nødhjelp": "emergency",
    "foreldreansvar": "parental-responsibility",
}
"""What people type for a legal basis."""
RELATIVES: Final[Mapping[str, str]] = {
    "forelder": "parent",
    "verge": "guardian",
    "partner": "partner",
    "barn": "child",
    "søsken": "sibling",
    "venn": "friend",
    "pårørende": "relative",
    "fullmektig": "proxy",
    "fullmektig-samtykke": "proxy:consent",
}
"""What people type for what somebody is to the user."""
RELATION_WORDS: Final[Mapping[str, str]] = {
    "behandling": "treatment",
    "henvisning": "referral",
    "kommunal-tjeneste": "municipal-service",
    "koordinator": "coordinator",
    "nødhjelp": "emergency",
}
"""What people type for a care relation."""
BASIS_WORDS: Final[Mapping[str, str]] = {code: word for word, code in BASES.items()} | {
    "users-choice": "brukerens valg",
    "child-guardian": "vergemål",
    "parental-duty": "foreldrenes omsorgsplikt",
}
"""A legal basis as people read it."""
OPENED_CHANNEL: Final = (
    "Kanalen er åpnet. Du står inne for at {relation}; det står i kanalen med navnet ditt.\n"
    "Inviter brukeren med en gang: samsnakk invite user KANAL --as {person}\n"
)
KIND_WORDS: Final[Mapping[str, str]] = {
    "spesialisthelse": "specialist_health",
    "kommunehelse": "municipal_health",
    "fastlege": "general_practice",
    "kommune": "municipal_other",
    "nav": "nav",
    "annet": "other",
}
FROM_NOW: Final = "det som skrives fra nå av"
WITH_HISTORY: Final = "det som skrives fra nå av, og det som er skrevet før"
UNTIL_WITHDRAWN: Final = "til det trekkes tilbake"
UNTIL: Final = "til {time}"
NO_CONSENTS: Final = "Ingen er med på samtykke her."
STANDS: Final = "{organisation} · «{thread}»: {who} sagt ja. De får lese {scope}. Det gjelder {until}."
PEOPLE: Final = "  Med nå: {names}."
NOBODY: Final = "  Ingen derfra er med nå."
WITHDRAWN: Final = "{organisation} · «{thread}»: {who} trukket samtykket tilbake."
OVER: Final = "{organisation} · «{thread}»: samtykket er gått ut."
YOU_HAVE: Final = "du har"
USER_HAS: Final = "brukeren har"
TOLD: Final = "Jeg sier ja til at {organisation} er med her. De får lese {scope}. Det gjelder {until}."
GIVEN: Final = "Du har sagt ja til {organisation} her, {until}. Du kan trekke det når du vil: /trekk {short}"
LIMITED: Final = "Samtykket til {organisation} gjelder nå {until}. De får lese {scope}."
TAKEN_BACK: Final = (
    "{organisation} er ute{where} og får ikke lese noe av det som skrives fra nå. Det de har lest, har de lest."
)
EVERYWHERE: Final = " av alle tråder"
HERE: Final = " av denne tråden"
WERE_HERE: Final = "Dette gjaldt: {names}."
BLOCKED: Final = "{name} er ute av alle tråder med deg. Bare du kan slippe inn igjen."
SHIELDED: Final = "Tråden er skjermet. De som har foreldreansvar, er ute av den."
UNSHIELDED: Final = "Tråden er ikke skjermet lenger."
REPORTED: Final = "Meldt til {organisation}, som må følge det opp (avvik #{version}). Alle i tråden ser det."
OPENED: Final = "{name} kan nå lese {what} i denne tråden."
ALL: Final = "alt du selv kan lese"
SINCE: Final = "det som er skrevet fra #{version}"
BROUGHT: Final = "{name} er med i «{thread}», {basis}, og får lese {what}."
PROPOSED: Final = "Foreslått som #{version}. Brukeren eller tillitspersonen må si ja: /ja {version}"
OUT: Final = "{name} er ute av «{thread}»."
WAS_READABLE: Final = "Mens {name} var her, kunne dette leses: {ranges}. Det er meldt som avvik."
STATED: Final = "Oppgitt: {organisation} er {kind}."
SAID_YES: Final = "Du sa ja til forslag #{version}."
SAID_NO: Final = "Du sa nei til forslag #{version}."
WHICH: Final = "Hvem mener du? Det kan være: {names}."
NO_SUCH: Final = "Fant ingen med det navnet. Skriv navnet slik det står i /hvem."
NOT_READ: Final = "Forsto ikke «{words}». Slik skrives det: {usage}"
CHOOSE_HISTORY: Final = "Velg hva den nye får lese: fra-nå, alt, eller fra #NUMMER. Slik skrives det: {usage}"
CHOOSE_BASIS: Final = "Velg grunnlag: {bases}. Slik skrives det: {usage}"
CHOOSE_RELATION: Final = "Si hvem det er for brukeren: {relations}."
NO_INBOX: Final = "{organisation} har ingen fellesinnboks her. Inviter en person derfra."
