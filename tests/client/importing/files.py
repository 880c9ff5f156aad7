"""Small files to be imported, and what comes of them."""

from domain.ids import EntryId, OrganisationId
from protocol.listings.entries import Entry, parse_entry
from protocol.listings.making import entry_id
from samsnakk.importing.assembling import Imported, Ours, read_listing
from samsnakk.importing.problems import ImportRefused, Problem

OURS = Ours(OrganisationId(bytes([7] * 16)), "000000019")
HEADER = (
    "type;kode;navn;andre navn;hører til;sted;telefon;orgnr;tjeneste;avløser;kontakt;åpningstid;vaktplan;nøkkel;"
    "funksjon;person;innboks;tittel;hpr;helligdager;første uke;uker;dager;fra;til;uke;personer"
)
COLUMNS = HEADER.split(";")
TOP = {
    "type": "virksomhet",
    "kode": "top",
    "navn": "Fjellheim DPS",
    "orgnr": "000000019",
    "tjeneste": "specialist-health",
}
UNIT = {"type": "enhet", "kode": "unit", "navn": "Akuttmottak", "hører til": "top"}
ANNA = {"type": "person", "kode": "anna", "navn": "Anna Ŋuorra Åsen", "hører til": "unit", "hpr": "999000001"}
INBOX = {"type": "fellesinnboks", "kode": "desk", "navn": "Vakta", "hører til": "unit", "kontakt": "acute"}
HOURS = {"type": "åpningstid", "kode": "hours", "navn": "Kontortid"}
OPEN = {"type": "åpent", "hører til": "hours", "dager": "man-fre", "fra": "08:00", "til": "15:30"}
PLAN = {"type": "vaktplan", "kode": "plan", "navn": "Vakt"}
SHIFT = {"type": "vakt", "hører til": "plan", "dager": "man-søn", "fra": "08:00", "til": "08:00", "personer": "anna"}
WHOLE = (TOP, UNIT, ANNA, INBOX | {"åpningstid": "hours", "vaktplan": "plan"}, HOURS, OPEN, PLAN, SHIFT)

Cells = dict[str, str]


def table(*rows: Cells, delimiter: str = ";", header: str = HEADER) -> bytes:
    lines = [header.replace(";", delimiter)]
    lines += [delimiter.join(f'"{row[name]}"' if name in row else "" for name in COLUMNS) for row in rows]
    return "\r\n".join(lines).encode() + b"\r\n"


def imported(data: bytes, file: str = "fil.csv", ours: Ours = OURS) -> Imported:
    return read_listing(data, file, ours)


def entries(data: bytes, file: str = "fil.csv") -> dict[EntryId, Entry]:
    return {entry: parse_entry(raw) for entry, raw in imported(data, file).entries.items()}


def an_entry(data: bytes, code: str, file: str = "fil.csv") -> Entry:
    return entries(data, file)[entry_id(OURS.organisation, code)]


def mistakes(data: bytes, file: str = "fil.csv", ours: Ours = OURS) -> tuple[Problem, ...]:
    try:
        read_listing(data, file, ours)
    except ImportRefused as refused:
        return refused.problems
    return ()
