"""What people read about audit cases: plain bokmål."""

from collections.abc import Mapping
from typing import Final

PURPOSES: Final[Mapping[str, str]] = {
    "log-review": "vanlig kontroll av hvem som har lest",
    "suspected-snooping": "mistanke om at noen har lest uten grunn",
    "users-request": "brukeren har bedt om det",
    "complaint": "en klage",
    "incident": "noe gikk galt, og virksomheten må finne ut av det",
    "supervision": "tilsynsmyndigheten har bedt om det",
}
"""Why somebody audits, in words for the user."""
KINDS: Final[Mapping[str, str]] = {
    "metadata": "hvem som skrev og leste når, men ikke hva som står der",
    "content": "hvem som skrev og leste når, og meldinger som nøkkelbærerne åpner",
}
BASES: Final[Mapping[str, str]] = {
    "internal-control": "internkontroll",
    "accountability": "ansvaret for personvernet",
    "users-request": "brukerens egen rett til innsyn",
    "supervision": "opplysninger til tilsynsmyndigheten",
}
FACTS: Final[Mapping[str, str]] = {
    "case-opened/1": "{author} ({organisation}) ber om kontroll, sak {number}: {purpose}. Det gjelder {kind}, fra "
    "{since} til {before}. Ingen har sett noe ennå; en annen i virksomheten må si ja først",
    "case-approved/1": "{author} ({organisation}) sa ja til kontroll, sak {number}: {auditor} kan se {kind} fram til "
    "{ends}. Hver gang det skjer, ser du det i innsynsloggen",
    "case-refused/1": "{author} ({organisation}) sa nei til kontrollen i #{ref}. Ingen ser mer på den saken",
    "case-closed/1": "{author} ({organisation}) er ferdig med kontrollen i #{ref}. Ingen ser mer på den saken",
    "content-asked/1": "{author} ({organisation}) ber nøkkelbærerne åpne meldinger fra nr. {start} til nr. {last} for "
    "kontrollen i #{ref}",
}
LOOKED: Final = (
    "{reader} kontrollerte {what}, sak {number}: {purpose}. Godkjent av {approver}. Nr. {start}–{last}; meldingene ble "
    "ikke åpnet"
)
SHOWN: Final[Mapping[str, str]] = {"records": "hvem som skrev når", "readings": "hvem som har lest"}
THEN: Final = "saken ble åpnet"

