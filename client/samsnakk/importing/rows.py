"""What the rows of a CSV file say: one row a thing, and one more for each time in its opening hours or on-call plan."""

from collections.abc import Callable
from typing import Final

from protocol.listings.entries import Inbox, Organisation, Person, Role, Unit
from samsnakk.importing import values
from samsnakk.importing.drafts import Drafts
from samsnakk.importing.problems import shown
from samsnakk.importing.row_reading import Reading
from samsnakk.importing.row_times import TIMES_COLUMNS, Times
from samsnakk.importing.tables import read_table

NAMES: Final = ("navn", "andre navn")
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "virksomhet": ("kode", *NAMES, "sted", "telefon", "orgnr", "tjeneste"),
    "enhet": ("kode", *NAMES, "sted", "telefon", "hører til", "avløser"),
    "fellesinnboks": (
        *("kode", *NAMES, "sted", "telefon", "hører til", "avløser"),
        *("kontakt", "åpningstid", "vaktplan", "nøkkel"),
    ),
    "rolle": ("kode", *NAMES, "sted", "telefon", "hører til", "funksjon", "person", "innboks"),
    "person": ("kode", *NAMES, "sted", "hører til", "tittel", "hpr", "nøkkel"),
    **TIMES_COLUMNS,
}
"""What may stand in a row of each type."""
COLUMNS: Final = tuple(dict.fromkeys(["type", *(column for columns in KINDS.values() for column in columns)]))


def read_csv(data: bytes, file: str, drafts: Drafts) -> None:
    """Everything that the file says. What is wrong is noted."""
    times = Times(drafts)
    for row in read_table(data, file, COLUMNS, drafts.problems):
        kind = values.text(row.cells.get("type", "")).casefold()
        reading = Reading(row, drafts)
        if kind not in KINDS:
            what = f"{shown(kind)} er ikke en type" if kind else "typen mangler"
            reading.wrong("type", what, f"Skriv {', '.join(KINDS)}.")
            continue
        for column in row.cells:
            if column not in ("type", *KINDS[kind]):
                reading.wrong(column, f"kolonnen gjelder ikke for en rad av typen {kind}", "La cellen stå tom.")
        if kind in TIMES_COLUMNS:
            times.read(kind, row)
        else:
            _read_thing(kind, reading)
    times.finish()


def _read_thing(kind: str, reading: Reading) -> None:
    code = reading.value("kode", values.own_code)
    name, read = _READERS[kind]
    if code is None or not reading.drafts.declare(code, name, reading.row.where("kode")):
        reading.sound = False
    names, place = reading.names(), reading.value("sted", values.place)
    read(reading, str(code), names, place)


def _organisation(r: Reading, code: str, names: tuple[str, ...], place: str) -> None:
    number, service = r.value("orgnr", values.organisation_number), r.value("tjeneste", values.code)
    phone = r.value("telefon", values.phone)
    r.finish(code, lambda: Organisation(names, place, number, service, phone))


def _unit(r: Reading, code: str, names: tuple[str, ...], place: str) -> None:
    parent, stands_in = r.above(), r.points("avløser", ("inbox",))
    phone = r.value("telefon", values.phone)
    r.finish(code, lambda: Unit(names, place, parent, stands_in, phone))


def _inbox(r: Reading, code: str, names: tuple[str, ...], place: str) -> None:
    parent, stands_in = r.above(), r.points("avløser", ("inbox",))
    hours, plan = r.points("åpningstid", ("hours",)), r.points("vaktplan", ("plan",))
    key, contact = r.value("nøkkel", values.principal), r.value("kontakt", values.code)
    phone = r.value("telefon", values.phone)
    if stands_in == r.drafts.id(code):
        r.wrong("avløser", "innboksen avløser seg selv", "Skriv koden til en annen fellesinnboks.")
    r.finish(code, lambda: Inbox(names, place, parent, key, contact, hours, plan, stands_in, phone))


def _role(r: Reading, code: str, names: tuple[str, ...], place: str) -> None:
    parent, person, inbox = r.above(), r.points("person", ("person",)), r.points("innboks", ("inbox",))
    function, phone = r.value("funksjon", values.code), r.value("telefon", values.phone)
    r.finish(code, lambda: Role(names, place, parent, function, person, inbox, phone))


def _person(r: Reading, code: str, names: tuple[str, ...], place: str) -> None:
    parent, key = r.above(), r.value("nøkkel", values.principal)
    title, number = r.value("tittel", values.place), r.value("hpr", values.personnel_number)
    r.finish(code, lambda: Person(names, place, parent, key, title, number))


_READERS: Final[dict[str, tuple[str, Callable[[Reading, str, tuple[str, ...], str], None]]]] = {
    "virksomhet": ("organisation", _organisation),
    "enhet": ("unit", _unit),
    "fellesinnboks": ("inbox", _inbox),
    "rolle": ("role", _role),
    "person": ("person", _person),
}
