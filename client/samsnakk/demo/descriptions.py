"""What a step is called in the timeline."""

from typing import Final

from domain.channel.terms import Audience, Standing
from samsnakk.demo import script as s

_DEEDS: Final = {
    s.Deed.RETRACT: "tar en melding tilbake",
    s.Deed.DONE: "sier at spørsmålet er besvart",
    s.Deed.APPROVE: "godkjenner",
    s.Deed.DECLINE: "sier nei",
    s.Deed.CONFIRM: "bekrefter overleveringen",
    s.Deed.WITHDRAW: "trekker samtykket, med en gang og overalt",
}


def describe(step: s.Step, script: s.Script) -> str:  # noqa: C901, PLR0911 - one case per step
    """One sentence about the step."""
    match step:
        case s.Arrive():
            return f"{step.by} ønsker {script.channel.user} velkommen, som får alt som er skrevet så langt."
        case s.About(what=what, target=target):
            return f"{step.by} {_DEEDS[what]} («{target}»)."
        case s.Misplace(target=target, hidden_from=hidden):
            return f"{step.by} sier at «{target}» havnet på feil sted, og skjuler den for {_names(hidden)}."
        case s.Take(offered=offered):
            return f"{step.by} tar {'imot ' if offered else ''}spørsmålet: nå har det en eier."
        case s.Offer(to=to):
            return f"{step.by} gir spørsmålet videre til {to}."
        case s.HandOver(to=to, ends_access=ends):
            after = "; da slutter tilgangen til den som er det nå" if ends else ""
            return f"{step.by} spør om {to} vil være tillitsperson{after}."
        case s.Close():
            return f"{step.by} avslutter kanalen."
        case s.Reopen():
            return f"{step.by} åpner kanalen igjen."
        case s.KillNode() | s.StartNode() | s.Depart():
            return _behind(step, script)
        case s.Expire(who=who):
            return f"Medlemskapet til {who} er slutt: det hadde en sluttdato."
        case _:
            return _membership(step, script)


def _behind(step: s.KillNode | s.StartNode | s.Depart, script: s.Script) -> str:
    match step:
        case s.KillNode(organisation=key):
            return f"Noden til {_organisation(key, script)} dør (kill -9). Samtalen går videre."
        case s.StartNode(organisation=key):
            return f"Noden til {_organisation(key, script)} er tilbake, med alt den hadde."
        case s.Depart(who=who):
            key = script.participants[who].organisation or ""
            return f"{who} slutter i {_organisation(key, script)}: strøket i registeret der, og ute straks."


def _organisation(key: str, script: s.Script) -> str:
    return next(o.name for o in script.organisations if o.key == key)


def _membership(step: s.Step, script: s.Script) -> str:
    match step:
        case s.Join(who=who, thread=thread, history=history, proposed=proposed):
            does = "foreslår" if proposed else "tar inn"
            return f"{step.by} {does} {_with_organisation(who, script)} i {_thread(thread, script)}, {_since(history)}."
        case s.Remove(who=who):
            return f"{step.by} går ut." if who == step.by else f"{step.by} tar {who} ut."
        case s.Grant(to=to, thread=thread, history=history):
            return f"{step.by} åpner {_thread(thread, script)} for {to}, {_since(history)}."
        case s.OpenThread(thread=thread, members=members):
            with_whom = [m for m in members if m != step.by]
            rest = f" sammen med {_names(tuple(with_whom))}" if with_whom else ""
            staff_only = script.threads[thread].audience is Audience.STAFF_ONLY
            kind = "en tråd bare for ansatte" if staff_only else "en tråd"
            return f"{step.by} åpner {kind}, {_thread(thread, script)}{rest}."
        case s.Post():
            return f"{step.by} skriver i {_thread(step.thread, script)}."
        case _:
            return step.label


def _names(keys: tuple[str, ...]) -> str:
    return " og ".join(filter(None, (", ".join(keys[:-1]), keys[-1]))) if keys else "ingen"


def _with_organisation(key: str, script: s.Script) -> str:
    participant = script.participants[key]
    found = [o.name for o in script.organisations if o.key == participant.organisation]
    if participant.standing is Standing.INBOX:
        inbox = next(o.inbox for o in script.organisations if o.key == participant.organisation)
        return f"fellesinnboksen «{inbox}» (i dag: {participant.name})"
    return f"{key} ({found[0]})" if found else key


def _thread(key: str, script: s.Script) -> str:
    return "fellestråden" if key == s.MAIN else f"«{script.threads[key].title}»"


def _since(history: str) -> str:
    if history == s.FROM_NOW:
        return "fra nå av"
    return "med alt som er skrevet" if history == s.ALL_HISTORY else f"med det som er skrevet siden «{history}»"
