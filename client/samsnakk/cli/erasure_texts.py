"""What people read about erasing: plain bokmål."""

from collections.abc import Mapping
from typing import Final

ERASURE_FACTS: Final[Mapping[str, str]] = {
    "erasure-requested/1": "{author} ber {organisation} om å slette {targets}",
    "erasure-proposed/1": "{author} foreslår å slette {targets} ({ground})",
    "erasure-approved/1": "{author} bekreftet vedtaket om sletting i #{ref}. Innholdet er slettet for alle",
    "erasure-refused/1": "{author} sa nei til sletting (#{ref}): {reason}",
    "copy-erased/1": "slettingen i #{ref} er utført: {holder}",
}
GROUNDS: Final[Mapping[str, str]] = {
    "wrong-person": "skrevet om feil person, helsepersonelloven § 44",
    "wrong-or-unneeded": "feil eller unødvendig, helsepersonelloven § 43",
    "persons-right": "brukerens rett til sletting, personvernforordningen artikkel 17",
    "unlawful": "skulle aldri vært her, personvernforordningen artikkel 17 nr. 1 d",
    "retention-over": "oppbevaringstiden er over",
}
REASONS: Final[Mapping[str, str]] = {
    "duty-to-keep": "loven sier at det skal tas vare på",
    "not-needed": "det er ikke grunn til å slette",
    "still-needed": "det trengs fortsatt for å hjelpe",
    "mistake": "forslaget var en feil",
    "other": "se begrunnelsen i tråden",
}
HUBS_COPY: Final = "i huben"
NODES_COPY: Final = "i kopien hos {holder}"
ERASED: Final = "Slettet etter vedtak"
ERASED_BY: Final = (
    "Slettet etter vedtak i {organisation}, {date}: {ground}. Foreslått av {proposer}, bekreftet av {approver}."
)
MANY: Final = "{number} meldinger fra #{first} til #{last}"
