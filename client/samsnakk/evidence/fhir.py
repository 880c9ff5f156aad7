"""The access log as FHIR R4 `AuditEvent`s, one for each reading, by the profile of IHE BALP 1.1 for disclosures.

Profile `IHE.BasicAudit.PrivacyDisclosure.Source`: the hub is where it was disclosed from and who observed it, the
device is where it went, with the person, the organisation and the inbox behind it. Nobody's address on the network is
in a line of the log, so both ends are named by URI.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from domain.access.events import Purpose, ThreadBasis
from domain.access.readings import Reading
from domain.ids import Code, Millis

PROFILE: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source"
LEGAL_BASIS: Final = "urn:samsnakk:legal-basis"
ORGANISATION_NUMBER: Final = "urn:oid:2.16.578.1.12.4.1.4.101"
_DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"
_URI: Final = "5"
_READING: Final = "urn:samsnakk:reading"

PURPOSES: Final[Mapping[Purpose, tuple[str, str]]] = {
    Purpose.TREATMENT: ("TREAT", "treatment"),
    Purpose.COORDINATION: ("COC", "coordination of care"),
    Purpose.OWN_RECORD: ("PATRQT", "patient requested"),
    Purpose.EMERGENCY: ("ETREAT", "Emergency Treatment"),
    Purpose.AUDIT: ("HCOMPL", "health compliance"),
    Purpose.ARCHIVE: ("RECORDMGT", "records management"),
}
"""Each purpose in HL7's v3 ActReason."""


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call somebody; `number`: an organisation's in Enhetsregisteret."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose channel it is, where it lies, and who serves it. `user` is None before she has arrived."""

    deployment: bytes
    channel: bytes
    user: bytes | None
    hub: bytes


def audit_events(
    readings: Iterable[Reading], subject: Subject, names: Mapping[bytes, Named]
) -> Iterator[dict[str, Any]]:
    """One resource for each reading, in the order of the log; `names` by 16-byte id, as far as they are known."""
    for reading in readings:
        yield _Event(reading, subject, names).resource()


def event_line(event: dict[str, Any]) -> str:
    """One resource on one line (FHIR's NDJSON), in the one form it has."""
    return msgspec.json.encode(event, order="deterministic").decode() + "\n"


