"""Searching the directory as somebody types, over more and more entries, beside a plain scan of the same rows."""

import time
from collections.abc import Iterator
from hashlib import sha256

import asyncpg

from crypto.signing import SigningKey
from domain.ids import DeploymentId, EntryId, Millis, OrganisationId
from protocol.listings.answers import Search, encode_publication
from protocol.listings.entries import Entry, Facts, Inbox, Organisation, Person, Unit, encode_entry
from protocol.listings.making import Validity, entry_id, in_pieces, next_version, publication
from protocol.trust import FORMAT, HubPin, OrganisationPin, Trust
from service.directory.listings import Listings
from service.store import EventStore, StoreSettings
from tests.bench.appends import database
from tests.bench.measured import Goal, Section, Series, percentile

DEPLOYMENT = DeploymentId(bytes(16))
EACH = 5000
"""Entries of one organisation."""
FIRST = ("Anna", "Bjørn", "Cecilie", "Dag", "Elle", "Øystein", "Åse", "Márjá", "Čiske", "Ŋuorra", "Håkon", "Solveig")
LAST = ("berg", "dal", "haugen", "lund", "moen", "nes", "rud", "sæter", "vik", "ås", "jávri", "gård")
SOUNDS = ("Fjell", "Nord", "Sør", "Øst", "Vest", "Lang", "Stor", "Lille", "Granne", "Bjørke", "Elve", "Sjø")
TITLES = ("psykolog", "sykepleier", "vernepleier", "ergoterapeut", "lege", "veileder", "sosionom", "barnevernspedagog")
UNITS = ("Psykiatrisk akuttmottak", "Ambulant akutteam", "Døgnpost", "Rusoppfølging", "Hjemmetjeneste", "Helsestasjon")
TYPED = (
    "psykolog nordvik", "håkon storlund", "mottak sørdal", "akutt", "øystein", "marja lang", "ergo fjellberg",
    "hjemmetj vest", "sosionom østmoen", "cecilie bjørkehaugen", "rus elve", "ase",
)  # fmt: skip
WEEK = Validity(Millis(1_790_000_000_000), Millis(1_790_600_000_000))


def facts(organisation: OrganisationId, number: int, count: int = EACH) -> Iterator[tuple[str, Facts]]:
    """One invented organisation: itself, ten units with an inbox each, and people."""

    def pick(what: str, among: tuple[str, ...]) -> str:
        return among[int.from_bytes(sha256(f"{number} {what}".encode()).digest()[:4]) % len(among)]

    top = entry_id(organisation, "top")
    name, town = pick("a", SOUNDS) + pick("b", LAST), pick("p", SOUNDS) + pick("q", LAST)
    yield "top", Organisation((f"{name} kommune",), town, "", "municipality", "")
    for unit in range(10):
        place = pick(f"u{unit}", SOUNDS) + pick(f"v{unit}", LAST)
        mine = entry_id(organisation, f"unit {unit}")
        yield f"unit {unit}", Unit((f"{pick(f'n{unit}', UNITS)} {unit}",), place, top, None, "")
        yield f"inbox {unit}", Inbox((f"{place} fellesinnboks",), place, mine, None, "referral", None, None, None, "")
    for person in range(count - 21):
        unit = person % 10
        name = f"{pick(f'f{person}', FIRST)} {pick(f'l{person}', SOUNDS)}{pick(f'm{person}', LAST)}"
        place = pick(f"u{unit}", SOUNDS) + pick(f"v{unit}", LAST)
        title = pick(f"t{person}", TITLES)
        yield f"person {person}", Person((name,), place, entry_id(organisation, f"unit {unit}"), None, title, "")


def organisation(number: int) -> tuple[OrganisationId, SigningKey]:
    seed = sha256(f"organisation {number}".encode()).digest()
    return OrganisationId(seed[:16]), SigningKey.from_seed(seed)


async def fill(directory: Listings, number: int) -> None:
    ours, root = organisation(number)
    entries: dict[EntryId, bytes] = {}
    for name, one in facts(ours, number):
        entries[entry_id(ours, name)] = encode_entry(Entry(ours, entry_id(ours, name), one))
    signed = next_version((DEPLOYMENT, ours), entries, None, WEEK, root)
    head, _ = await directory.verify_new(ours, signed)
    await directory.publish(signed, head, publication({}, entries), WEEK.issued_at)


