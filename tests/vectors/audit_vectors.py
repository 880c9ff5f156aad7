"""Vectors of audit cases: whom an organisation charges, the acts of a case, and what its auditor is shown."""

from dataclasses import replace
from typing import Any

from crypto.duty_facts import DutySet
from crypto.root_facts import StreamKept
from domain.channel import events as e
from domain.channel.audits import AuditKind
from domain.ids import ChannelId, Millis, PrincipalId, ThreadNo, Version
from protocol import records
from protocol.acts import SignedAct
from protocol.published_keys import encode_entries
from tests.crypto.fixed import signing_key, some_id
from tests.crypto.stream_writing import CLINIC, DEPLOYMENT, NAV, PERSON, ROOTS, STAFF, VAULT, Said, version, written
from tests.protocol import audit_story as audit
from tests.protocol.audit_story import APPROVER, AUDITOR, TUVA
from tests.protocol.keyholders import ANNA, IDA, ROLF, Keyholder
from tests.protocol.reading import after
from tests.protocol.stream_builder import PLACE, Story, stub_of
from tests.vectors.crypto_replay import Case
from tests.vectors.protocol_making import Standing, channel_story, finished, in_hex


def duties(_standing: Standing) -> list[Case]:
    anna, berit = sorted((some_id("Anna"), some_id("Berit")))
    begun = (Said(VAULT), Said(version(1, "A", "B")))
    first, second = DutySet("audit", (anna,)), DutySet("audit", (anna, berit))
    streams = {
        "one is charged, then two, then nobody": written(*begun, Said(first), Said(second), Said(DutySet("audit", ()))),
        "two duties": written(*begun, Said(first), Said(DutySet("audit-approval", (berit,)))),
        "a charge of a root that was replaced": written(
            *begun, Said(first), Said(second), Said(StreamKept(3), signer="new")
        ),
        "a duty of a person's": written(Said(STAFF), Said(first)),
        "charged by another organisation": written(*begun, Said(first, CLINIC)),
        "charged before the vault is there": written(Said(first)),
    }
    roots = {issuer.hex(): [root.hex()] for issuer, root in ROOTS.items()}
    roots[NAV.hex()].append(signing_key("new").public.hex())
    place = {"deployment": DEPLOYMENT.hex(), "principal": PERSON.hex(), "roots": roots}
    return finished(
        "duties.json",
        [
            {"name": name, **place, "entries": [[one.statement.hex(), one.signature.hex()] for one in entries]}
            for name, entries in streams.items()
        ],
    )


def audit_story() -> Story:
    """The small channel, in which the clinic has charged an auditor and an approver."""
    story = channel_story().fork("audit")
    story.keys = audit.knowing(*audit.CHARGED)
    for vault in (audit.VAULT, PrincipalId(some_id("vault of town"))):
        audit.enters(story, vault)
    return story


def _case(story: Story, name: str, items: list[Any], who: Keyholder = AUDITOR, **more: Any) -> Case:
    vaults = (audit.VAULT, PrincipalId(some_id("vault of town")))
    keys = {who.hex(): encode_entries(story.keys.entries(who)).hex() for who in (*vaults, TUVA.person)}
    known: dict[str, Any] = {}
    for record in channel_story().records:
        n = record.version
        known |= {in_hex(records.record_item(record)): n, in_hex(stub_of(record)): -n}
        known.setdefault(in_hex(audit.bare(record)), [n])
    serve = [known.get(in_hex(item), in_hex(item)) for item in items]
    told = {"name": name, "reader": who.principal.hex(), "serve": serve, "keys": keys}
    return {"at": story.now, **told, **more}


def audits(_standing: Standing) -> list[Case]:
    story = audit_story()
    ref = audit.asked(story, kind=AuditKind.CONTENT, purpose="incident")
    before = story.fork("before")
    story.record(story.signed(APPROVER, audit.approval(story, ref)))
    story.record(story.signed(AUDITOR, _asks(ref)))
    return finished(
        "audit_cases.json",
        [
            *(_case(story, f"a case, to {what}", story.served(who.principal), who) for what, who in _READERS.items()),
            *_lies(before, ref),
            *_shown(story, ref),
        ],
    )


_READERS = {"staff": ANNA, "the user": IDA, "a relative": ROLF}


def _asks(ref: Version, **changed: Any) -> e.ContentAsked:
    return replace(e.ContentAsked(ref, bytes(range(32)), (ThreadNo(0),), Version(8), Version(9)), **changed)


def _lies(story: Story, ref: Version) -> list[Case]:
    """Recorded all the same by a hub that wants it so."""
    wider = audit.terms(threads=(ThreadNo(0), ThreadNo(1)))
    good = audit.approval(story, ref)
    elsewhere = replace(PLACE, channel=ChannelId(some_id("other")))
    acts: dict[str, SignedAct] = {
        "approved by the auditor": story.signed(AUDITOR, good),
        "approved by a member of staff": story.signed(ANNA, good),
        "approved by another organisation": story.signed(TUVA, good),
        "approved in the approver's name": story.signed(AUDITOR, good, person=APPROVER.person),
        "approved on wider terms": story.signed(APPROVER, replace(good, terms=wider)),
        "approved for another auditor": story.signed(APPROVER, replace(good, auditor=TUVA.person)),
        "approved in another channel": story.signed(APPROVER, good, place=elsewhere),
        "messages asked for without approval": story.signed(AUDITOR, _asks(ref)),
        "opened by a member of staff": story.signed(ANNA, e.CaseOpened(audit.terms())),
        "opened by the hub": story.hub_act(e.CaseOpened(audit.terms())),
        "opened for ever": story.signed(AUDITOR, e.CaseOpened(audit.terms(ends=Millis(1 << 40)))),
        "opened without a purpose that is one": story.signed(AUDITOR, e.CaseOpened(audit.terms(purpose="curiosity"))),
        "opened on a basis of members": story.signed(AUDITOR, e.CaseOpened(audit.terms(legal_basis="treatment"))),
        "closed by somebody else": story.signed(TUVA, e.CaseClosed(ref)),
    }
    served = story.served(IDA.principal)
    return [_case(story, name, [*served, after(story, act)], IDA) for name, act in acts.items()]


def _shown(story: Story, ref: Version) -> list[Case]:
    """What the auditor is shown, honestly and not."""
    honest = audit.shown(story, ref)
    mine: dict[str, Any] = {"case": ref, "organisation": (AUDITOR.organisation or b"").hex()}
    whole = [*honest[:7], records.record_item(story.records[7]), *honest[8:]]
    more = [*honest[:3], audit.bare(story.records[3]), *honest[4:]]
    late: dict[str, Any] = {**mine, "at": audit.terms().ends}
    asked = story.fork("asked")
    other = audit.asked(asked)
    unapproved: dict[str, Any] = {**mine, "case": other}
    return [
        _case(story, "shown to the auditor", honest, **mine),
        _case(story, "a message kept back", audit.shown(story, ref, unless=[8]), **mine),
        _case(story, "with a message of another time", more, **mine),
        _case(story, "with a body", whole, **mine),
        _case(story, "after the time box", honest, **late),
        _case(story, "to the approver", honest, APPROVER, **mine),
        _case(asked, "without an approval", audit.shown(asked, other), **unapproved),
        _case(story, "without the case", audit.shown(story, ref, unless=[ref]), **mine),
    ]


FILES = {
    "duties.json": ("Key streams of vaults whose organisation charges people with auditing.", duties),
    "audit_cases.json": ("Audit cases in the small channel: what readers make of them, and auditors.", audits),
}
