"""What to do about an error, in plain bokmål: for every code a person may meet, and for every error of the SDK."""

from collections.abc import Mapping
from typing import Final

from protocol.errors import Attack, BadContent, NulInText, ProtocolError, TextTooLong
from protocol.table import TABLE, Retry
from samsnakk.cli.refusal_texts import REFUSALS
from samsnakk.errors import ChannelEnded, HistoryBroken, Refused, SamsnakkError
from samsnakk.listings import ListingNotBelieved

_SUPPORT: Final = "Si fra til den som drifter programmet."
CODES: Final[Mapping[str, str]] = {
    **REFUSALS,
    "unknown_protocol": "Programmet er for gammelt. Oppdater det.",
    "unknown_kind": "Noe her er laget av et nyere program. Oppdater programmet ditt.",
    "too_large": "Det er for stort. Gjør det mindre, eller del det opp.",
    "not_signed_in": "Du er ikke logget inn. Logg inn, og prøv igjen.",
    "sign_in_failed": "Innloggingen gikk ikke. Logg inn på nytt.",
    "no_session": "Du er ikke logget inn lenger. Logg inn på nytt: samsnakk login.",
    "step_up_needed": "Dette krever at du viser hvem du er en gang til. Logg inn på nytt.",
    "session_not_bound": "Innloggingen er ikke knyttet til denne enheten. Logg inn på nytt herfra.",
    "device_needed": "Dette får bare en godkjent enhet. Bruk programmet på din egen enhet.",
    "somebody_else": "Den som er logget inn, er en annen enn den enheten hører til. Logg ut, og logg inn som deg selv.",
    "provider_unavailable": "Innloggingstjenesten svarer ikke. Vent litt, og prøv igjen.",
    "unknown_device": "Enheten er ikke godkjent. Be virksomheten din godkjenne den.",
    "device_not_valid": "Enheten er sperret, eller godkjenningen er gått ut. Be virksomheten godkjenne den på nytt.",
    "unknown_key": "En nøkkel er ikke kommet fram ennå. Vent litt, og prøv igjen.",
    "substituted_key": "En nøkkel er ikke den rette. Ikke skriv mer her, og si fra til sikkerhetsansvarlig.",
    "unknown_channel": "Det finnes ingen slik kanal, eller du er ikke med i den.",
    "history_behind": "Huben har mistet noe du har sett. Ikke skriv mer her, og si fra til sikkerhetsansvarlig.",
    "forked_history": "Du har sett en annen historikk enn de andre. Ikke skriv mer her, og si fra til "
    "sikkerhetsansvarlig.",
    "not_found": "Det finnes ikke, eller det er ikke for deg.",
    "not_a_witness": "Huben kjenner ikke denne noden som vitne. Kjør noden videre; den ber selv om sertifikat.",
    "stale_request": "Det tok for lang tid. Prøv igjen; sjekk at klokka på maskinen går riktig.",
    "unknown_invitation": "Vi finner ikke invitasjonen. Sjekk lenken, eller be om en ny.",
    "invitation_used": "Invitasjonen er brukt. Var det ikke deg? Ring den som inviterte deg, med en gang.",
    "invitation_expired": "Invitasjonen er gått ut på dato. Be om en ny.",
    "invitation_cancelled": "Invitasjonen er trukket tilbake eller byttet ut. Be om den nyeste.",
    "version_conflict": "Flere skrev samtidig. Prøv igjen.",
    "keyring_moved": "En annen av enhetene dine var raskere. Prøv igjen.",
    "inbox_file_moved": "En kollega fornyet fellesinnboksen akkurat nå. Prøv igjen.",
    "quota_exceeded": "Det ble for mye på kort tid. Vent litt, og prøv igjen.",
    "overloaded": "Huben har mye å gjøre. Vent litt, og prøv igjen.",
    "out_of_turn": "Noe du sendte før dette, gikk ikke. Send det på nytt først.",
    "draining": "Huben starter på nytt. Programmet kobler til igjen av seg selv.",
    "store_unavailable": "Det er uvisst om det ble lagret. Programmet prøver igjen av seg selv.",
    "store_full": "Huben har ikke plass. Ingenting er lagret. " + _SUPPORT,
    "slow_reader": "Forbindelsen er for treg. Programmet kobler til igjen; ingenting er mistet.",
    "internal_error": "Noe gikk galt i huben. Prøv igjen om litt. " + _SUPPORT,
}
BY_RETRY: Final[Mapping[Retry, str]] = {
    Retry.NEVER: f"Programmet og huben er ikke enige om hvordan dette gjøres. Oppdater programmet. {_SUPPORT}",
    Retry.REBUILD: "Noe endret seg akkurat nå. Prøv igjen.",
    Retry.LATER: "Det går ikke akkurat nå. Vent litt, og prøv igjen.",
    Retry.SIGN_IN: "Logg inn på nytt, og prøv igjen.",
}
"""Codes that a program should never let a person meet: what helps, without saying more than is known."""
_STOP: Final = "Ikke skriv mer i kanalen. Ta vare på filen med bevis, og si fra til sikkerhetsansvarlig."
STOP: Final = f"STOPP: Det som vises her, er ikke til å stole på. {_STOP}"
ATTACKS: Final[Mapping[str, str]] = {
    "chain_broken": "Noe er fjernet, endret eller byttet om i samtalen slik huben viser den.",
    "forged_record": "Huben viser noe som ikke er gjort av den det står at har gjort det.",
    "unauthorised_record": "Huben viser noe reglene ikke tillater, for eksempel en deltaker som ingen har sluppet inn. "
    "Noen kan lese med uten at du vet det.",
    "erased_content": "Huben viser noe som er slettet etter vedtak. Det skulle ikke finnes der mer.",
    "unjustified_stub": "Huben holder tilbake noe du har rett til å se.",
    "substituted_key": "Huben viser en nøkkel eller en godkjenning som ikke er den rette. Noen kan gi seg ut for å "
    "være en annen.",
    "withheld_keys": "Huben holder tilbake en ny nøkkel eller en sperring. Noen som er sperret, kan fortsatt bli trodd "
    "på.",
    "unentered_keys": "Noen er sperret eller har fått ny nøkkel, og huben lar som ingenting. Noen som er sperret, kan "
    "fortsatt få det som skrives.",
    "forked_history": "Huben viser deg en annen historikk enn den viser andre, eller enn du har sett før.",
    "uncovered_content": "Huben ga ut innhold uten å føre det i innsynsloggen.",
    "forged_checkpoint": "Huben viser en logg som ikke er signert med dens egen nøkkel. Noen kan ha tatt dens plass.",
    "forked_log": "Huben viser deg en annen logg enn før, eller enn den viser andre. Noe kan være fjernet.",
    "false_log_proof": "Huben kan ikke vise at det du ser, står i loggen.",
    "logged_otherwise": "Noe annet står i loggen enn det huben viser deg.",
    "log_omits": "Noe du har skrevet eller lest, er utelatt fra loggen. Huben kan nekte for det senere.",
    "promise_broken": "Huben har lovet med underskrift at noe skulle stå i loggen, og det står der ikke.",
    "withheld_records": "Huben holder tilbake noe nytt i en samtale der du er med.",
}
"""What a hub, or whoever has broken into it, was caught at."""
ERRORS: Final[Mapping[str, str]] = {
    "Disconnected": "Får ikke kontakt. Programmet kobler til igjen av seg selv; det du har skrevet, er tatt vare på.",
    "NotInTime": "Huben svarte ikke i tide. Sjekk nettet; ingenting av det du har sendt, er mistet.",
    "ClientClosed": "Programmet ble avsluttet. Start det igjen: det som ikke er sendt, er tatt vare på.",
    "ChannelEnded": "Du er ikke lenger med i denne kanalen. Spør en som er med, om å ta deg inn igjen.",
    "NoLogPin": "Profilen husker ikke noe av hubens logg, så den kan ikke kontrolleres. Hent tilbake hele mappen, "
    "eller lag en ny profil.",
    "NoSingleInbox": "Virksomheten har ingen fellesinnboks, eller flere. Skriv navnet på den som skal være med.",
    "NotAnswered": "Ingen har svart på invitasjonen ennå. Vent til brukeren har åpnet lenken og sagt ja.",
    "CannotUnlock": "Profilen lar seg ikke åpne. Sjekk passordet; husker du det ikke, bruk en annen enhet.",
    "BadProfile": "Mappen er ingen profil, eller den er skadet. Hent den tilbake, eller lag en ny.",
    "AttachmentTooLarge": "Filen er større enn 25 MiB. Gjør den mindre, eller del den opp.",
    "CannotReadFile": "Filen finnes ikke, eller den kan ikke leses.",
    "CannotWriteFile": "Filen kan ikke lagres der. Velg en annen mappe.",
    "AttachmentDamaged": "Det som kom, er ikke filen som ble sendt. Be avsenderen sende den på nytt.",
    "KeyringNotCurrent": "Huben ga deg en gammel nøkkelring. Ingenting av den er brukt. Prøv igjen; skjer det en gang "
    "til, si fra til sikkerhetsansvarlig.",
    "NoKeyring": "Det ligger ingen nøkkelring hos huben. Sjekk koden, eller legg den der fra en annen enhet.",
    "SomebodyElseSignedIn": "Det var en annen som logget inn. Ingenting er endret; logg inn som den profilen tilhører.",
    "NotOneOfTheDevices": "Nøkkelringen er ikke for denne enheten. Slipp den inn fra en annen, eller bruk koden.",
    "NotEligible": "Du er ikke en av dem som svarer for denne fellesinnboksen. Spør den som styrer den hos dere.",
    "InboxHasNoKey": "Fellesinnboksen har ingen nøkkel ennå. Lag den: samsnakk inbox renew.",
    "NoSeatYet": "Du er satt opp til å svare for fellesinnboksen, men nøklene er ikke kommet til deg. De kommer når en "
    "kollega som svarer for den, åpner Samsnakk. Hjelper ikke det, holder huben dem tilbake: si fra til "
    "sikkerhetsansvarlig.",
    "InboxFileNotBelieved": "Huben ga deg noe som ikke er nøklene til fellesinnboksen. Ingenting av det er brukt. Prøv "
    "igjen; skjer det en gang til, si fra til sikkerhetsansvarlig.",
    "InboxFileOld": "Huben ga deg gamle nøkler til fellesinnboksen, ikke de virksomheten har godkjent sist. Ingenting "
    "av det er brukt. Prøv igjen; skjer det en gang til, si fra til sikkerhetsansvarlig.",
    "InboxFileForeign": "Huben ga deg nøklene til en annen fellesinnboks. Ingenting av det er brukt. Si fra til "
    "sikkerhetsansvarlig.",
    "InboxFileWithheld": "Huben holder nøklene til fellesinnboksen tilbake: den sier at de ikke finnes, men "
    "virksomheten har godkjent dem. Ingenting er mistet. Si fra til sikkerhetsansvarlig.",
    "InboxReadersMoved": "Huben viser ikke det virksomhetens node sier om hvem som svarer for fellesinnboksen. Det er "
    "ikke laget noen ny nøkkel. Prøv igjen; skjer det en gang til, si fra til sikkerhetsansvarlig.",
    "NoSuchPasskey": "Ingen passnøkkel med det navnet åpner nøkkelringen. Se hva de heter: samsnakk passkey list.",
    "PasskeyDoesNotOpen": "Det nettleseren ga oss, åpner ikke nøkkelringen. Ingenting er gitt videre. Prøv én gang "
    "til; hjelper det ikke, bruk en annen enhet eller arket med gjenopprettingskoden.",
    "TooManyWaysIn": "Nøkkelringen har ikke plass til flere. Steng ute en enhet du ikke bruker: "
    "samsnakk device lost NAVN.",
    "CodesDiffer": "De to enhetene viser ikke det samme. Ingenting er gitt fra deg. Begynn på nytt; skjer det igjen, "
    "stopp.",
}
NUL: Final = "Teksten har et tegn som ikke kan lagres (U+0000). Ta det bort."
TOO_LONG: Final = "Teksten er for lang. Del den opp."
BAD_TEXT: Final = "Teksten har tegn som ikke kan lagres. Skriv den på nytt."
UNKNOWN: Final = f"Noe uventet skjedde. Prøv igjen. {_SUPPORT}"


