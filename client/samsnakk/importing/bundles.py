"""A FHIR R4 bundle with the resources of IHE mCSD: which there are, and which of them a reference means."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from domain.ids import EntryId
from samsnakk.importing.drafts import MAX_THINGS, Drafts, Pointer
from samsnakk.importing.json_objects import Object, parse
from samsnakk.importing.problems import Where

TYPES: Final = ("Organization", "Location", "HealthcareService", "Practitioner", "PractitionerRole", "Endpoint")
BUNDLES: Final = ("collection", "searchset", "batch", "transaction")
IDENTIFIERS: Final = {
    "urn:oid:2.16.578.1.12.4.1.4.101": "organisasjonsnummer",
    "urn:oid:2.16.578.1.12.4.1.4.4": "HPR-nummer",
    "urn:oid:2.16.578.1.12.4.1.2": "HER-id",
}
"""Systems of Norwegian identifiers, as the profiles of HL7 Norge (no-basis) name them."""
ORGANISATION_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.101"
PERSONNEL_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.4"
PRINCIPAL: Final = "urn:samsnakk:principal"
OF_PEOPLE: Final = tuple(f"urn:oid:2.16.578.1.12.4.1.4.{n}" for n in (1, 2, 3, 5))
"""Fødselsnummer, D-nummer, hjelpenummer, DUF-nummer."""
_ONCE: Final = "Ta med ressursen én gang."


@dataclass(slots=True)
class Bundle:
    """The resources of a bundle that are in use, by their type."""

    drafts: Drafts
    where: Where
    resources: dict[str, list[Object]] = field(default_factory=lambda: {kind: [] for kind in TYPES})
    codes: dict[str, str] = field(default_factory=dict)
    """From what a reference may say to `Type/id`."""
    by_code: dict[str, Object] = field(default_factory=dict)

    def code(self, resource: Object) -> str:
        """What the resource is called: `Type/id`."""
        return f"{resource.kind}/{resource.text('id')}"

    def target(self, holder: Object | None) -> str | None:
        """What a Reference means; None where there is none. What it cannot mean is noted."""
        if holder is None or not holder.sound:
            return None
        holder.skip("display", "type")
        reference = holder.text("reference")
        if not reference or reference.startswith("#"):
            what = "referansen peker ikke på en ressurs i filen"
            holder.wrong("reference", what, "Skriv reference som Organization/123, og ta ressursen med i filen.")
            return None
        return self.codes.get(reference, reference)

    def points(
        self, owner: Object, holder: Object | None, pointers: list[Pointer], kinds: tuple[str, ...], step: str = ""
    ) -> EntryId | None:
        """The entry that a Reference means, noted as a pointer of its owner."""
        code = self.target(holder)
        if holder is None or code is None:
            owner.sound = owner.sound and holder is None
            return None
        pointers.append(self.drafts.point(code + step, kinds, holder.where("reference")))
        return self.drafts.id(code + step)


def read_bundle(data: bytes, file: str, drafts: Drafts, use: Callable[[Bundle], None]) -> None:
    """Everything that a bundle says: `use` makes drafts of its resources. What is left out is told, each sort once."""
    whole = parse(data, file, drafts)
    if whole is None:
        return
    bundle = Bundle(drafts, Where(file, path="$"))
    if whole.text("resourceType") != "Bundle" or whole.text("type") not in BUNDLES:
        whole.wrong("type", "filen er ikke en samling av ressurser", f"Lever en Bundle av typen {', '.join(BUNDLES)}.")
        return
    whole.skip("id", "identifier", "meta", "timestamp", "total")
    for link in whole.objects("link"):
        link.skip("url")
        if link.text("relation") == "next":
            what = "filen er bare én side av flere"
            link.wrong("relation", what, "Hent alle sidene, og sett dem sammen til én Bundle.")
    entries = whole.objects("entry")
    if len(entries) > MAX_THINGS:
        whole.wrong("entry", f"filen har mer enn {MAX_THINGS} ressurser", "Ta med færre.")
        return
    for entry in entries:
        _add(bundle, entry)
    use(bundle)
    whole.kind = "Bundle"
    for what in whole.left_out():
        drafts.leave_out(what.removeprefix(".entry.resource").removeprefix("."))


def _add(bundle: Bundle, entry: Object) -> None:
    entry.skip("search", "response")
    address, resource = entry.text("fullUrl"), entry.object("resource")
    request = entry.object("request")
    if request is not None:
        request.skip("url", "ifNoneExist")
        if request.text("method") == "DELETE":
            request.wrong("method", "filen ber om å slette en ressurs", "Utelat den: det som ikke står her, fjernes.")
    if resource is None:
        entry.wrong("resource", "ressursen mangler", "Ta med selve ressursen.")
        return
    kind = resource.text("resourceType")
    if kind not in TYPES:
        resource.skip(*resource.members)
        bundle.drafts.leave_out(kind if kind.isalnum() and kind.isascii() else "ressurs av ukjent type")
        return
    resource.kind = kind
    if _verify_base(resource):
        _index(bundle, resource, address)


def _index(bundle: Bundle, resource: Object, address: str) -> None:
    code = bundle.code(resource)
    if code in bundle.by_code:
        resource.wrong("id", "en ressurs med denne typen og id-en står i filen før", _ONCE)
        return
    for name in filter(None, (code, address)):
        if bundle.codes.setdefault(name, code) != code:
            resource.wrong("id", "samme fullUrl står på to ressurser", _ONCE)
    bundle.by_code[code] = resource
    if resource.flag("active", otherwise=True):
        bundle.resources[resource.kind].append(resource)
    else:
        resource.skip(*resource.members)
        bundle.drafts.leave_out(f"{resource.kind} som ikke er aktiv")


def _verify_base(resource: Object) -> bool:
    """Refuse what changes the meaning of everything else (FHIR R4, 2.6 and 2.1.27)."""
    for name in ("modifierExtension", "implicitRules", "contained"):
        if name in resource.members:
            resource.skip(name)
            resource.wrong(name, f"{name} kan ikke tas hensyn til", "Eksporter uten, med alle ressurser for seg.")
    if not resource.text("id"):
        resource.wrong("id", "id mangler", "Gi ressursen en id som aldri skifter.")
    return resource.sound


def identifiers(resource: Object, wanted: tuple[str, ...]) -> dict[str, tuple[Object, str]]:
    """What the resource is called in those systems. Numbers of people are refused; others are told as left out."""
    found: dict[str, tuple[Object, str]] = {}
    for one in resource.objects("identifier"):
        one.skip("use", "type", "period", "assigner")
        system, value = one.text("system"), one.text("value")
        if system in OF_PEOPLE:
            one.wrong("value", "et fødselsnummer, D-nummer, hjelpenummer eller DUF-nummer", "Slett identifikatoren.")
        elif system in wanted and system not in found:
            found[system] = one, value
        else:
            again = system in wanted
            name = IDENTIFIERS.get(system, "av et annet system")
            resource.drafts.leave_out(f"{resource.kind}.identifier ({'flere ' if again else ''}{name})")
    return found
