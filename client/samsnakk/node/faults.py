"""What a hub did wrong in a channel, in words and as evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crypto import cbor
from crypto.cbor import CborInput
from domain.ids import ChannelId, Millis, OrganisationId
from samsnakk.private_files import write_private

ROLLED_BACK: Final = "rolled_back"
UNENTERED: Final = "revocation_not_entered"
ANOTHER_FILE: Final = "another_file"
LOG_FORKED: Final = "log_forked"
LOG_SHRUNK: Final = "log_shrunk"
LOG_UNSIGNED: Final = "log_unsigned"
ADVICE: Final = "Ta vare på filen ved siden av, stol ikke på huben, og ring sikkerhetskontakten."
_OTHERWISE: Final = (
    "Huben har vist noe i en samtale som ikke kan være riktig. Noden tar ikke imot mer av samtalen, "
    "og kopien fra før er urørt."
)
TEXTS: Final = {
    ROLLED_BACK: (
        "Huben har mindre enn den hadde før. Noe som var ført, er borte der. "
        "Noden har fortsatt sin kopi av det dere tok del i."
    ),
    UNENTERED: (
        "Huben fører ikke inn at noen er tilbakekalt eller har fått ny nøkkel. "
        "En som er ute, kan derfor fortsatt få det som skrives i samtalen."
    ),
    LOG_FORKED: (
        "Hubens logg går ikke videre fra den noden har sett før, eller er ikke den huben har signert. "
        "Noe kan være fjernet, endret, satt inn eller vist ulikt til ulike. Noden bekrefter den ikke."
    ),
    LOG_SHRUNK: (
        "Hubens logg er kortere enn den var. Noe som var ført, er borte, eller huben er lagt tilbake fra en "
        "sikkerhetskopi. Noden bekrefter den ikke."
    ),
    LOG_UNSIGNED: "Huben viser en logg som ikke er signert med nøkkelen dere har festet. Noden bekrefter den ikke.",
    ANOTHER_FILE: (
        "Et vedlegg er ikke den filen som meldingen viser til. Huben har byttet det ut, eller den som sendte det, "
        "sendte noe annet. Det er ikke tatt inn i kopien."
    ),
    "unauthorised_record": (
        "Huben viser noe reglene ikke tillater, for eksempel en deltaker ingen har sluppet inn. "
        "Noen kan lese med uten at det synes."
    ),
    "forged_record": "Huben viser noe som ikke er signert av den som skal ha gjort det.",
    "forked_history": (
        "Huben viser en annen historie enn den noden har kontrollert og tatt kopi av. "
        "Noe kan være fjernet, endret eller satt inn."
    ),
    "chain_broken": "Noe mangler eller er byttet ut i samtalen slik huben viser den.",
    "erased_content": "Huben leverer noe som er slettet etter vedtak. Det skulle ikke finnes der mer.",
    "unjustified_stub": "Huben holder tilbake noe deres virksomhet har rett til å ha kopi av.",
    "uncovered_content": "Huben ga ut innhold uten å føre det i innsynsloggen.",
    "logged_otherwise": "Noe annet står i hubens logg enn det huben har vist noden i samtalen.",
    "log_omits": "Noe huben har vist noden i samtalen, er utelatt fra hubens logg. Huben kan nekte for det senere.",
    "withheld_records": "Hubens logg har mer av samtalen enn huben gir noden. Noe nytt blir holdt tilbake.",
    "withheld_keys": (
        "Huben holder tilbake en nøkkel eller en tilbakekalling som den selv har vist til. "
        "En som er sperret, kan fortsatt bli trodd på."
    ),
    "substituted_key": "Huben viser en nøkkel eller et sertifikat som ikke er utstedt av den virksomheten det gjelder.",
}


@dataclass(frozen=True, slots=True)
class ChannelFault:
    """What went wrong in which channel of whom; sixteen zero bytes stand for the whole record."""

    organisation: OrganisationId
    channel: ChannelId
    code: str


@dataclass(frozen=True, slots=True)
class LogFault:
    """What is wrong with the hub's log."""

    code: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The folder in which evidence stays until somebody has acted."""

    folder: Path

    def keep(self, fault: ChannelFault, seen: Sequence[int | bytes], at: Millis) -> ChannelFault:
        """Write down what was seen, and what it means."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        file = self.folder / f"{fault.code}-{fault.channel.hex()[:8]}-{at}.cbor"
        write_private(file, cbor.encode([fault.code, fault.organisation, fault.channel, list(seen)]))
        return self.explain(fault)

    def keep_log(self, fault: LogFault, seen: Sequence[CborInput], at: Millis) -> None:
        """Write down what was seen of the log (note, text before it, why, last entries), and what it means."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write_private(self.folder / f"{fault.code}-{at}.cbor", cbor.encode([fault.code, *seen]))
        write_private(self.folder / f"{fault.code}-{at}.txt", f"{text_of(fault.code)}\n{ADVICE}\n".encode())

    def explain(self, fault: ChannelFault) -> ChannelFault:
        """Write down what it means; the frame as it came lies beside it already."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        file = self.folder / f"{fault.code}-{fault.channel.hex()[:8]}.txt"
        write_private(file, f"{text_of(fault.code)}\n{ADVICE}\n".encode())
        return fault


def text_of(code: str) -> str:
    """What the fault means, in plain Norwegian."""
    return TEXTS.get(code, _OTHERWISE)