def typing() -> list[str]:
    """Every stroke of every query, from the second letter on."""
    return [text[:length] for text in TYPED for length in range(2, len(text) + 1)]


async def searches(directory: Listings, texts: list[str]) -> list[float]:
    took = []
    for text in texts:
        started = time.perf_counter()
        await directory.search(Search(text, 20))
        took.append((time.perf_counter() - started) * 1000)
    return took


async def scans(link: "asyncpg.Connection[asyncpg.Record]", texts: list[str]) -> list[float]:
    """The same questions by looking at every row: each word somewhere in its words."""
    took = []
    for text in texts:
        wanted = [f"%{word}%" for word in text.split()]
        started = time.perf_counter()
        await link.fetch("SELECT data FROM listing_entries WHERE words::text ILIKE ALL ($1::text[]) LIMIT 20", wanted)
        took.append((time.perf_counter() - started) * 1000)
    return took


async def publishing(count: int) -> float:
    """Seconds to publish one organisation of so many entries, in pieces, on a new database."""
    ours, root = organisation(0)
    entries: dict[EntryId, bytes] = {}
    for name, one in facts(ours, 0, count):
        entries[entry_id(ours, name)] = encode_entry(Entry(ours, entry_id(ours, name), one))
    pin = OrganisationPin(ours, "x", "", root.public, bytes(16))
    trust = Trust(FORMAT, DEPLOYMENT, HubPin(bytes(16), root.public), (pin,), ())
    signed = next_version((DEPLOYMENT, ours), entries, None, WEEK, root)
    pieces = [encode_publication(piece) for piece in in_pieces(publication({}, entries))]
    async with database() as dsn, EventStore(StoreSettings(dsn)) as store:
        directory = Listings(trust, store)
        started = time.perf_counter()
        head, _ = await directory.verify_new(ours, signed)
        for number, piece in enumerate(pieces):
            await directory.stage(signed, head, number, piece)
        while not (await directory.finish(signed, head, len(pieces), WEEK.issued_at)).finished:
            pass
        return time.perf_counter() - started


async def measure(*, sizes: tuple[int, ...]) -> Section:
    """Search as somebody types, at each size."""
    section = Section(
        "Searching the directory",
        "Every stroke of twelve queries, with proofs, beside a scan that looks at every row. All names are invented.",
    )
    count = max(sizes) // EACH
    known = map(organisation, range(max(count, 1)))
    pins = tuple(OrganisationPin(who, "x", "", root.public, bytes(16)) for who, root in known)
    trust = Trust(FORMAT, DEPLOYMENT, HubPin(bytes(16), pins[0].root), pins, ())
    points, texts, done, ratio = [], typing(), 0, 0.0
    async with database() as dsn, EventStore(StoreSettings(dsn)) as store:
        directory = Listings(trust, store)
        link = await asyncpg.connect(dsn)
        for size in sizes:
            while done * EACH < size:
                await fill(directory, done)
                done += 1
            await searches(directory, texts[:60])
            ours, theirs = await searches(directory, texts), await scans(link, texts[:: max(1, len(texts) // 40)])
            p95 = percentile(ours, 0.95)
            ratio = percentile(theirs, 0.95) / p95
            points.append((f"{done * EACH:,}", p95))
            means = f"p50 {percentile(ours, 0.5):.1f}; a scan takes {ratio:.1f} times as long"
            section.add(f"{done * EACH:,} entries, p95", p95, "ms", means)
        await link.close()
    for size in sizes:
        took = await publishing(size)
        section.add(
            f"publishing {size:,} entries of one organisation", took * 1000 / size, "ms an entry", f"{took:.1f} s"
        )
    because = "a scan stops early where many rows fit, and its twentieth match comes soon"
    section.goals.append(Goal("scan / search as you type, p95", ratio, 5.0, "×", because=because))
    section.series.append(Series("Search, p95 by entries", "ms", tuple(points)))
    return section
