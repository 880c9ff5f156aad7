"""`samsnakk log check EVIDENCE`: what evidence about the hub's log proves; `samsnakk log pin`: where to begin."""

import argparse
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from protocol.errors import ForgedCheckpoint, MalformedEvidence
from protocol.global_log import read_checkpoint
from protocol.log_evidence import LogEvidence, decode_evidence
from protocol.log_judging import Finding, judge
from protocol.trust import BadTrustFile, Trust, decode_trust
from protocol.witnesses import log_key
from samsnakk.cli.places import NoPlace, find_profile
from samsnakk.profile import LOG_PIN, keep_log_pin

FINDINGS: Final[Mapping[Finding, str]] = {
    Finding.TWO_LOGS: "BEVIST: Huben har signert to ulike logger som er like lange. Begge kan ikke være sanne.",
    Finding.REWRITTEN: "BEVIST: Huben har signert en logg, og senere en annen der noe i den første er skrevet om.",
    Finding.PROMISE_BROKEN: "BEVIST: Huben har signert at noe skulle stå på en plass i loggen, og signert en logg der "
    "det ikke står.",
    Finding.NOT_SIGNED: "Vist, ikke bevist: Det som kom, er ikke signert av huben. Noen kan ha tatt dens plass.",
    Finding.NOT_SHOWN: "Vist, ikke bevist: Huben viste ikke at loggen går videre fra den som var sett før. Be huben om "
    "å vise det.",
    Finding.SEEN_OTHERWISE: "Vist, ikke bevist: Loggen sier noe annet om en samtale enn det huben viste. Be flere i "
    "samtalen om å sammenligne.",
    Finding.NO_CONTRADICTION: "Filen motsier ikke huben: alt i den passer sammen.",
}
_WHEN: Final = "Sett {when}. Gjelder feilen {code}."
_BAD_FILE: Final = "Filen er ikke et bevis om en logg."
_BAD_TRUST: Final = "Tillitsfilen kan ikke leses."
_ANOTHER: Final = "Beviset gjelder en annen hub enn den tillitsfilen nevner."
_FORGED: Final = "Dette er ikke en kontrollpost som huben i tillitsfilen har signert. Ingenting er endret."
_PINNED_ALREADY: Final = "Profilen husker allerede en kontrollpost, og går aldri tilbake. Ingenting er endret."
_PINNED: Final = "Profilen holder nå hubens logg opp mot denne kontrollposten."


def run(given: argparse.Namespace) -> int:
    """For `check` 0 where the hub is convicted, 1 where not; 2 where a file cannot be used."""
    return _check(given.evidence, given.trust) if given.step == "check" else _pin(given)


def _check(file: Path, trusted: Path) -> int:
    try:
        trust = decode_trust(trusted.read_bytes())
    except (OSError, BadTrustFile):
        return _say(_BAD_TRUST)
    try:
        evidence = decode_evidence(file.read_bytes())
    except (OSError, MalformedEvidence):
        return _say(_BAD_FILE)
    if evidence.deployment != trust.deployment:
        return _say(_ANOTHER)
    return _tell(evidence, trust)


def _tell(evidence: LogEvidence, trust: Trust) -> int:
    finding = judge(evidence, log_key(trust))
    when = datetime.fromtimestamp(evidence.seen_at / 1000, UTC).astimezone()
    print(FINDINGS[finding])
    print(_WHEN.format(when=f"{when:%d.%m.%Y kl. %H.%M}", code=evidence.code))
    return 0 if finding.is_proof else 1


def _pin(given: argparse.Namespace) -> int:
    try:
        unlocked, _ = find_profile(given.person, given.data, given.url)
        note = given.checkpoint.read_text("utf-8")
        read_checkpoint(note, log_key(unlocked.trust))
    except NoPlace as error:
        return _say(f"samsnakk log: {error}")
    except (OSError, UnicodeDecodeError, ForgedCheckpoint):
        return _say(_FORGED)
    if (unlocked.folder / LOG_PIN).exists():
        return _say(_PINNED_ALREADY)
    keep_log_pin(unlocked.folder, unlocked.keyring_key, note)
    print(_PINNED)
    return 0


def _say(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 2
