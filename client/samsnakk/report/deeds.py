"""What somebody did, as one sentence: who, what, to whom, on which basis. Never what was written."""

from collections.abc import Mapping

from domain.access.history import Place
from domain.channel import events as e
from domain.channel.acts import Author
from domain.channel.kinds import KIND_OF
from domain.ids import Millis
from samsnakk.report.named import Named, capital


class _Fill(dict[str, str]):
    """What a sentence does not need is nothing."""

    def __missing__(self, key: str) -> str:
        del key
        return ""


def deed(place: Place, named: Named) -> str:
    """The sentence; of a leaf only what sort of thing it hides."""
    words = named.words
    if place.recorded is None:
        return words.said["leaf"].format(kind=words.code(place.kind_class.value))
    act = place.recorded.act
    kind = KIND_OF[type(act.event)].name
    sentence = words.deeds.get(_variant(act.event, act.author) or kind, words.deeds.get(kind, kind))
    told = sentence.format_map(_Fill({"author": author_of(act.author, named), **_fill(act.event, named)}))
    return capital(told)


def author_of(author: Author, named: Named) -> str:
    """Who acts: a person, also where it acts for an inbox; the hub where nobody does."""
    who = named.of(author.person)
    if author.role is None:
        return who
    return named.words.said["for_inbox"].format(who=who, inbox=named.of(author.role))


def _variant(event: object, author: Author) -> str | None:
    """Another sentence for some acts: who joins by themselves is not brought in."""
    match event:
        case e.ParticipantJoined(principal=who) if who in (author.person, author.role):
            return "joined-self"
        case e.ParticipantLeft(principal=who) if who in (author.person, author.role):
            return "left-self"
        case e.MessagePosted(asks=True):
            return "asked"
        case e.MessagePosted(announces=int()):
            return "announced"
        case e.ShieldLifted(legal_basis=str()):
            return "lifted-by-law"
        case e.DeathReported(died=False):
            return "not-dead"
        case e.ArrivalUndone(confirms=int()):
            return "undone"
        case _:
            return None


def _fill(event: object, named: Named) -> Mapping[str, str]:
    fields = {name: getattr(event, name) for name in getattr(event, "__slots__", ()) if name not in _SILENT}
    joined = fields.pop("joined", None)
    filled = dict(_fill(joined, named)) if joined is not None else {}
    filled |= {name: _word(name, value, named) for name, value in fields.items() if name != "terms"}
    if (terms := fields.get("terms")) is not None:
        filled |= _fill(terms, named)
    return filled


_SILENT = frozenset({"stream_secret", "key", "vault", "head", "transcript", "confirmation", "roster", "word"})
_SUBJECTS = frozenset({"auditor", "holder"})
"""People who do something in a sentence about another's act; to all others something is done."""
_TIMES = frozenset({"until", "valid_until", "since", "begins", "ends", "review_at", "due", "at"})


def _somebody(name: str, who: bytes, named: Named) -> str:
    return named.of(who) if name in _SUBJECTS else named.whom(who)


def _word(name: str, value: object, named: Named) -> str:
    words = named.words
    match value:
        case None:
            return words.said["hub_copy"] if name == "holder" else words.said["no_end"] if name in _TIMES else ""
        case bytes():
            return named.organisation(value) if name == "organisation" else _somebody(name, value, named)
        case int() if name in _TIMES:
            return words.time(Millis(value))
        case str():  # codes, also those of enumerations
            return str(value) if name == "number" else words.code(str(value))
        case tuple() if name == "threads":
            return ", ".join(named.thread(number) for number in value)
        case tuple() if name == "targets":
            return ", ".join(f"#{number}" for number in value)
        case _:
            return str(value)
