"""Writing replacements of roots for tests: three helpers' organisations, one whose root was stolen, and a thief."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crypto.key_heads import genesis_head, next_head
from crypto.key_statements import KeyStatement, SignedStatement, sign_statement
from crypto.root_facts import Place, Replacement, RootReplaced, Support, sign_support
from crypto.root_lines import Links, read_links, resolve, roots_of
from crypto.shapes import Id
from crypto.signing import PublicKey
from tests.crypto.fixed import signing_key, some_id

DEPLOYMENT = some_id("deployment")
NAMES = ("clinic", "NAV", "town", "surgery")
CLINIC, NAV, TOWN, SURGERY = (some_id(name) for name in NAMES)
PINS = {some_id(name): signing_key(name).public for name in NAMES}


@dataclass
class Replacing:
    """The streams of all organisations, and the names of the keys that their roots have had."""

    streams: dict[Id, list[SignedStatement]] = field(default_factory=dict)
    keys: dict[Id, list[str]] = field(default_factory=lambda: {some_id(name): [name] for name in NAMES})

    def place(self, organisation: Id, n: int | None = None) -> Place:
        entries = self.streams.get(organisation, [])
        head = genesis_head(DEPLOYMENT, organisation)
        for entry in entries[:n]:
            head = next_head(head, entry)
        return Place(organisation, len(entries) if n is None else n, head)

    def asked(self, organisation: Id, new: str, kept: int | None = None) -> Replacement:
        place = self.place(organisation, kept)
        old = signing_key(self.keys[organisation][place.n]).public
        return Replacement(DEPLOYMENT, place, old, signing_key(new).public)

    def support(self, asked: Replacement, *by: Id, n: int | None = None) -> tuple[Support, ...]:
        words = []
        for one in sorted(by):
            at = len(self.streams.get(one, [])) if n is None else n
            words.append(Support(one, at, sign_support(signing_key(self.keys[one][at]), asked, one, at)))
        return tuple(words)

    def seen(self, organisation: Id) -> tuple[Place, ...]:
        return tuple(self.place(one) for one in sorted(self.streams) if one != organisation and self.streams[one])

    def planned(self, organisation: Id, new: str) -> None:
        asked = self.asked(organisation, new)
        old = signing_key(self.keys[organisation][-1])
        word = sign_support(old, asked, organisation, asked.kept.n)
        kept = asked.kept
        self.state(
            organisation, new, RootReplaced(asked.old, asked.new, kept.n, kept.head, word, (), self.seen(organisation))
        )

    def vouched(
        self,
        organisation: Id,
        new: str,
        by: Iterable[Id],
        *,
        kept: int | None = None,
        seen: Sequence[Place] | None = None,
    ) -> None:
        asked = self.asked(organisation, new, kept)
        self.with_words(organisation, new, asked, self.support(asked, *by), seen)

    def with_words(
        self,
        organisation: Id,
        new: str,
        asked: Replacement,
        words: tuple[Support, ...],
        seen: Sequence[Place] | None = None,
    ) -> None:
        places = self.seen(organisation) if seen is None else tuple(seen)
        fact = RootReplaced(asked.old, asked.new, asked.kept.n, asked.kept.head, None, words, places)
        self.state(organisation, new, fact)

    def state(self, organisation: Id, signer: str, fact: RootReplaced) -> None:
        place = self.place(organisation)
        statement = KeyStatement(DEPLOYMENT, organisation, place.n + 1, place.head, fact, organisation, 1000)
        self.streams.setdefault(organisation, []).append(sign_statement(signing_key(signer), statement))
        self.keys[organisation].append(signer)

    def links(self) -> dict[Id, Links]:
        return {one: read_links(DEPLOYMENT, one, entries) for one, entries in self.streams.items()}

    def check(self, pins: Mapping[Id, PublicKey] = PINS) -> None:
        """Raises what an end raises that takes all streams in at once."""
        resolve(DEPLOYMENT, self.links(), pins)

    def root(self, organisation: Id) -> PublicKey:
        self.check()
        return roots_of(PINS[organisation], self.links().get(organisation, ()))[-1]
