"""A small listing of an invented hospital, for tests and vectors."""

from datetime import date

from crypto.signing import SigningKey
from domain.duty.rules import OnCallPlan, OnHolidays, OpeningHours, OpenThen, Shift, Span, Swap
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId, PrincipalId
from protocol.listings.answers import Found, Hit
from protocol.listings.entries import Entry, Facts, Hours, Inbox, Organisation, Person, Plan, Role, Unit, encode_entry
from protocol.listings.heads import SignedHead
from protocol.listings.making import Validity, next_version, root_of
from protocol.listings.reading import Authority
from tests.crypto.fixed import some_bytes, some_id

DEPLOYMENT = DeploymentId(some_id("deployment"))
OURS, OTHERS = OrganisationId(some_id("hospital")), OrganisationId(some_id("municipality"))
ROOT, OTHER_ROOT = (SigningKey.from_seed(some_bytes(f"root of {who}")) for who in ("hospital", "municipality"))
ROOTS: dict[bytes, bytes] = {OURS: ROOT.public, OTHERS: OTHER_ROOT.public}
NOW = Millis(1_790_000_000_000)
DAY = 24 * 60 * 60 * 1000
WEEK = Validity(NOW, Millis(NOW + 7 * DAY))


def an_id(name: str) -> EntryId:
    return EntryId(some_id(f"entry {name}"))


def facts() -> dict[str, Facts]:
    """One of each kind, and a unit within a unit."""
    top, unit, ward = an_id("top"), an_id("unit"), an_id("ward")
    night = tuple(Shift(day, 930, 1920, 0, (an_id("anna"),)) for day in range(1, 8))
    return {
        "top": Organisation(("Fjellheim DPS",), "Nordvik", "999999999", "specialist-health", "22 00 00 00"),
        "unit": Unit(("Psykiatrisk akuttmottak", "Akutten"), "Nordvik", top, an_id("desk"), ""),
        "ward": Unit(("Døgnpost øst",), "Sørvik", unit, None, "+47 22 00 00 01"),
        "desk": Inbox(
            ("Vakttelefonen",), "", unit, PrincipalId(some_id("desk")), "acute", None, an_id("nights"), None, ""
        ),
        "office": Inbox(
            ("Ekspedisjonen",), "", ward, None, "referral", an_id("office hours"), None, an_id("desk"), "22 00 00 02"
        ),
        "anna": Person(
            ("Anna Ŋuorra Åsen", "Anna Asen"), "Nordvik", unit, PrincipalId(some_id("anna")), "psykolog", "9999999"
        ),
        "psychologist": Role(("psykolog",), "", unit, "psychologist", an_id("anna"), an_id("desk"), ""),
        "office hours": Hours(
            ("Kontortid",),
            OpeningHours(
                tuple(Span(day, 480, 930) for day in range(1, 6)),
                OnHolidays.CLOSED,
                (OpenThen(date(2026, 12, 24), ((480, 720),)), OpenThen(date(2026, 12, 31), ())),
            ),
        ),
        "nights": Plan(
            ("Nattevakt",),
            OnCallPlan(date(2026, 1, 5), 1, night, OnHolidays.USUAL, (Swap(date(2026, 12, 24), 930, 1440, ()),)),
        ),
    }


def entry(name: str, changed: Facts | None = None, organisation: OrganisationId = OURS) -> bytes:
    return encode_entry(Entry(organisation, an_id(name), changed or facts()[name]))


def listing(**changed: Facts) -> dict[EntryId, bytes]:
    """Everything, by id."""
    return {an_id(name): entry(name, changed.get(name)) for name in facts()}


def signed(entries: dict[EntryId, bytes], newest: SignedHead | None = None, validity: Validity = WEEK) -> SignedHead:
    return next_version((DEPLOYMENT, OURS), entries, newest, validity, ROOT)


def served(entries: dict[EntryId, bytes], head: SignedHead, *names: str) -> Found:
    """What an honest hub answers."""
    tree, order = root_of(entries), sorted(entries)
    places = [order.index(an_id(name)) for name in names]
    return Found((head,), tuple(Hit(0, at, entries[order[at]], tree.proof(at)) for at in places), more=False)


def authority(pinned: SignedHead | None = None, at: Millis = NOW) -> Authority:
    return Authority(DEPLOYMENT, ROOTS, {} if pinned is None else {OURS: pinned}, at)  # type: ignore[arg-type]
