"""Sign-ins at the node: each is bound to the browser that began it and to the program that waits for its ticket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from crypto import labels
from protocol.sign_in import Pending, SignInFailed, Why
from protocol.sign_in.configuration import Configuration
from protocol.sign_in.pending import MAX_WAIT
from protocol.sign_in.tokens import name_of
from samsnakk.node.issuing import Issuer, Login, NotGranted
from samsnakk.node.sign_in.waiting import Waiting
from samsnakk.node.sign_in.whose import login_of
from samsnakk.sign_in import OpenIdProvider

FRESH: Final = 5 * 60
"""Seconds since the person proved who they are at the provider; a certificate is worth asking for."""
MAX_ANSWER_TIME: Final = 5 * 60_000
"""Milliseconds to compare the codes."""
TICKET_LIFE: Final = 60_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The program that waits: the hash of its secret (32 bytes), and the port of this machine where it listens."""

    challenge: bytes
    port: int

    @property
    def code(self) -> str:
        """What the page and the program both show."""
        told = self.challenge.hex()
        return f"{told[:4]} {told[4:8]}"


@dataclass(frozen=True, slots=True)
class Begun:
    """A browser on its way to a provider and back."""

    pending: Pending = field(repr=False)
    asked: Asked


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who came back, for the program that waits."""

    login: Login
    asked: Asked


class SignIns:
    """The relying parties of this node. Nobody signs in before `using` says with which providers."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer: Final = issuer
        self.configuration: Configuration | None = None
        self._providers: dict[str, OpenIdProvider] = {}
        self._known_as: Mapping[str, str] = {}
        self._begun = Waiting[Begun](labels.NODE_SIGN_IN, MAX_WAIT * 1000, issuer.now)
        self._known = Waiting[Known](labels.NODE_SIGN_IN, MAX_ANSWER_TIME, issuer.now)
        self._tickets = Waiting[Known](labels.NODE_TICKET, TICKET_LIFE, issuer.now)

    @asynccontextmanager
    async def using(
        self, configuration: Configuration, known_as: Mapping[str, str] | None = None
    ) -> AsyncIterator[None]:
        """Sign people in with these providers; `known_as`: under which issuers the register knows them, if others."""
        async with AsyncExitStack() as stack:
            for name, provider in configuration.providers.items():
                self._providers[name] = await stack.enter_async_context(OpenIdProvider(provider.client))
            self._known_as, self.configuration = known_as or {}, configuration
            try:
                yield
            finally:
                self.configuration = None
                self._providers.clear()

    async def begin(self, provider: str, asked: Asked) -> tuple[str, str]:
        """Where the browser goes, and the token that binds it to this sign-in.

        Raises:
            NotGranted: no such provider.
            SignInFailed, ProviderUnavailable: it cannot be begun.

        """
        begun = await self._provider(provider).begin(max_age=FRESH)
        return begun.url, self._begun.keep(Begun(begun.pending, asked))

    async def finish(self, provider: str, token: str, query: Mapping[str, str]) -> str:
        """Somebody comes back; the token under which `waiting` finds them. The sign-in is used up, whatever happens.

        Raises:
            SignInFailed, ProviderUnavailable: another browser, a second time, too late, or something does not hold.
            NotGranted: another organisation's, or not in the register with this login and HPR number.
            BadNode: the register cannot be read.

        """
        found = self._provider(provider)
        begun = self._begun.take(token)
        if begun is None:
            raise SignInFailed(Why.WRONG_STATE)
        person = await found.finish(begun.pending, query)
        login = login_of(self.issuer.node, person, self._known_as.get(provider, person.issuer))
        self.issuer.welcome(login)
        return self._known.keep(Known(login, begun.asked))

    def waiting(self, token: str) -> Known | None:
        """Who signed in in this browser and has not answered yet."""
        return self._known.look(token)

    def allow(self, token: str) -> tuple[str, int]:
        """They said that the codes are alike: a ticket, and the program's port. Raises `SignInFailed`."""
        known = self._known.take(token)
        if known is None:
            raise SignInFailed(Why.WRONG_STATE)
        return self._tickets.keep(known), known.asked.port

    async def check(self, said: str) -> Login:
        """Who stands behind `TICKET.VERIFIER`, as `LoginCheck` wants it. The ticket is used up, whatever happens.

        Raises:
            NotGranted: nobody signs in here, or no ticket, used, too old, or of another program.

        """
        if self.configuration is None:
            raise NotGranted("no_login_here")
        ticket, _, verifier = said.partition(".")
        found, shown = self._tickets.take(ticket), name_of(verifier, labels.NODE_TICKET_CHALLENGE)
        if found is None or shown is None or not compare_digest(shown, found.asked.challenge):
            raise NotGranted("no_login")
        return found.login

    def _provider(self, name: str) -> OpenIdProvider:
        try:
            return self._providers[name]
        except KeyError:
            raise NotGranted("no_login_here") from None
