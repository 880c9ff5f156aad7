"""What people read about archiving and about how long something is kept: plain bokmål."""

from collections.abc import Mapping
from typing import Final

EXPORTED: Final = (
    "Skrevet: {file}. {number} hendelser, {form}. Sjekk filen med: samsnakk archive verify {file} --trust FIL"
)
SEALED: Final = "forseglet; bare virksomhetens nøkkelholdere kan åpne den"
PLAIN: Final = "med nøklene til {opened} meldinger; den som har filen, kan lese dem"
VERIFIED: Final = (
    "✓ {number} hendelser kontrollert fra den første: signaturer, nøkler, regler og kjede. Uten hub. "
    "Laget {date} for {reader}, formål: {purpose}. {opened} meldinger lar seg lese med filen alene."
)
NOT_GOOD: Final = "✗ Filen er ikke til å stole på: {why}"
CANNOT_WRITE: Final = "Filen kunne ikke skrives: {why}."
NO_ORGANISATION: Final = "Bare ansatte har noe å oppbevare for en virksomhet."
NO_KIND: Final = "Ingen har oppgitt hva slags virksomhet dette er. Oppgi det med --kind."
MINE: Final = "{organisation} har {number} meldinger her. Siste er fra {date}."
NONE: Final = "{organisation} har ingenting her som ikke allerede er slettet."
RULE: Final = "Oppbevaringstid: {years} år etter {since} ({source})."
NO_RULE: Final = "Oppbevaringstiden står i virksomhetens egen plan ({source}). Oppgi den med --plan."
CONFIRM: Final = "Må avklares med jurist eller arkivar: {confirm}."
NOT_VALID: Final = "Planen gjelder ikke nå."
IN_USE: Final = "Kanalen er i bruk. Tiden begynner å løpe når den er avsluttet{more}."
AFTER_DEATH: Final = ", og brukeren er død"
NOT_YET: Final = "Tiden er ute {date}. Ingenting kan foreslås slettet før det."
DUE: Final = (
    "Tiden gikk ut {date}. {number} meldinger kan foreslås slettet: samsnakk retention due {channel} --propose …"
)
PENDING: Final = "{number} meldinger er allerede foreslått; en kollega bekrefter med samsnakk erase."
ARCHIVE_FIRST: Final = (
    "Arkivet må ha fått sitt først. Lag filen med samsnakk archive export, og oppgi den med --archived."
)
NOT_ARCHIVED: Final = "Filen i --archived har ikke alt som skal slettes. Lag en ny."
PROPOSED: Final = "Foreslått som #{ref}: {number} meldinger. Ingenting er slettet ennå; en kollega bekrefter."
SINCE: Final[Mapping[str, str]] = {
    "closed": "at kanalen ble avsluttet",
    "last_entry": "siste innføring",
    "death": "brukerens død",
}
PURPOSES: Final[Mapping[str, str]] = {
    "treatment": "behandling",
    "coordination": "samarbeid",
    "own_record": "egne opplysninger",
}
WHY: Final = "Oppbevaringstiden er over ({source})."
