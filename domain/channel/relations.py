"""Who a relative or proxy is to the user: codes that stand as `function` in the membership, chosen when she lets
somebody in, and shown with the name everywhere. Versioned data; a code is never removed."""

from dataclasses import dataclass

RELATIONS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Relation:
    """One code. `guardian`: has parental responsibility, or stands in for who has. `consents`: the user has given this
    proxy the right to give, limit and withdraw her consent in the threads it is in."""

    code: str
    guardian: bool = False
    consents: bool = False


RELATIONS: dict[str, Relation] = {
    relation.code: relation
    for relation in (
        Relation("parent", guardian=True),
        Relation("guardian", guardian=True),
        Relation("partner"),
        Relation("child"),
        Relation("sibling"),
        Relation("friend"),
        Relation("relative"),
        Relation("proxy"),
        Relation("proxy:consent", consents=True),
    )
}


def is_guardian_code(function: str) -> bool:
    """Whether the code names somebody with parental responsibility; unknown codes do not."""
    relation = RELATIONS.get(function)
    return relation is not None and relation.guardian


def speaks_for_user(function: str) -> bool:
    """Whether the code names a proxy who may consent for the user."""
    relation = RELATIONS.get(function)
    return relation is not None and relation.consents
