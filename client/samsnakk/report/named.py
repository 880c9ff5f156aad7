"""What people, organisations and threads are called in a report."""

from dataclasses import dataclass

from protocol.trust import Trust
from samsnakk.cli.shown import one_line
from samsnakk.report.words import Words


@dataclass(frozen=True, slots=True)
class Named:
    """Names out of the trust file; `viewer` is called "you". `titles`: of threads, as far as the viewer reads them."""

    trust: Trust
    words: Words
    viewer: bytes
    titles: dict[int, str]

    def of(self, principal: bytes | None) -> str:
        """A person, inbox or vault; the hub where nobody is named. Never empty."""
        if principal is None:
            return self.words.hub
        if principal == self.viewer:
            return self.words.you
        return one_line(self.trust.name_of(principal)) or principal.hex()[:8]

    def whom(self, principal: bytes) -> str:
        """The same where something is done to them."""
        return self.words.you_object if principal == self.viewer else self.of(principal)

    def full(self, principal: bytes) -> str:
        """The name, also of the viewer."""
        return one_line(self.trust.name_of(principal)) or principal.hex()[:8]

    def organisation(self, organisation: bytes | None) -> str:
        """An organisation; empty for those who belong to none."""
        return "" if organisation is None else one_line(self.trust.name_of(organisation))

    def thread(self, number: int | None) -> str:
        """A thread's title, or its number."""
        if number is None:
            return ""
        known = self.words.main_thread if number == 0 else self.words.thread.format(number=number)
        return self.titles.get(number, known)


def capital(sentence: str) -> str:
    """The sentence with its first letter large."""
    return sentence[:1].upper() + sentence[1:]
