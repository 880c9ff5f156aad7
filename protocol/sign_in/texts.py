"""What people are told when a sign-in did not work, by the code of its refusal (bokmål)."""

from typing import Final

from protocol.sign_in.refusals import ProviderUnavailable, Why

REASONS: Final = {
    Why.CANCELLED.value: "Du avbrøt innloggingen.",
    Why.EXPIRED.value: "Det gikk for lang tid. Prøv igjen.",
    Why.LEVEL_TOO_LOW.value: "Innloggingen var ikke sikker nok. Velg for eksempel BankID.",
    Why.STALE_LOGIN.value: "Det er for lenge siden du logget inn. Logg inn på nytt.",
    Why.WRONG_STATE.value: "Innloggingen ble startet i en annen nettleser, eller siden er brukt før.",
    Why.PERSON_ENDED.value: "Virksomheten din har meldt at du har sluttet der. Spør dem hvis det ikke stemmer.",
    ProviderUnavailable.code: "Innloggingstjenesten svarer ikke akkurat nå. Vent litt og prøv igjen.",
}
NOT_SAID: Final = "Noe stemte ikke, så vi logget deg ikke inn. Prøv igjen."
"""For everything else: what exactly did not hold is for whoever looks after the machine."""
