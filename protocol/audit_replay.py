"""Replaying a channel as the auditor of one case: headers of the case's scope, leaves of everything else.

The auditor is handed no message and no key, so bodies never come. What the case opens and the hub keeps back shows,
because all that decides it stands in the leaf; what lies outside the case may not come at all.
"""

from domain.channel.audit_cases import case_reads, is_erased, ref_of, verify_open_to
from domain.channel.audits import AuditCase
from domain.channel.state import Channel
from domain.channel.terms import KindClass
from domain.errors import Refusal
from domain.ids import Millis, OrganisationId, PrincipalId, Version
from protocol.acts import Place, VerifiedAct
from protocol.directory import Directory
from protocol.errors import UncoveredContent, UnjustifiedStub
from protocol.records import Stub
from protocol.replay import Accepted, Replay


class AuditReplay(Replay):
    """What the auditor has verified so far of the case opened at version `ref`."""

    def __init__(
        self,
        place: Place,
        auditor: PrincipalId,
        organisation: OrganisationId | None,
        ref: Version,
        directory: Directory,
    ) -> None:
        super().__init__(place, auditor, directory)
        self.ref = ref
        self._organisation = organisation
        self._looked: list[Accepted] = []

    def accept(self, item: object) -> Accepted:
        """As `Replay.accept`; what came whole is judged by the case when all has come (`verify_scope`)."""
        accepted = super().accept(item)
        if accepted.act is not None:
            self._looked.append(accepted)
        return accepted

    def case(self, at: Millis) -> AuditCase:
        """The case, once its record is here and lets this auditor look at `at`.

        Raises:
            Refusal: it does not, or not any more.

        """
        return verify_open_to(self.channel, self.ref, self.reader, self._organisation, at)

    def verify_scope(self, at: Millis) -> AuditCase:
        """At the newest record: an approved case, all that it opens, and nothing besides.

        Raises:
            UncoveredContent: the hub has released what no approved case opens.
            UnjustifiedStub: it hides something that the case opens.

        """
        try:
            case = self.case(at)
        except Refusal as refusal:
            raise UncoveredContent(refusal.code) from None
        for one in self._looked:
            mine = one.act is not None and ref_of(one.header.event, one.version) == self.ref
            if not mine and not case_reads(case, one.thread, one.kind_class, one.version, one.recorded_at):
                raise UncoveredContent(f"version {one.version} lies outside the case")
        self.verify_stubs(at)
        return case

    def _check_body(self, act: VerifiedAct, version: Version) -> None:
        if act.signed.body is not None:
            raise UncoveredContent(f"the body of version {version}")

    def _check_structure(self, stub: Stub) -> None:
        """Judged with everything else, once the case itself is known."""

    def _may_read(self, channel: Channel, stub: Stub, at: Millis) -> bool:  # noqa: ARG002 - as `Replay` asks it
        case = channel.cases.get(self.ref)
        if case is None:
            raise UnjustifiedStub("the case itself is kept back")
        if stub.kind_class is KindClass.AUDIT:
            return stub.version == self.ref
        if is_erased(channel, stub.thread, stub.version):
            return False
        return case_reads(case, stub.thread, stub.kind_class, stub.version, stub.recorded_at)
