"""What people type in `samsnakk chat` about who takes part, and on whose word. Names are looked up when it is done."""

from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class ShowConsents:
    """Show every consent."""


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Say yes to an organisation in the present thread: name, perhaps an end and `historikk`."""

    words: str


@dataclass(frozen=True, slots=True)
class LimitConsent:
    """Let a consent reach less far: name, perhaps a new end and `fra-nå`."""

    words: str


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """Take a consent back: name, everywhere or (`her`) in the present thread only."""

    words: str


@dataclass(frozen=True, slots=True)
class BlockSomebody:
    """Want no more of somebody."""

    words: str


@dataclass(frozen=True, slots=True)
class Shield:
    """Keep the present thread from guardians, or open it to them again."""

    up: bool


@dataclass(frozen=True, slots=True)
class ReportSomething:
    """Report something about somebody, or to an organisation: name and text."""

    words: str


@dataclass(frozen=True, slots=True)
class OpenHistory:
    """Open older messages of the present thread to a member: name and from where."""

    words: str


@dataclass(frozen=True, slots=True)
class BringIn:
    """Let a person, an inbox or an organisation into the present thread: name, basis, history, perhaps an end."""

    words: str


@dataclass(frozen=True, slots=True)
class PutOut:
    """Remove somebody from the present thread; `feil`: was never to be here."""

    words: str


@dataclass(frozen=True, slots=True)
class StateKind:
    """State what kind an organisation is."""

    words: str


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """Say yes or no to a proposal."""

    ref: int
    yes: bool


Named: TypeAlias = (
    GiveConsent
    | LimitConsent
    | WithdrawConsent
    | BlockSomebody
    | ReportSomething
    | OpenHistory
    | BringIn
    | PutOut
    | StateKind
)
RightsCommand: TypeAlias = Named | ShowConsents | Shield | AnswerProposal

NAMES: Final = {
    "samtykke": "consent",
    "consent": "consent",
    "begrens": "limit",
    "limit": "limit",
    "withdraw": "withdraw",
    "sperr": "block",
    "block": "block",
    "skjerm": "shield",
    "shield": "shield",
    "meld": "report",
    "report": "report",
    "historikk": "history",
    "history": "history",
    "inviter": "bring",
    "invite": "bring",
    "ut": "put_out",
    "remove": "put_out",
    "virksomhet": "kind",
    "organisation": "kind",
}
_NAMED: Final[dict[str, type[Named]]] = {
    "consent": GiveConsent,
    "limit": LimitConsent,
    "withdraw": WithdrawConsent,
    "block": BlockSomebody,
    "report": ReportSomething,
    "history": OpenHistory,
    "bring": BringIn,
    "put_out": PutOut,
    "kind": StateKind,
}


def rights_command(name: str, rest: str) -> RightsCommand | None:
    """The command called `name`; None if `rest` is not what belongs to it."""
    if name == "consent" and not rest:
        return ShowConsents()
    if name == "shield":
        return {"": Shield(up=True), "av": Shield(up=False), "off": Shield(up=False)}.get(rest.casefold())
    return _NAMED[name](rest) if rest else None
