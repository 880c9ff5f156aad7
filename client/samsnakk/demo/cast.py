"""Who plays in the demonstration. Everybody here is invented; the organisation numbers belong to nobody."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class OrganisationSpec:
    """An organisation to be made: `key` is how scripts and commands call it, `name` what people read.

    `node`: the key of the organisation whose node serves it; empty: its own.
    """

    key: str
    name: str
    number: str
    inbox: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class PersonSpec:
    """A person to be made. `organisation`: the key of theirs, None for the user and those she brings along."""

    key: str
    name: str
    title: str
    organisation: str | None = None


ORGANISATIONS: Final = (
    OrganisationSpec("dps", "Fjellheim DPS", "000000019", "Fjellheim DPS, vakttelefon"),
    OrganisationSpec("nordvik", "Nordvik kommune", "000000027", "Nordvik kommune, psykisk helse og rus"),
    OrganisationSpec("sorvik", "Sørvik kommune", "000000035", "Sørvik kommune, bolig og oppfølging"),
    OrganisationSpec("nav", "NAV Nordvik", "000000043", "NAV Nordvik, oppfølging"),
    OrganisationSpec("legekontor", "Torget legekontor", "000000051", "Torget legekontor, ekspedisjonen"),
)
"""Four organisations and a GP surgery."""

PEOPLE: Final = (
    PersonSpec("Elle", "Elle Márjá Njárgajávri", "bruker (oppdiktet)"),
    PersonSpec("Máhtte", "Máhtte Njárgajávri", "bror (oppdiktet)"),
    PersonSpec("Kari", "Kari Lindmoen", "psykolog (oppdiktet)", "dps"),
    PersonSpec("Jon", "Jon Åsbakken", "sykepleier (oppdiktet)", "dps"),
    PersonSpec("Ingrid", "Ingrid Solhaugen", "psykisk helsearbeider (oppdiktet)", "nordvik"),
    PersonSpec("Ola", "Ola Vassli", "boligkonsulent (oppdiktet)", "sorvik"),
    PersonSpec("Berit", "Berit Ánne Guovdu", "veileder (oppdiktet)", "nav"),
    PersonSpec("Torstein", "Torstein Myrdal", "fastlege (oppdiktet)", "legekontor"),
)
"""The user, her brother, and staff of all five organisations."""
