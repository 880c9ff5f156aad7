"""From the resources of mCSD to entries: Organization, HealthcareService, Practitioner and PractitionerRole become
organisation or unit, inbox, person and role; Location tells places; Endpoint has no place here."""

from collections.abc import Callable, Iterable
from typing import Final

from domain.ids import EntryId, PrincipalId
from protocol.listings.entries import MAX_NAME, Facts, Inbox, Organisation, Person, Role, Unit
from samsnakk.importing import values
from samsnakk.importing.bundles import (
    ORGANISATION_NUMBER,
    PERSONNEL_NUMBER,
    PRINCIPAL,
    Bundle,
    identifiers,
    read_bundle,
)
from samsnakk.importing.drafts import Draft, Drafts, Pointer
from samsnakk.importing.json_objects import Object
from samsnakk.importing.resource_times import EXTENSION, Plans, hours_of, opening_hours
from samsnakk.importing.row_reading import TOP

SYNONYMS: Final = ("old", "anonymous", "temp")
"""Names that are not used any more, or say nothing."""


def read_mcsd(data: bytes, file: str, drafts: Drafts) -> None:
    """Everything that the bundle says. What is wrong is noted."""
    read_bundle(data, file, drafts, lambda bundle: _Resources(bundle).read())


class _Resources:
    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.drafts = bundle.drafts
        self.places = {bundle.code(one): _place_of(one) for one in bundle.resources["Location"]}
        self.plans = Plans(bundle)

    def read(self) -> None:
        kinds = self.bundle.resources
        for endpoint in kinds["Endpoint"]:
            endpoint.skip(*endpoint.members)
            self.drafts.leave_out("Endpoint")
        for organisation in kinds["Organization"]:
            top = "partOf" not in organisation.members
            self._declare(organisation, "organisation" if top else "unit")
            (self._organisation if top else self._unit)(organisation)
        for service in kinds["HealthcareService"]:
            self._declare(service, "inbox")
            self._inbox(service)
        roles: dict[str, list[Object]] = {}
        for role in kinds["PractitionerRole"]:
            self._declare(role, "role")
            roles.setdefault(self._role(role), []).append(role)
        for person in kinds["Practitioner"]:
            self._declare(person, "person")
            self._person(person, roles.get(self.bundle.code(person), []))
        self.plans.finish()

    def _declare(self, resource: Object, kind: str) -> None:
        resource.skip("meta", "text", "language", "active", "resourceType")
        self.drafts.declare(self.bundle.code(resource), kind, resource.where("id"))

    def _finish(self, resource: Object, pointers: list[Pointer], make: Callable[[], Facts]) -> None:
        if resource.sound and all(inner.sound for inner in _all_inside(resource)):
            draft = Draft(self.bundle.code(resource), resource.where(), make(), tuple(pointers))
            self.drafts.found.append(draft)

    def _organisation(self, one: Object) -> None:
        numbers = identifiers(one, (ORGANISATION_NUMBER,))
        holder, number = numbers.get(ORGANISATION_NUMBER, (one, ""))
        number = holder.read("value", number, values.organisation_number)
        names, phone, place = _names(one), _phone(one), _address(one)
        service = _coded(one, "type", values.code)
        self._finish(one, [], lambda: Organisation(names, place, number, service, phone))

    def _unit(self, one: Object) -> None:
        identifiers(one, ())
        pointers: list[Pointer] = []
        parent = self._above(one, "partOf", pointers)
        names, phone, place = _names(one), _phone(one), _address(one)
        stands_in = self._stands_in(one, pointers)
        self._finish(one, pointers, lambda: Unit(names, place, parent, stands_in, phone))

    def _inbox(self, one: Object) -> None:
        keys = identifiers(one, (PRINCIPAL,))
        pointers: list[Pointer] = []
        parent = self._above(one, "providedBy", pointers)
        names, phone, place = _names(one), _phone(one), self._located(one)
        stands_in = self._stands_in(one, pointers)
        hours, plan = self._times(one, names)
        contact = _coded(one, "type", values.code)
        key = _key(one, keys)
        self._finish(one, pointers, lambda: Inbox(names, place, parent, key, contact, hours, plan, stands_in, phone))

    def _times(self, one: Object, names: tuple[str, ...]) -> tuple[EntryId | None, EntryId | None]:
        code = self.bundle.code(one)
        hours = opening_hours(one, hours_of(code), f"Åpningstid, {names[0]}"[:MAX_NAME])
        if hours is not None:
            self.drafts.declare(hours.code, "hours", one.where("availableTime"))
            hours.finish(self.drafts)
        self.plans.begin(one, code, names[0])
        plan = self.drafts.id(self.plans.code(code)) if self.plans.has_shifts(code) else None
        return None if hours is None else self.drafts.id(hours.code), plan

    def _role(self, one: Object) -> str:
        identifiers(one, ())
        pointers: list[Pointer] = []
        parent = self._above(one, "organization", pointers)
        holder = one.object("practitioner")
        person = self.bundle.points(one, holder, pointers, ("person",))
        code = self.bundle.target(holder) if holder is not None else None
        services = [(s, self.bundle.target(s)) for s in one.objects("healthcareService")]
        inbox = self.bundle.points(one, services[0][0], pointers, ("inbox",)) if services else None
        if len(services) > 1:
            self.drafts.leave_out("PractitionerRole.healthcareService (flere enn én)", len(services) - 1)
        self.plans.shifts(one, code, [target for _, target in services if target is not None])
        place, phone = self._located(one), _phone(one)
        function, title = _coded(one, "code", values.code), _said(one, "code")
        names = (one.read("code", title or str(function), values.name),)
        self._finish(one, pointers, lambda: Role(names, place, parent, function, person, inbox, phone))
        return code or ""

    def _person(self, one: Object, roles: list[Object]) -> None:
        numbers = identifiers(one, (PERSONNEL_NUMBER, PRINCIPAL))
        holder, number = numbers.get(PERSONNEL_NUMBER, (one, ""))
        number = holder.read("value", number, values.personnel_number)
        key, names, pointers = _key(one, numbers), _human_names(one), list[Pointer]()
        holders = [role.object("organization") for role in roles]
        if not holders:
            one.wrong(
                "", "ingen PractitionerRole sier hvor personen arbeider", "Ta med en rolle, eller utelat personen."
            )
            return
        parent = self.bundle.points(one, holders[0], pointers, TOP) or EntryId(b"")
        place, title = self._located(roles[0]), _said(roles[0], "code")
        self._finish(one, pointers, lambda: Person(names, place, parent, key, values.place(title), number))

    def _above(self, one: Object, name: str, pointers: list[Pointer]) -> EntryId:
        holder = one.object(name)
        if holder is None:
            one.wrong(name, f"{name} mangler", "Skriv hvilken Organization den hører til.")
        return self.bundle.points(one, holder, pointers, TOP) or EntryId(b"")

    def _stands_in(self, one: Object, pointers: list[Pointer]) -> EntryId | None:
        for extension in one.objects("extension"):
            if extension.members.get("url") == EXTENSION + "stands-in":
                extension.skip("url")
                return self.bundle.points(one, extension.object("valueReference"), pointers, ("inbox",))
        return None

    def _located(self, one: Object) -> str:
        """The place of the first Location it names."""
        found = [self.places.get(target or "") for target in map(self.bundle.target, one.objects("location"))]
        if None in found:
            one.wrong("location", "stedet står ikke i filen", "Ta med Location, eller utelat referansen.")
        return next(filter(None, found), "")