class Unclear(SamsnakkError):
    """What was typed means nobody here, or too many; the advice is for people, in their language."""

    def __init__(self, advice: str) -> None:
        super().__init__("not understood", advice)


def told(error: BaseException) -> str:  # noqa: C901, PLR0911 - one case per sort of error
    """What a person should do about an error; never in another language, and never without advice."""
    match error:
        case HistoryBroken(problem=problem):
            return _stop(problem.code)
        case ListingNotBelieved():
            return str(error)
        case Attack(code=code):
            return _stop(code)
        case ChannelEnded():
            return ERRORS["ChannelEnded"]
        case Unclear(advice=advice):
            return advice
        case Refused(code=code):
            return _of_code(code)
        case NulInText():
            return NUL
        case TextTooLong():
            return TOO_LONG
        case BadContent():
            return BAD_TEXT
        case SamsnakkError():
            return next((ERRORS[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in ERRORS), UNKNOWN)
        case ProtocolError(code=code):
            return _of_code(code)
        case _:
            return UNKNOWN


def _stop(code: str) -> str:
    what = ATTACKS.get(code)
    return STOP if what is None else f"STOPP: {what} {_STOP}"


def _of_code(code: str) -> str:
    found = CODES.get(code)
    if found is not None:
        return found
    row = TABLE.get(code)
    return BY_RETRY[row.retry] if row is not None else "Programmet kjenner ikke svaret fra huben. Oppdater det."