@dataclass(frozen=True, slots=True)
class _Event:
    reading: Reading
    subject: Subject
    names: Mapping[bytes, Named]

    def resource(self) -> dict[str, Any]:
        r = self.reading
        period = {"start": instant(r.opened_at)}
        if r.closed_at is not None:
            period["end"] = instant(r.closed_at)
        return {
            "resourceType": "AuditEvent",
            "id": f"{self.subject.channel.hex()}-{r.line}",
            "meta": {"profile": [PROFILE]},
            "type": _coding(_DICOM, "110106", "Export"),
            "subtype": [
                _coding(f"{_TERMS}/iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event"),
                _coding(_READING, r.reach.value if r.reach is not None else "subscription"),
            ],
            "action": "R",
            "period": period,
            "recorded": instant(r.opened_at),
            "outcome": "0",
            "purposeOfEvent": self._purposes(),
            "agent": list(self._agents()),
            "source": {
                "site": uri(self.subject.deployment),
                "observer": self._hub(),
                "type": [_coding(f"{_TERMS}/security-source-type", "4", "Application Server")],
            },
            "entity": list(self._entities()),
        }

    def _purposes(self) -> list[dict[str, Any]]:
        code, display = PURPOSES[self.reading.purpose]
        return [{"coding": [_coding(f"{_TERMS}/v3-ActReason", code, display)]}]

    def _hub(self) -> dict[str, Any]:
        return {"type": "Device", "identifier": _identifier(self.subject.hub), "display": "Samsnakk"}

    def _agents(self) -> Iterator[dict[str, Any]]:
        r = self.reading
        yield _end("110153", "Source Role ID", self._hub(), self.subject.hub)
        recipient = {"type": "Device", "identifier": _identifier(r.device)}
        yield _end("110152", "Destination Role ID", recipient, r.device)
        yield {
            "type": _concept(f"{_TERMS}/v3-ParticipationType", "IRCP", "information recipient"),
            "who": self._who(r.person),
            "requestor": True,
            "policy": _policies(basis.legal_basis for basis in r.bases),
            "purposeOfUse": self._purposes(),
        }
        if r.role is not None:
            yield _behind("ASSIGNED", "assigned entity", self._who(r.role))
        if r.organisation is not None:
            yield _behind("PROV", "healthcare provider", self._organisation(r.organisation))

    def _who(self, principal: bytes) -> dict[str, Any]:
        return {"identifier": _identifier(principal)} | self._display(principal)

    def _organisation(self, organisation: bytes) -> dict[str, Any]:
        number = self.names[organisation].number if organisation in self.names else ""
        identifier = {"system": ORGANISATION_NUMBER, "value": number} if number else _identifier(organisation)
        return {"type": "Organization", "identifier": identifier} | self._display(organisation)

    def _display(self, principal: bytes) -> dict[str, str]:
        return {"display": self.names[principal].name} if principal in self.names else {}

    def _entities(self) -> Iterator[dict[str, Any]]:
        r, subject = self.reading, self.subject
        yield {
            "what": {"type": "Patient", "identifier": _identifier(subject.user or subject.channel)},
            "type": _coding(f"{_TERMS}/audit-entity-type", "1", "Person"),
            "role": _coding(f"{_TERMS}/object-role", "1", "Patient"),
        }
        what = _identifier(r.file or subject.channel)
        # Whoever looks who has read gets no thread: the entity then is the channel's access log.
        for details in [self._thread(basis) for basis in r.bases] or [self._access_log()]:
            yield {
                "what": {"identifier": what},
                "type": _coding(f"{_TERMS}/audit-entity-type", "2", "System Object"),
                "role": _coding(f"{_TERMS}/object-role", "4", "Domain Resource"),
                "detail": [{"type": key, "valueString": value} for key, value in details.items()],
            }

    def _thread(self, basis: ThreadBasis) -> dict[str, str]:
        return {**self._line(), "thread": str(basis.thread), "legal basis": basis.legal_basis, **self._case()}

    def _access_log(self) -> dict[str, str]:
        return {**self._line(), **self._case()}

    def _line(self) -> dict[str, str]:
        r = self.reading
        return {"line": str(r.line), "first version": str(r.start), "last version": str(r.until)}

    def _case(self) -> dict[str, str]:
        """The audit case that an auditor looked on."""
        case = self.reading.case
        if case is None:
            return {}
        said = {"case": str(case.case), "case number": case.number, "case purpose": case.purpose}
        return {**said, "case legal basis": case.legal_basis, "case approver": uri(case.approver)}


def uri(identifier: bytes) -> str:
    """A 16-byte id as a URI (RFC 9562 §4)."""
    return f"urn:uuid:{UUID(bytes=identifier)}"


def instant(at: Millis) -> str:
    """A FHIR instant in UTC, to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _identifier(identifier: bytes) -> dict[str, str]:
    return {"system": "urn:ietf:rfc:3986", "value": uri(identifier)}


def _coding(system: str, code: str, display: str = "") -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}


def _end(code: str, display: str, who: dict[str, Any], device: bytes) -> dict[str, Any]:
    network = {"address": uri(device), "type": _URI}
    return {"type": _concept(_DICOM, code, display), "who": who, "requestor": False, "network": network}


def _behind(code: str, display: str, who: dict[str, Any]) -> dict[str, Any]:
    return {"type": _concept(f"{_TERMS}/v3-RoleClass", code, display), "who": who, "requestor": False}


def _policies(bases: Iterable[Code]) -> list[str]:
    return [f"{LEGAL_BASIS}:{basis}" for basis in sorted(set(bases))]