def _all_inside(one: Object) -> Iterable[Object]:
    for inner in one.inner.values():
        yield inner
        yield from _all_inside(inner)


def _place_of(location: Object) -> str:
    """The town, else the name, of a Location."""
    location.skip("meta", "text", "language", "active", "status", "mode")
    address = location.object("address")
    town = "" if address is None else address.value("city", values.place)
    return town or location.value("name", values.place) or ""


def _address(one: Object) -> str:
    found = [address.value("city", values.place) for address in one.objects("address")]
    return next(filter(None, found), "")


def _names(one: Object) -> tuple[str, ...]:
    first = one.value("name", values.name) or ""
    others = one.read("alias", "", lambda _: values.names(one.texts("alias"))) if "alias" in one.members else ()
    return tuple(dict.fromkeys((first, *(others or ()))))


def _human_names(one: Object) -> tuple[str, ...]:
    found = []
    for name in one.objects("name"):
        name.skip("use", "period", "prefix", "suffix")
        whole = name.text("text") or " ".join([*name.texts("given"), name.text("family")])
        name.skip("given", "family")
        if name.members.get("use") in SYNONYMS:
            one.drafts.leave_out("Practitioner.name (gammelt eller midlertidig)")
        else:
            found.append(whole)
    if not found:
        one.wrong("name", "navnet mangler", "Skriv det navnet folk bruker.")
    return one.read("name", "", lambda _: values.names(found)) or ()


def _phone(one: Object) -> str:
    found = ""
    for telecom in one.objects("telecom"):
        telecom.skip("use", "rank", "period")
        system, value = telecom.text("system"), telecom.text("value")
        if system == "phone" and not found:
            found = telecom.read("value", value, values.phone) or ""
        else:
            one.drafts.leave_out(
                f"{one.kind}.telecom ({'flere telefonnumre' if system == 'phone' else 'annet enn telefon'})"
            )
    return found


def _concepts(one: Object, name: str) -> list[tuple[str, str]]:
    """Code and wording of every concept."""
    found = []
    for concept in one.objects(name):
        wording = concept.text("text")
        for coding in concept.objects("coding"):
            coding.skip("system", "version", "userSelected")
            found.append((coding.text("code"), wording or coding.text("display")))
    return found


def _coded(one: Object, name: str, read: Callable[[str], str]) -> str:
    found = _concepts(one, name)
    if len(found) > 1:
        one.drafts.leave_out(f"{one.kind}.{name} (flere enn én kode)", len(found) - 1)
    return one.read(name, found[0][0].lower() if found else "", read) or ""


def _said(one: Object, name: str) -> str:
    found = _concepts(one, name)
    return values.text(found[0][1]) if found else ""


def _key(one: Object, keys: dict[str, tuple[Object, str]]) -> PrincipalId | None:
    holder, value = keys.get(PRINCIPAL, (one, ""))
    found: PrincipalId | None = holder.read("value", value, values.principal)
    return found
