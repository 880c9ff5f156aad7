"""Who asks in the permission table, and whom it is about."""

from domain.channel.acts import Author
from domain.channel.terms import Standing
from domain.ids import PrincipalId, Version
from tests.domain.cast import ANNA, BERIT, Someone, named
from tests.domain.channel_builder import Step, Story

Role = Someone | Author


def principal(who: Role) -> PrincipalId:
    if isinstance(who, Someone):
        return who.principal
    return PrincipalId(named("hub"))


def by(story: Story, who: Role, step: Step) -> Version:
    """Recorded whatever the rules say: what matters is who did it."""
    return story.record(story.act(who.author if isinstance(who, Someone) else who, step))


def other(who: Role) -> Someone:
    return BERIT if who != BERIT else ANNA


def newcomer(house: str, function: str = "contact") -> Someone:
    return Someone("nina", Standing.STAFF, house, function=function)


RELATIVE = Someone("ragna", Standing.RELATIVE, "clinic", function="friend")
FATHER = Someone("frode", Standing.RELATIVE, "clinic", function="parent")


def own_house(who: Role) -> str:
    return (who.house if isinstance(who, Someone) else None) or "clinic"


def foreign_house(who: Role) -> str:
    return "town" if own_house(who) != "town" else "clinic"
