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
GROUND_WORDS: Final[Mapping[str, str]] = {
    "feil-person": "wrong-person",
    "feil-eller-unødvendig": "wrong-or-unneeded",
    "rett-til-sletting": "persons-right",
    "ulovlig": "unlawful",
    "oppbevart-lenge-nok": "retention-over",
}
REASON_WORDS: Final[Mapping[str, str]] = {
    "plikt-til-å-oppbevare": "duty-to-keep",
    "ikke-grunn": "not-needed",
    "trengs-fortsatt": "still-needed",
    "feil": "mistake",
    "annet": "other",
}
NOTHING: Final = "Ingenting er slettet her, og ingen har bedt om det."
WISH: Final = "#{ref}: {who} ber {organisation} om å slette {targets}. Svar innen {date}."
LATE_ANSWER: Final = "  ADVARSEL: fristen for å svare er ute."
PROPOSAL: Final = (
    "#{ref}: {who} i {organisation} foreslår å slette {targets} ({ground}). Venter på en annen i {organisation}."
)
DECISION: Final = (
    "#{ref}: {organisation} vedtok {date} å slette {targets} ({ground}). "
    "Foreslått av {proposer}, bekreftet av {approver}."
)
HUB_DONE: Final = "  ✓ i huben, {date}"
HUB_MISSING: Final = "  … i huben: ikke utført ennå"
COPY_DONE: Final = "  ✓ i kopien hos {organisation}, {date}"
COPY_MISSING: Final = "  … i kopien hos {organisation}: noden har ikke bekreftet ennå"
NO_NODE: Final = "  … hos {organisation}: virksomheten har ingen godkjent node; spør dem om de har en kopi"
OVERDUE: Final = "  ADVARSEL: dette skulle vært bekreftet innen {date}. Ta kontakt med dem."
DEVICES: Final = "  Enhetene til deltakerne sletter neste gang de er på nett; det kan ingen bevise."
WISHED: Final = "Ønsket er sendt. Virksomheten svarer innen 30 dager; svaret kommer i tråden."
PROPOSED: Final = (
    "Forslaget er registrert som #{ref}. Ingenting er slettet ennå. En annen i virksomheten bekrefter det med:\n"
    "  samsnakk erase {channel} approve {ref} --as NAVN"
)
APPROVED: Final = (
    "Vedtatt. Innholdet er slettet for alle. Hvilke kopier som har bekreftet det, ser du med:\n"
    "  samsnakk erase {channel} --as {person}"
)
REFUSED: Final = "Registrert. Ingenting er slettet."
LINKED: Final = "\nMERK: {messages} retter noe av dette, eller er rettet av det. Foreslå det også, om det skal bort."
