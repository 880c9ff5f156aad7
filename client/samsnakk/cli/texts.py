"""Every text the commands show to people who talk in a channel. Another language is another `Texts`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samsnakk.cli import audit_texts
from samsnakk.cli.erasure_texts import ERASED, ERASURE_FACTS
from samsnakk.cli.rights_texts import ORGANISATION_KINDS, RELATIONS, RIGHTS_HELP, RIGHTS_USAGE, UNDOING


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language. Braces are filled in with `str.format`."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    day_of_this_year: str
    time_in_another_day: str
    you: str
    you_object: str
    joined_title: str
    hidden: str
    on_its_way: str
    retracted: str
    erased: str
    newer_version: str
    late: str
    question: str
    agreement: str
    met: str
    task: str
    due: str
    by_then: str
    title: str
    reason: str
    summary: str
    contact: str
    attachment: str
    corrects: str
    in_thread: str
    main_thread: str
    unnamed_thread: str
    staff_only: str
    with_user: str
    seen_by: str
    recorded: str
    writes: str
    write_several: str
    connecting: str
    connected: str
    ended: str
    refused: str
    not_understood: str
    usage: Mapping[str, str]
    usage_is: str
    help: str
    who: str
    tillitsperson: str
    until: str
    threads: str
    now_in: str
    no_such_thread: str
    cannot_write: str
    no_files: str
    saved: str
    still_sending: str
    goodbye: str
    facts: Mapping[str, str]
    about_oneself: Mapping[str, str]
    functions: Mapping[str, str]
    ages: Mapping[str, str]
    death: str
    not_dead: str
    on_basis: str
    undoing: Mapping[str, str]
    undone: str
    relations: Mapping[str, str]
    organisation_kinds: Mapping[str, str]
    verifying: str
    verified: str
    access_verified: str
    not_verified: str
    stub: str
    access_title: str
    access_opened: str
    access_closed: str
    access_disclosed: str
    access_stub: str
    purposes: Mapping[str, str]

    def time(self, moment: datetime) -> str:
        """The time of day."""
        return f"{moment:%H:%M}"

    def date(self, moment: datetime, now: datetime | None = None) -> str:
        """A day in words, without the year where it is that of `now`."""
        form = self.day if now is None or now.year != moment.year else self.day_of_this_year
        weekday, month = self.weekdays[moment.weekday()], self.months[moment.month - 1]
        return form.format(weekday=weekday, day=moment.day, month=month, year=moment.year)

    def moment(self, moment: datetime, now: datetime) -> str:
        """A point in time: the time alone if it is today."""
        if moment.date() == now.date():
            return self.time(moment)
        return self.time_in_another_day.format(date=self.date(moment, now), time=self.time(moment))


BOKMAL: Final = Texts(
    weekdays=("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    months=(
        *("januar", "februar", "mars", "april", "mai", "juni"),
        *("juli", "august", "september", "oktober", "november", "desember"),
    ),
    day="{weekday} {day}. {month} {year}",
    day_of_this_year="{weekday} {day}. {month}",
    time_in_another_day="{date} kl. {time}",
    you="du",
    you_object="deg",
    joined_title="{channel} · {number} deltakere",
    hidden="(ikke for deg)",
    on_its_way="(nøkkelen er på vei)",
    retracted="(trukket tilbake)",
    erased=f"({ERASED})",
    newer_version="(trenger en nyere versjon av programmet)",
    late="(åpnet for deg i ettertid)",
    question="Spørsmål",
    agreement="Avtale",
    met="Til stede: {names}",
    task="☐ {who}: {what}",
    due="ønsker svar innen {time}",
    by_then="innen {time}",
    title="Tråden heter",
    reason="Begrunnelse",
    summary="Oppsummering",
    contact="Hvem du kan kontakte nå: {text}",
    attachment="Vedlegg: {name}",
    corrects="retter #{version}",
    in_thread="i «{thread}»",
    main_thread="Felles tråd",
    unnamed_thread="Tråd {number}",
    staff_only="bare ansatte",
    with_user="med brukeren",
    seen_by="sett av {names}",
    recorded="registrert",
    writes="{name} skriver …",
    write_several="{names} skriver …",
    connecting="Kobler til …",
    connected="Alt er sjekket fram til nr. {version}. Skriv en melding, eller /hjelp.",
    ended="Du er ikke lenger med i denne kanalen.",
    refused="Det gikk ikke: {advice}",
    not_understood="Den kommandoen finnes ikke. /hjelp viser dem som finnes.",
    usage={
        "ask": "/spør TEKST",
        "take": "/ta NUMMER [TID], for eksempel: /ta 12 4t",
        "done": "/ferdig NUMMER",
        "retract": "/trekk NUMMER",
        "file": "/fil STI, for eksempel: /fil ~/Bilder/tegning.png",
        "save": "/lagre NUMMER [MAPPE]",
        "thread": "/tråd [NUMMER]",
        **RIGHTS_USAGE,
    },
    usage_is="Slik skrives det: {usage}",
    help=(
        "Skriv en melding og trykk linjeskift.\n"
        "  /spør TEKST          still et spørsmål som noen kan ta\n"
        "  /ta NUMMER [4t|2d]   ta et spørsmål, eventuelt med frist\n"
        "  /ferdig NUMMER       spørsmålet er besvart\n"
        "  /trekk NUMMER        trekk tilbake en melding du har skrevet\n"
        "  /fil STI             send en fil, forseglet som alt annet; høyst 25 MiB\n"
        "  /lagre NUMMER [MAPPE] lagre filene i en melding på denne maskinen\n"
        "  /tråd [NUMMER]       vis trådene, eller gå til en annen\n"
        "  /hvem                hvem er med?\n"
        f"{RIGHTS_HELP}"
        "  /slutt               avslutt\n"
        "Kommandoene finnes også på engelsk: /ask /take /done /retract /file /save /thread /who /quit.\n"
        "En melding som skal begynne med skråstrek, skrives med to."
    ),
    who="Med i «{thread}»:",
    tillitsperson="tillitsperson",
    until="til {time}",
    threads="Tråder:",
    now_in="Du skriver nå i «{thread}».",
    no_such_thread="Du er ikke med i noen tråd med det nummeret.",
    cannot_write="Kunne ikke sende: {advice}",
    no_files="#{version} har ingen filer som du kan lese.",
    saved="Lagret: {path}",
    still_sending="{number} meldinger er ikke sendt ennå; de sendes neste gang du kobler til.",
    goodbye="Ha det!",
    facts={
        "channel-opened/1": "{author} åpnet kanalen",
        "user-arrived/1": "{who} er kommet med",
        "thread-opened/1": "{author} åpnet en tråd ({audience})",
        "participant-joined/1": "{author} la til {whom}",
        "participant-left/1": "{who} er ikke lenger med",
        "tillitsperson-proposed/1": "{author} foreslår {whom} som tillitsperson",
        "tillitsperson-confirmed/1": "{author} bekrefter ny tillitsperson",
        "history-granted/1": "{author} åpnet eldre meldinger for {whom}",
        "message-retracted/1": "{author} trakk tilbake #{target}",
        "message-misplaced/1": "{author} meldte at #{target} havnet feil",
        "deviation-closed/1": "{author} lukket avviket",
        "question-taken/1": "{author} tok spørsmålet #{target}{until}",
        "question-offered/1": "{author} vil gi spørsmålet #{target} videre til {whom}",
        "question-accepted/1": "{author} overtok spørsmålet #{target}{until}",
        "question-done/1": "{author}: spørsmålet #{target} er besvart",
        "channel-closed/1": "{author} avsluttet kanalen",
        "channel-reopened/1": "{author} åpnet kanalen igjen",
        "proposed/1": "{author} foreslår å ta med {whom}",
        "approved/1": "{author} sa ja til forslaget",
        "declined/1": "{author} sa nei til forslaget",
        "epoch-opened/1": "{author} laget ny nøkkel",
        "wrap-failed/1": "{author} fikk ikke åpnet nøkkelen sin",
        "messages-seen/1": "{author} har sett alt til og med #{upto}",
        "key-moved/1": "nye nøkler for {whom}",
        "message-posted/1": "{author} skrev",
        "consent-given/1": "{author} samtykker til at {organisation} er med her{until}",
        "consent-limited/1": "{author} begrenset samtykket til {organisation}{until}",
        "consent-withdrawn/1": "{author} trakk samtykket til {organisation} tilbake",
        "age-recorded/1": "{author} registrerte aldersgruppe: {age}",
        "thread-shielded/1": "{author} skjermet tråden for dem som har foreldreansvar",
        "shield-lifted/1": "{author} opphevet skjermingen{basis}",
        "participant-blocked/1": "{author} vil ikke ha kontakt med {whom} her",
        "deviation-opened/1": "{author} meldte et avvik til {organisation}",
        "death-reported/1": "{author} registrerte {death}",
        "arrival-undone/1": "{author} {undoing}",
        "care-claimed/1": "{author} står inne for at {relation}, med hjemmel i «{basis}»",
        "organisation-stated/1": "{author} oppga at {organisation} er {kind}",
        **ERASURE_FACTS,
        **audit_texts.FACTS,
    },
    about_oneself={"participant-joined/1": "{author} ble med", "participant-left/1": "{author} gikk ut"},
    functions={
        "psychologist": "psykolog",
        "nurse": "sykepleier",
        "mental-health-worker": "psykisk helsearbeider",
        "housing-consultant": "boligkonsulent",
        "adviser": "veileder",
        "general-practitioner": "fastlege",
        "case-worker": "saksbehandler",
        "reception": "ekspedisjon",
        "relative": "pårørende",
        "parent": "forelder",
        "guardian": "verge",
        "partner": "partner",
        "child": "barn",
        "sibling": "søsken",
        "friend": "venn",
        "proxy": "fullmektig",
        "proxy:consent": "fullmektig, kan samtykke for brukeren",
    },
    ages={"under_12": "under 12 år", "12_to_15": "12 til 15 år", "16_and_over": "16 år eller eldre"},
    death="at brukeren er død",
    not_dead="at meldingen om dødsfall var en feil",
    on_basis=" med hjemmel i «{basis}»",
    undoing=UNDOING,
    undone="bekreftet det. Den som var inne, er ute",
    relations=RELATIONS,
    organisation_kinds=ORGANISATION_KINDS,
    verifying="Sjekker nr. {version} …",
    verified=(
        "✓ {number} hendelser er sjekket fra den første av: hver signatur, hver nøkkel, rekkefølgen, reglene, og at "
        "ingenting du har rett til å lese, er skjult."
    ),
    access_verified=(
        "✓ {number} linjer i innsynsloggen er sjekket: hver er signert av huben, og hvert innsyn av den som leste."
    ),
    not_verified="✗ Historikken er ikke til å stole på.",
    stub="forseglet, ikke for deg",
    access_title="Innsynslogg",
    access_opened="{reader} leser fra nå · {purpose}",
    access_closed="lesingen i linje {ref} er slutt; siste nr. {upto}",
    access_disclosed="{reader} hentet nr. {start}–{until} · {purpose}",
    access_stub="en annens innsyn",
    purposes={
        "treatment": "behandling",
        "coordination": "samarbeid",
        "own_record": "egne opplysninger",
        "emergency": "nødssituasjon",
        "audit": "kontroll",
        "archive": "virksomhetens arkiv, forseglet",
    },
)
"""Norwegian bokmål."""
