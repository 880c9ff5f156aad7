"""The entries of a listing: organisation, unit, inbox, role, person, opening hours, on-call plan.

An entry is the CBOR array [1, organisation, id, kind, facts]. Every fact is present and none is unknown. Facts that
point at another entry of the same listing hold its id; so an inbox names its hours, its plan and its stand-in, and
who leaves one of them out is found out.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from crypto import cbor
from crypto.errors import Malformed
from crypto.shapes import array, identifier
from domain.duty.rules import OnCallPlan, OpeningHours
from domain.ids import Code, EntryId, OrganisationId, PrincipalId
from protocol.listings.errors import MalformedListing

FORMAT: Final = 1
MAX_ENTRY: Final = 32 * 1024
MAX_NAMES: Final = 8
MAX_NAME: Final = 200
"""Characters of a name, a place or a title."""
MAX_PHONE: Final = 40
_FIELDS: Final = 5

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, pattern=r"\A\S(.*\S)?\Z")]
Names = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_NAMES)]
"""What it is called, and after that what else people call it, in any language."""
Place = Annotated[str, Meta(max_length=MAX_NAME, pattern=r"\A(\S(.*\S)?)?\Z")]
"""The municipality or town, in the language of its signs; empty where none is stated."""
Phone = Annotated[str, Meta(max_length=MAX_PHONE, pattern=r"\A(\+?[0-9][0-9 ]*)?\Z")]
OrganisationNumber = Annotated[str, Meta(pattern=r"\A([0-9]{9})?\Z")]
PersonnelNumber = Annotated[str, Meta(pattern=r"\A([0-9]{7,9})?\Z")]


class Organisation(Struct, frozen=True, forbid_unknown_fields=True):
    """The organisation itself: the one entry that has no parent. `service`: what sort of service it is.

    `number`: of the register of legal entities (Enhetsregisteret), empty if none.
    """

    names: Names
    place: Place
    number: OrganisationNumber
    service: Code
    phone: Phone


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the organisation. `stands_in`: the inbox to turn to where one of the unit's own is not staffed."""

    names: Names
    place: Place
    parent: EntryId
    stands_in: EntryId | None
    phone: Phone


class Inbox(Struct, frozen=True, forbid_unknown_fields=True):
    """A service inbox. `principal`: the role that channels know it by. `contact`: what one writes to it for."""

    names: Names
    place: Place
    parent: EntryId
    principal: PrincipalId | None
    contact: Code
    hours: EntryId | None
    plan: EntryId | None
    stands_in: EntryId | None
    phone: Phone


class Role(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person does in a unit. `function`: the code that memberships carry. `inbox`: where one writes to it."""

    names: Names
    place: Place
    parent: EntryId
    function: Code
    person: EntryId | None
    inbox: EntryId | None
    phone: Phone


class Person(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who works there. `number`: of the register of health personnel (HPR), empty if none."""

    names: Names
    place: Place
    parent: EntryId
    principal: PrincipalId | None
    title: Place
    number: PersonnelNumber


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening hours that inboxes point at."""

    names: Names
    rules: OpeningHours


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """An on-call plan that inboxes point at."""

    names: Names
    rules: OnCallPlan


Facts: TypeAlias = Organisation | Unit | Inbox | Role | Person | Hours | Plan
KINDS: Final[dict[str, type[Facts]]] = {
    "organisation": Organisation,
    "unit": Unit,
    "inbox": Inbox,
    "role": Role,
    "person": Person,
    "hours": Hours,
    "plan": Plan,
}
_KIND_OF: Final = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as its organisation states it."""

    organisation: OrganisationId
    id: EntryId
    facts: Facts

    @property
    def kind(self) -> str:
        """The kind's name on the wire."""
        return _KIND_OF[type(self.facts)]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.facts.names[0]


def encode_entry(entry: Entry) -> bytes:
    """The entry's one form. Raises `MalformedListing` where it could not be read back."""
    plain = msgspec.to_builtins(entry.facts, builtin_types=(bytes,))
    try:
        data = cbor.encode([FORMAT, entry.organisation, entry.id, entry.kind, plain])
    except Malformed as error:
        raise MalformedListing(str(error)) from None
    parse_entry(data)
    return data


def parse_entry(data: bytes) -> Entry:
    """The entry in `data`, believed in nothing yet.

    Raises:
        MalformedListing: not an entry in its one form.

    """
    try:
        form, organisation, entry, kind, facts = array(cbor.decode(data, max_size=MAX_ENTRY), _FIELDS)
        ids = OrganisationId(identifier(organisation)), EntryId(identifier(entry))
    except Malformed as error:
        raise MalformedListing(f"entry: {error}") from None
    if type(form) is not int or form != FORMAT or not isinstance(kind, str) or kind not in KINDS:
        raise MalformedListing("entry: unknown format or kind")
    return Entry(*ids, _facts(KINDS[kind], facts))


def _facts(kind: type[Facts], plain: Any) -> Facts:  # noqa: ANN401 - decoded CBOR of any shape
    try:
        facts = msgspec.convert(plain, kind, builtin_types=(bytes,), strict=True)
    except (msgspec.ValidationError, OverflowError) as error:
        # msgspec names the field and what it should be, never the value.
        raise MalformedListing(f"entry: {error}") from None
    # One value, one encoding: dates and enumerations could be spelled in another way that reads the same.
    if cbor.encode(msgspec.to_builtins(facts, builtin_types=(bytes,))) != cbor.encode(plain):
        raise MalformedListing("entry: facts not in their one form")
    return facts


def references(facts: Facts) -> dict[EntryId, tuple[type[Facts], ...]]:
    """Every entry of the same listing that these facts point at, and the kinds it may be of."""
    pointers: list[tuple[EntryId | None, tuple[type[Facts], ...]]] = []
    match facts:
        case Unit():
            pointers = [(facts.parent, (Organisation, Unit)), (facts.stands_in, (Inbox,))]
        case Inbox():
            pointers = [
                (facts.parent, (Organisation, Unit)),
                (facts.hours, (Hours,)),
                (facts.plan, (Plan,)),
                (facts.stands_in, (Inbox,)),
            ]
        case Role():
            pointers = [(facts.parent, (Organisation, Unit)), (facts.person, (Person,)), (facts.inbox, (Inbox,))]
        case Person():
            pointers = [(facts.parent, (Organisation, Unit))]
        case Plan():
            pointers = [(person, (Person,)) for person in sorted(facts.rules.people())]
        case Organisation() | Hours():
            pass
    return {entry: kinds for entry, kinds in pointers if entry is not None}
