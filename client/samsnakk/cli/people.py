"""What people, organisations and threads are called on the screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.channel import events as e
from protocol.contents import Title
from protocol.trust import Trust
from samsnakk.channel_events import ChannelEvent
from samsnakk.cli.audit_words import audit_facts
from samsnakk.cli.erasure_words import about_erasing
from samsnakk.cli.rights_texts import BASIS_WORDS
from samsnakk.cli.shown import one_line
from samsnakk.cli.texts import Texts

_COLOURS: Final = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")


@dataclass(frozen=True, slots=True)
class Names:
    """Names from the trust file, as safe single lines."""

    trust: Trust
    me: bytes
    texts: Texts

    def of(self, principal: bytes | None) -> str:
        """Who does something: a person, inbox or vault; "you" for the reader."""
        if principal is None:
            return "Samsnakk"
        return self.texts.you if principal == self.me else self.full(principal)

    def whom(self, principal: bytes | None) -> str:
        """Whom something is done to; nobody, if nobody is meant."""
        if principal is None:
            return ""
        return self.texts.you_object if principal == self.me else self.full(principal)

    def full(self, principal: bytes) -> str:
        """The name, also of the reader."""
        return one_line(self.trust.name_of(principal))

    def organisation(self, organisation: bytes | None) -> str:
        """An organisation's name; nothing for those who belong to none."""
        found = [o.name for o in self.trust.organisations if o.id == organisation]
        return one_line(found[0]) if found else ""

    def title(self, principal: bytes) -> str:
        """What the person is, in the trust file's words."""
        found = [p.title for p in self.trust.people if p.id == principal]
        return one_line(found[0]) if found else ""

    def employer(self, principal: bytes) -> str:
        """The organisation a person or inbox belongs to."""
        found = [p.organisation for p in self.trust.people if p.id == principal]
        return self.organisation(found[0]) if found else ""

    def colour(self, principal: bytes | None) -> str:
        """The same colour for the same person, in every run."""
        people = [person.id for person in self.trust.people]
        return _COLOURS[people.index(principal) % len(_COLOURS)] if principal in people else "default"


@dataclass(slots=True)
class Threads:
    """Which threads there are, learnt from the events as they come."""

    texts: Texts
    titles: dict[int, str] = field(default_factory=dict)
    audiences: dict[int, str] = field(default_factory=lambda: {0: "with_user"})

    def learn(self, event: ChannelEvent) -> None:
        """Take in an event."""
        if event.thread is None:
            return
        if isinstance(event.facts, e.ThreadOpened):
            self.audiences[event.thread] = event.facts.audience.value
        if isinstance(event.content, Title):
            self.titles[event.thread] = one_line(event.content.text)

    def name(self, number: int) -> str:
        """The thread's title, as far as this reader knows it."""
        if number in self.titles:
            return self.titles[number]
        return self.texts.main_thread if number == 0 else self.texts.unnamed_thread.format(number=number)

    def audience(self, number: int) -> str:
        """Whom the thread is for."""
        staff_only = self.audiences.get(number) == "staff_only"
        return self.texts.staff_only if staff_only else self.texts.with_user


def subject_of(facts: object) -> bytes | None:
    """The principal an act is about, if it is about one."""
    match facts:
        case e.ParticipantJoined(principal=who) | e.ParticipantLeft(principal=who) | e.KeyMoved(principal=who):
            return who
        case e.TillitspersonProposed(receiver=who) | e.QuestionOffered(receiver=who):
            return who
        case e.HistoryGranted(recipient=who):
            return who
        case e.Proposed(joined=joined):
            return joined.principal
        case e.UserArrived(user=who) | e.ParticipantBlocked(principal=who):
            return who
        case _:
            return None


def named_facts(event: ChannelEvent, names: Names) -> Mapping[str, str]:
    """What the sentences of `Texts.facts` are filled in with."""
    facts = event.facts
    who = subject_of(facts)
    return {
        "author": names.of(event.author),
        "who": names.of(who),
        "whom": names.whom(who),
        "audience": names.texts.staff_only if _staff_only(facts) else names.texts.with_user,
        "target": str(getattr(facts, "target", "")),
        "upto": str(getattr(facts, "upto", "")),
        "until": "",
        "organisation": names.organisation(getattr(facts, "organisation", event.organisation)),
        **_about_user(facts, names.texts),
        **about_erasing(facts, names.of),
        **audit_facts(facts, names.of),
    }


def _about_user(facts: object, texts: Texts) -> Mapping[str, str]:
    match facts:
        case e.AgeRecorded(group=group):
            return {"age": texts.ages[group.value]}
        case e.DeathReported(died=died):
            return {"death": texts.death if died else texts.not_dead}
        case e.ShieldLifted(legal_basis=basis):
            return {"basis": "" if basis is None else texts.on_basis.format(basis=BASIS_WORDS.get(basis, basis))}
        case e.ArrivalUndone(reason=reason, confirms=confirms):
            return {"undoing": texts.undoing[reason.value] if confirms is None else texts.undone}
        case e.CareClaimed(legal_basis=basis, relation=relation):
            return {"relation": texts.relations.get(relation, relation), "basis": BASIS_WORDS.get(basis, basis)}
        case e.OrganisationStated(kind=kind):
            return {"kind": texts.organisation_kinds[kind.value]}
        case _:
            return {}


def _staff_only(facts: object) -> bool:
    return isinstance(facts, e.ThreadOpened) and facts.audience.value == "staff_only"
