"""Vectors of service inboxes' files; what is sealed is kept for as long as it gives the same."""

from typing import Any

from crypto.cbor import decode, encode
from crypto.errors import CryptoError
from crypto.inbox_files import MAX_INBOX_FILE, InboxPlace, InboxSeed, Recipient, seal_inbox
from crypto.layers import kem_hash
from crypto.shapes import SecretKey
from tests.crypto.fixed import flipped, kem_key, kem_seed, some_digest, some_id, some_secret
from tests.vectors.inbox_replay import REPLAY, raw
from tests.vectors.plain_vectors import Case, Standing, finished

FILE = "inbox_files.json"
FIRST = InboxPlace(some_id("deployment"), some_id("inbox"), 1, None)
LATER = InboxPlace(some_id("deployment"), some_id("inbox"), 7, some_digest("the sixth"))
SEEDS = [InboxSeed(n, SecretKey(kem_seed(f"inbox {n}"))) for n in (1, 2)]
WAITING = InboxSeed(3, some_secret("not certified yet"))
STALE = InboxSeed(2, some_secret("never certified"))


def _recipients(*names: str) -> list[Recipient]:
    return [Recipient(some_id(name), 1, kem_key(name).public) for name in names]


def _named(inbox: str, *versions: int) -> dict[str, str]:
    return {str(n): kem_hash([kem_key(f"{inbox} {n}").public]).hex() for n in versions}


def inbox_files(standing: Standing) -> list[Case]:
    kari = {"person": some_id("Kari").hex(), "version": 1, "seed": kem_seed("Kari").hex()}
    jon = {"person": some_id("Jon").hex(), "version": 1, "seed": kem_seed("Jon").hex()}
    both = {"certified": _named("inbox", 1, 2)}

    def sealed(name: str, place: InboxPlace, seeds: list[InboxSeed], *readers: str, **more: Any) -> Case:
        case = {"name": name, **kari, **both, **more}
        old = standing.get(name, {})
        try:
            if REPLAY[FILE](case | {"file": old["file"]}) == old["output"]:
                return case | {"file": old["file"]}
        except (CryptoError, KeyError):
            pass
        return case | {"file": seal_inbox(place, seeds, _recipients(*readers), file_key=some_secret(name)).hex()}

    first = sealed("the first", FIRST, SEEDS[:1], "Kari", certified=_named("inbox", 1))
    good = sealed("a later one", LATER, SEEDS, "Kari", "Jon")
    items: Any = decode(raw(good["file"]), max_size=MAX_INBOX_FILE)

    def changed(name: str, at: int, value: Any) -> Case:
        return good | {"name": name, "file": encode([*items[:at], value, *items[at + 1 :]]).hex()}

    return finished(
        FILE,
        [
            first,
            good,
            good | {"name": "for a colleague", **jon},
            good | {"name": "for another inbox, whose seeds they are not", "certified": _named("another inbox", 1, 2)},
            good | {"name": "before the newest is certified", "certified": _named("inbox", 1)},
            sealed("with a seed that waits for its certificate, and one that never got it", LATER,
                   [*SEEDS, STALE, WAITING], "Kari"),
            good | {"name": "who has no seat", "person": some_id("Ola").hex(), "seed": kem_seed("Ola").hex()},
            good | {"name": "with another key", "seed": kem_seed("Jon").hex()},
            good | {"name": "with a key of another version", "version": 2},
            changed("moved to another inbox", 2, some_id("another inbox")),
            changed("moved to another deployment", 1, some_id("elsewhere")),
            changed("of another generation", 3, 8),
            changed("in the place of another one", 4, some_digest("the fifth")),
            changed("without the colleague", 5, [row for row in items[5] if row[0] == some_id("Kari")]),
            changed("with a flipped bit", 6, flipped(items[6])),
            changed("of another format", 0, 2),
            changed("the first, which replaces something", 3, 1),
            changed("a later one, which replaces nothing", 4, None),
            changed("for nobody", 5, []),
            changed("for one person twice", 5, [items[5][0]] * 2),
            changed("readers out of order", 5, items[5][::-1]),
            changed("a seat too short", 5, [[row[0], row[1], row[2][:-1]] for row in items[5]]),
            good | {"name": "with a byte behind", "file": good["file"] + "00"},
            good | {"name": "cut short", "file": good["file"][:-2]},
        ],
    )  # fmt: skip


FILES = {FILE: ("A service inbox's seeds, sealed for the people who may answer it.", inbox_files)}