SAID: Final[Mapping[str, str]] = {
    "opened": (
        "Kontrollsak {number} er åpnet som nr. {ref} i kanalen. Brukeren ser det nå.\n"
        "Formål: {purpose}. Grunnlag: {basis}.\n"
        "Ingen kan se noe ennå. Gi {file} til en annen i virksomheten som kan godkjenne den."
    ),
    "case": (
        "Kontrollsak {number}, nr. {ref} i kanalen {channel}\n"
        "  bedt om av  {auditor} ({organisation})\n"
        "  formål      {purpose}\n"
        "  grunnlag    {basis}\n"
        "  gjelder     {kind}\n"
        "  tråder      {threads}\n"
        "  perioden    {since} – {before}\n"
        "  lesing av   {readers}\n"
        "  kan ses     {begins} – {ends}"
    ),
    "everybody": "alle som er med",
    "confirm": "Skriv saksnummeret for å godkjenne akkurat dette:",
    "approved": "Godkjent. Brukeren ser det nå, og hver gang noen ser på saken.",
    "refused": "Du sa nei. Ingen ser på saken. Brukeren ser det nå.",
    "closed": "Saken er avsluttet. Ingen ser mer på den. Brukeren ser det nå.",
    "messages": (
        "Det står nå i kanalen, som nr. {version}, at nøkkelbærerne blir bedt om å åpne meldinger fra nr. {start} til "
        "nr. {last}. Brukeren ser det. Gi dem saken og beviset: samsnakk vault prove."
    ),
}
STOPPED: Final[Mapping[str, str]] = {
    "exists": "{file} finnes fra før, og ingenting blir overskrevet. Velg et annet navn.",
    "file": "Filen er ingen kontrollsak, eller den er ikke signert av en som virksomheten har gitt oppgaven. "
    "Be om filen på nytt.",
    "day": "«{day}» er ingen dag. Skriv den slik: 2026-11-01.",
    "organisation": "Ingen virksomhet heter «{name}» i tillitsfilen. Der står: {names}",
    "stopped": "Stoppet. Ingenting er gjort.",
}
ROWS: Final[Mapping[str, str]] = {
    "header": "nr. {version:>4}  {at}  {said}{thread}",
    "thread": " · tråd {number}",
    "complete": "Sjekket fra nr. 1 til nr. {version}: hver signatur, hver nøkkel, rekkefølgen og reglene. Huben holder "
    "ikke tilbake noe som saken gjelder. {closed} hendelser er utenfor saken og er lukket her.",
    "reading": "linje {line:>4}  {at}  {who} · {purpose} · nr. {start}–{until} · til {ended} · {proven}",
    "looked": "linje {line:>4}  {at}  {who} · {purpose}, sak {number}, godkjent av {approver} · {proven}",
    "member": "tråd {thread}  {who} ({organisation}) · {basis} · med fra nr. {version} · til {ends}",
    "user": "tråd {thread}  {who} · brukeren selv",
    "no_end": "det er bestemt noe annet",
    "at": "Slik var det etter nr. {version}.",
    "still": "nå",
    "proven": "signert av den som leste",
    "unproven": "leserens signatur kunne ikke kontrolleres",
    "all": "Sjekket {lines} linjer. Ingen linje fra perioden er holdt tilbake; {hidden} er fra andre tider.",
    "some": "Sjekket {lines} linjer. Saken gjelder bare noen virksomheter; {hidden} linjer om andre, eller fra andre "
    "tider, er lukket her. Bare huben vet hvem de gjelder. Brukeren ser alle.",
}
REFUSALS: Final[Mapping[str, str]] = {
    "not_charged": "Virksomheten har ikke gitt deg denne oppgaven. Den som drifter virksomhetens node, kan gi deg den.",
    "unknown_case": "Det finnes ingen kontrollsak med det nummeret her.",
    "case_not_approved": "Ingen har sagt ja til kontrollsaken ennå. Be en annen i virksomheten om å godkjenne den.",
    "case_decided": "Det er allerede sagt ja til kontrollsaken.",
    "case_ended": "Kontrollsaken er avsluttet, eller noen har sagt nei. Åpne en ny om du trenger det.",
    "case_expired": "Tiden for kontrollsaken er ute. Åpne en ny, og få den godkjent.",
    "case_not_begun": "Tiden for kontrollsaken har ikke begynt ennå.",
    "outside_case": "Det er ikke noe kontrollsaken gjelder. Åpne en ny sak som gjelder det.",
    "other_terms": "Kontrollsaken er en annen enn den du skulle godkjenne. Be om en ny fil, og se etter hva som er "
    "forskjellig.",
    "foreign_case": "Kontrollsaken er en annen virksomhets. Bare en derfra kan si ja eller nei til den.",
    "not_its_auditor": "En annen har åpnet kontrollsaken, og bare den personen ser på den.",
    "involved_person": "Du er eller har vært med i kanalen. Da kan du verken kontrollere den eller godkjenne det.",
    "never_took_part": "Virksomheten har aldri vært med i en av trådene. Da kan den ikke kontrollere den.",
    "unknown_purpose": "Formålet finnes ikke i listen, eller det åpnes ikke meldinger for det. Velg et annet.",
    "period_implausible": "Perioden må være før saken åpnes, og slutte etter at den begynner.",
    "time_box_implausible": "Tiden saken gjelder i, må slutte i framtiden og vare høyst 30 dager.",
    "malformed_scope": "Programmet satte saken sammen feil. Oppdater det, og prøv igjen.",
}
