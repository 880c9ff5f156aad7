"""Between a typed event and its facts: the map of plain values that stands in a signed header."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from domain.access.events import ACCESS_KINDS, AccessEvent
from domain.channel.events import ChannelEvent
from domain.channel.kinds import KINDS, Kind
from protocol.errors import MalformedAct, UnknownKind

Event = ChannelEvent | AccessEvent
Facts = dict[str, Any]
Upcaster = tuple[str, Callable[[Facts], Facts]]

KIND_OF: dict[type, Kind] = {kind.event: kind for kind in (*KINDS, *ACCESS_KINDS)}
KIND_NAMED: dict[str, Kind] = {kind.name: kind for kind in (*KINDS, *ACCESS_KINDS)}
UPCASTERS: dict[str, Upcaster] = {}
"""Old kind name -> (newer kind name, how its facts are read as the newer kind's). Signed bytes are never rewritten:
an upcaster changes how they are read. Empty while every kind is at its first version."""


def facts_of(event: Event) -> Facts:
    """The event's facts as plain values (maps, lists, bytes, text, integers, null)."""
    facts: Facts = msgspec.to_builtins(event, builtin_types=(bytes,))
    return facts


def read_facts(name: str, facts: Facts, upcasters: dict[str, Upcaster] = UPCASTERS) -> tuple[Kind, Event]:
    """The typed event of the kind called `name`.

    Raises:
        UnknownKind: no kind and no upcaster has this name.
        MalformedAct: a fact is missing, unknown, of another type or out of bounds.

    """
    while name in upcasters:
        name, upcast = upcasters[name]
        try:
            facts = upcast(facts)
        except (LookupError, TypeError, ValueError, AttributeError):  # what it reads has not been checked yet
            raise MalformedAct(f"{name}: not the facts of the older kind") from None
    kind = KIND_NAMED.get(name)
    if kind is None:
        raise UnknownKind
    try:
        event: Event = msgspec.convert(facts, kind.event, builtin_types=(bytes,), strict=True)
    except msgspec.ValidationError as error:
        # msgspec names the field and what it should be, never the value.
        raise MalformedAct(f"{name}: {error}") from None
    # convert() ignores what it does not know and fills in what is missing; here both are refused.
    if not same(facts_of(event), facts):
        raise MalformedAct(f"{name}: unknown or missing facts")
    return kind, event


def same(written: object, read: object) -> bool:
    """Whether two plain values have one encoding. Faster than encoding both, and this runs for every act."""
    kind = type(written)
    if kind is dict:
        return type(read) is dict and _same_map(written, read)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return isinstance(read, list | tuple) and _same_array(written, read)  # type: ignore[arg-type]
    return kind is type(read) and written == read


def _same_map(written: Facts, read: Facts) -> bool:
    if written.keys() != read.keys():
        return False
    for name, value in written.items():  # noqa: SIM110 - all() costs twice as much
        if not same(value, read[name]):
            return False
    return True


def _same_array(written: Sequence[object], read: Sequence[object]) -> bool:
    return len(written) == len(read) and all(map(same, written, read))
