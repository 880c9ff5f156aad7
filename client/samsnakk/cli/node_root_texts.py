"""What `samsnakk node root` says."""

from typing import Final

ASKED: Final = (
    "Filen {file} ber de andre virksomhetene om hjelp. Den er ikke hemmelig. Send den til dem, og ring hver av dem:\n"
    "les opp kontrollkoden for noen som kjenner deg. Minst {needed} av dem må gå god for den nye rotnøkkelen.\n"
    "Kontrollkode: {code}\n"
    "Når du har svarene: samsnakk node root replace … --support SVAR --support SVAR"
)
EXPLAIN: Final = (
    "{name} ber deg gå god for en ny rotnøkkel, fordi den gamle er stjålet eller borte. Med den styrer de hvem som er\n"
    "ansatt hos dem. En tyv vil be om det samme. Ring noen du kjenner hos {name}, på et nummer du har fra før, og be\n"
    "dem lese opp kontrollkoden. Skriv det du hører; ikke ta den fra en e-post eller fra filen."
)
SUPPORTED: Final = "Svaret ligger i {file}. Det er ikke hemmelig. Send det tilbake til dem som spurte."
NOT_TYPED: Final = "ikke det samme; ingenting er gjort"
WHAT_HAPPENS: Final = (
    "{name} får en ny rotnøkkel. Den gamle gjelder ikke mer, heller ikke hos den som eventuelt har stjålet den.\n"
    "Det denne noden har utstedt, gjelder fortsatt, og de ansatte merker ingenting. Det andre har utstedt i deres\n"
    "navn, slutter å gjelde. Dette kan ikke gjøres om. Skriv {word} for å gjøre det."
)
REPLACED: Final = (
    "Rotnøkkelen er byttet, og {kept} nøkkelstrømmer er ført videre. Sikkerhetskopier hele mappen nå, og slett gamle\n"
    "kopier av den forrige nøkkelen. Nye ansatte trenger den nye tillitsfilen: {trust}. Signer katalogen på nytt."
)
