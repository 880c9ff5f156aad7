"""What an entry is found by, and what a query asks for: letters folded in the same way on both sides.

å, aa and a are one, as are ø, oe, ö and o, and æ, ae, ä and a; č đ ŋ š ŧ ž and every accent lose their marks. Folding
goes letter by letter and only leaves out, so what begins a word before folding begins it after. Each word is kept
whole (w…) and, if it is long enough to be a compound, from each later letter on (p…).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.ids import EntryId
from protocol.listings import entries as e
from protocol.listings.entries import Entry

_LETTERS: Final = str.maketrans({"ø": "o", "æ": "a", "đ": "d", "ŋ": "n", "ŧ": "t", "ł": "l", "ß": "s", "ð": "d"})
_DOUBLED: Final = re.compile(r"o[e]+|a[ae]+")
_PARTS: Final = re.compile(r"[^\W_]+")
COMPOUND: Final = 7
"""A word of so many letters may be a compound."""
PART: Final = 4
"""The shortest part that is kept."""
_FIRST: Final = 2
"""So many letters the first part has at least: bofellesskap, byåsen."""
_MOST_WORDS: Final = 12
_MOST_ABOVE: Final = 8
_LONGEST: Final = 64


def fold(text: str) -> str:
    """The text without capitals, marks and doubled vowels."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign)).translate(_LETTERS)
    return _DOUBLED.sub(lambda found: found[0][0], bare)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word[:_LONGEST] for word in _PARTS.findall(fold(text))]


def folded_name(text: str) -> str:
    """A whole name as it is compared."""
    return " ".join(words_of(text))


def searched(entry: Entry, others: Mapping[EntryId, Entry]) -> tuple[str, str]:
    """An entry's folded name and its words, as PostgreSQL writes a tsvector: own words weigh A, those of what it
    belongs to C. Plans and hours are found through their inboxes, so they have neither."""
    if isinstance(entry.facts, e.Plan | e.Hours):
        return "", ""
    own = {word for name in entry.facts.names for word in words_of(name)}
    around = {word for text in _around(entry, others) for word in words_of(text)} - own
    marks = {**_marks(around, "C"), **_marks(own, "A")}
    return folded_name(entry.name), " ".join(f"'{lexeme}':1{weight}" for lexeme, weight in sorted(marks.items()))


def _marks(words: Iterable[str], weight: str) -> dict[str, str]:
    found = {}
    for word in words:
        found[f"w{word}"] = weight
        if len(word) >= COMPOUND:
            found |= {f"p{word[at:]}": weight for at in range(_FIRST, len(word) - PART + 1)}
    return found


def _around(entry: Entry, others: Mapping[EntryId, Entry]) -> Iterable[str]:
    """Places, titles, the units above, and for a role the person who has it."""
    facts = entry.facts
    if isinstance(facts, e.Plan | e.Hours):
        return
    yield facts.place
    if isinstance(facts, e.Person):
        yield facts.title
    if isinstance(facts, e.Role) and facts.person is not None and facts.person in others:
        yield from others[facts.person].facts.names
    above = None if isinstance(facts, e.Organisation) else facts.parent
    for _ in range(_MOST_ABOVE):
        found = others[above].facts if above is not None and above in others else None
        if not isinstance(found, e.Unit | e.Organisation):
            return
        yield from found.names
        yield found.place
        above = found.parent if isinstance(found, e.Unit) else None


@dataclass(frozen=True, slots=True)
class Step:
    """A query of PostgreSQL, and which of what it finds comes first: what fits `first`, then what fits `second`."""

    wanted: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Query:
    """`name`: the beginning of a whole name. Steps: every word begins one of the entry's; every word begins a word or a
    part of one. Within a step the entry's own words go before those of what it belongs to."""

    name: str
    steps: tuple[Step, ...]


def query(text: str) -> Query | None:
    """From what was typed to what is asked of PostgreSQL. None: nothing to find."""
    words = words_of(text)[:_MOST_WORDS]
    # One letter alone fits nearly everything: it counts only where it begins the whole name.
    long = [word for word in words if len(word) > 1]
    if not words:
        return None
    exact = " & ".join(f"'w{word}':A" for word in long)
    begins, own_begins = (" & ".join(f"'w{word}':*{of}" for word in long) for of in ("", "A"))
    part, own_part = (" & ".join(f"('w{word}':*{of} | 'p{word}':*{of})" for word in long) for of in ("", "A"))
    steps = (Step(begins, exact, own_begins), Step(part, own_part, begins)) if long else ()
    return Query(folded_name(text), steps)
