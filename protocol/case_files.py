"""An audit case on its way from the auditor to whoever approves it: the signed opening, and where it stands.

The approver follows no channel. What the file says is believed because the auditor signed it, and approving repeats its
terms, so that whoever hands over another file than the recorded case has nothing approved (`other_terms`).
"""

from dataclasses import dataclass, field
from typing import Final

from crypto import cbor
from crypto.errors import Malformed
from crypto.shapes import array, blob, exactly, whole
from domain.channel.audits import CaseOpened, CaseTerms, Duty
from domain.ids import Millis, OrganisationId, PrincipalId, Version
from protocol.acts import MAX_HEADER, SIGNATURE, Header, Place, SignedAct, parse_header, verify_act
from protocol.directory import Directory
from protocol.duties import has_duty
from protocol.errors import DeviceNotValid, MalformedAct, ProtocolError

FORMAT: Final = 1
MAX_CASE_FILE: Final = 80 * 1024


class BadCaseFile(ProtocolError):
    """No audit case, or one that its auditor has not signed."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case: its place in the channel's record, and the act that opened it. Nothing of it is believed yet."""

    ref: Version
    header: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def opened(self) -> Header:
        """The header, as it says of itself. Raises `BadCaseFile`."""
        try:
            header, _ = parse_header(self.header)
        except ProtocolError as error:
            raise BadCaseFile(error.code) from None
        return header

    @property
    def place(self) -> Place:
        """Deployment and channel. Raises `BadCaseFile`."""
        return self.opened.place


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """What the auditor has signed. Only `verify_case_file` makes these."""

    place: Place
    ref: Version
    auditor: PrincipalId
    organisation: OrganisationId
    terms: CaseTerms


def encode_case_file(file: CaseFile) -> bytes:
    """The file: a CBOR array of 4."""
    return cbor.encode([FORMAT, file.ref, file.header, file.signature])


def parse_case_file(data: bytes) -> CaseFile:
    """The case in a file. Raises `BadCaseFile`."""
    try:
        form, ref, header, signature = array(cbor.decode(data, max_size=MAX_CASE_FILE), 4)
        whole(form, FORMAT, FORMAT)
        found = CaseFile(Version(whole(ref, 1)), blob(header), exactly(signature, SIGNATURE))
    except Malformed as error:
        raise BadCaseFile(str(error)) from None
    if len(found.header) > MAX_HEADER:
        raise BadCaseFile("header size")
    return found


def verify_case_file(file: CaseFile, directory: Directory, at: Millis) -> OpenedCase:
    """What the file asks for, signed by somebody whom the organisation has charged with auditing at `at`.

    Raises:
        BadCaseFile: no opening act, not signed, or by nobody who may audit.
        UnknownDevice, UnknownKey: a key stream is missing; fetch the streams of author and vault.

    """
    header = file.opened
    if not isinstance(header.event, CaseOpened) or header.person is None or header.organisation is None:
        raise BadCaseFile("not the opening of a case")
    try:
        verify_act(SignedAct(file.header, file.signature, None), header.place, directory.signer)
        directory.verify_author(header, at)
    except (MalformedAct, DeviceNotValid) as error:
        raise BadCaseFile(error.code) from None
    if not has_duty(directory, header.organisation, header.person, Duty.AUDIT, at):
        raise BadCaseFile("not_charged")
    return OpenedCase(header.place, file.ref, header.person, header.organisation, header.event.terms)
