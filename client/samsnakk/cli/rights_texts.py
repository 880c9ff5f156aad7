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
