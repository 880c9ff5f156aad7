"""What `samsnakk vault` says, in bokmål: to officers who know their duty and need not know how keys work."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, str]] = {
    "passphrase": "Passordsetning for kortet: ",
    "again": "Den samme en gang til: ",
    "card": (
        "Kortet til {name} er laget: to filer.\n"
        "  .kort       er hemmelig. Ha den på en minnepinne som bare du har.\n"
        "  .offentlig  gir du til den som setter opp gruppen.\n"
        "Kontrollkode: {code}\n"
        "Les den opp når gruppen settes opp, så alle hører at det er ditt kort."
    ),
    "group": "Gruppe {letter} for arkivnøkkelen til {organisation}. Disse kortene skal åpne for gruppen:",
    "officer": "  {code}  {name}",
    "codes": "La hver av dem lese opp koden fra sitt eget kort. Stemmer alle? Skriv «ja» for å gå videre.",
    "founded": (
        "Gruppen er laget og ligger i {file}.\n"
        "Nøkkelens kontrollkode: {code}\n"
        "Ta en kopi. Uten filen kan gruppen ikke åpne noe; med filen, men uten kort, kan ingen det."
    ),
    "changed": "I gruppen er nå: {names}",
    "new_key": (
        "Noen er gått ut, så gruppen har fått en ny nøkkel med kontrollkode {code}.\n"
        "Lag nøkkelfilen på nytt («samsnakk vault keys») og la virksomheten signere den. Først da gjelder den nye."
    ),
    "keys_of": "Gruppe {letter}: {code}  ({names})",
    "keys": "Nøkkelfilen ligger i {file}. Den som har virksomhetens rotnøkkel, sammenligner kodene og signerer.",
    "asked": (
        "Sak {number}: {messages} meldinger i nr. {start}–{until}, tråd {threads}.\n"
        "{beyond}"
        "Saken ligger i {file}. Kontrollsum for kanalen etter nr. {until}:\n  {head}\n"
        "Nøkkelholderne skal ikke ta den fra deg: de henter den hos et annet medlem av kanalen eller hos noden."
    ),
    "beyond": "{number} meldinger i perioden er ikke forseglet for dette arkivet og kan ikke åpnes her.\n",
    "case": (
        "Sak {number}\n"
        "  åpner {messages} meldinger, nr. {start}–{until}, tråd {threads}\n"
        "  fra {first} til {last}\n"
        "  for kontrolløren med kortet {auditor}\n"
        "  kanal {channel}"
    ),
    "proved": (
        "Kontrollsak {number} er godkjent, og det er bedt om akkurat disse meldingene.\n"
        "Beviset ligger i {file}. Kontrollsum for kanalen etter nr. {version}:\n  {head}\n"
        "Nøkkelholderne skal ikke ta den fra deg: de henter den hos et annet medlem av kanalen eller hos noden."
    ),
    "approved": (
        "Godkjent kontrollsak {number}\n"
        "  bedt om av  {auditor}\n"
        "  godkjent av {approver}\n"
        "  formål      {purpose}\n"
        "  perioden    {since} – {before}, tråd {threads}\n"
        "  gjelder til {ends}"
    ),
    "without": (
        "ADVARSEL: Åpnes uten kontrollsak. Brukeren får ikke se at meldingene blir åpnet. Gjør dette bare når det ikke "
        "lenger finnes noen hub, og skriv ned hvem som har bestemt det, og hvorfor.\n"
    ),
    "confirm": "Skriv saksnummeret for å åpne akkurat dette, og ikke noe mer:",
    "half": "Det ytre laget er av. Gi {file} til en nøkkelholder i gruppe B. Alene åpner filen ingenting.",
    "release": "Saken er åpnet. Gi {file} til kontrolløren. Bare kontrollørens kort åpner den, og bare denne saken.",
    "message": "── nr. {version} · {at} · {author}",
    "unreadable": "(innhold som trenger en nyere versjon)",
}

FAULTS: Final[Mapping[str, str]] = {
    "exists": "{name} finnes fra før, og ingenting blir overskrevet. Velg et annet navn.",
    "head": (
        "Kontrollsummen stemmer ikke. Det som ligger i saken, er ikke kanalens historie slik du kjenner den. "
        "Åpne den ikke. Hent kontrollsummen på nytt fra et annet medlem, og meld fra hvis den fortsatt er en annen."
    ),
    "case": "Saken henger ikke sammen ({detail}). Åpne den ikke; be om en ny.",
    "not_approved": (
        "Ingen godkjent kontrollsak gjelder disse meldingene ({detail}). Åpne dem ikke. "
        "Be kontrolløren om en kontrollsak som er godkjent: samsnakk audit."
    ),
    "closed": "Det åpner seg ikke: feil gruppe, feil kort, eller noen har endret filen.",
    "organisation": "Ingen virksomhet heter «{name}» i tillitsfilen. Der står: {names}",
    "no_officer": "Ingen i gruppen heter {name}.",
    "stopped": "Stoppet. Ingenting er gjort.",
    "not_twice": "De to var ikke like. Prøv igjen.",
    "no_half": "Gruppe B trenger det gruppe A har laget: --half FIL",
    "too_early": "Gruppe A tar det ytre laget; --half hører til gruppe B.",
    "not_hex": "--head er 64 tegn, 0-9 og a-f.",
    "own_vault": "{name} hører ikke til noen virksomhet; si hvilken med --organisation.",
}
