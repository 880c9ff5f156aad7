"""Vectors of the global log: its tree and proofs (RFC 6962), the heads tree, signed notes and checkpoints (C2SP)."""

from base64 import b64encode
from dataclasses import replace

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.heads_tree import HeadsTree
from crypto.log_entries import LogEntry, entry_bytes
from crypto.log_promises import Promise, Promised, encode_promise, make_promises
from crypto.log_proofs import consistency_proof, inclusion_proof
from crypto.log_tree import leaf_hash, node_hash, root_of
from crypto.notes import NoteKind, cosignature_line, note_key, sign_note
from tests.crypto.fixed import flipped, signing_key, some_digest
from tests.vectors.plain_vectors import Case, Standing, finished

# The eight leaves of the test data that logs of certificates have used since 2013.
KNOWN = [raw.hex() for raw in (b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43")] + [
    bytes(range(0x50, 0x58)).hex(),
    bytes(range(0x60, 0x70)).hex(),
]
ORIGIN, WITNESS = "hub.samsnakk.example/log", "dps.samsnakk.example/witness"


def _subtree(level: int, index: int) -> bytes:
    if level == 0:
        return leaf_hash(bytes.fromhex(KNOWN[index]))
    return node_hash(_subtree(level - 1, 2 * index), _subtree(level - 1, 2 * index + 1))


def _root(size: int) -> str:
    return root_of(leaf_hash(bytes.fromhex(leaf)) for leaf in KNOWN[:size]).hex()


def _included(index: int, size: int) -> Case:
    proof = [one.hex() for one in inclusion_proof(index, size, _subtree)]  # type: ignore[arg-type]
    return {"leaf": KNOWN[index], "index": index, "size": size, "root": _root(size), "proof": proof}


def _grown(old: int, size: int) -> Case:
    proof = [one.hex() for one in consistency_proof(old, size, _subtree)]  # type: ignore[arg-type]
    return {"old_size": old, "old_root": _root(old), "size": size, "root": _root(size), "proof": proof}


def tree(_standing: Standing) -> list[Case]:
    leaf, grown = _included(4, 7), _grown(3, 7)
    other = some_digest("other").hex()
    cases: list[Case] = [
        *({"name": f"{size} leaves", "leaves": KNOWN[:size]} for size in range(9)),
        *({"name": f"leaf {i} of {n}"} | _included(i, n) for i, n in ((0, 1), (0, 8), (4, 7), (6, 7), (2, 5))),
        *(
            {"name": f"{old} grown to {n}"} | _grown(old, n)
            for old, n in ((0, 5), (1, 8), (3, 7), (4, 8), (6, 8), (7, 7))
        ),
        leaf | {"name": "another leaf", "leaf": KNOWN[3]},
        leaf | {"name": "another place", "index": 5},
        leaf | {"name": "outside the log", "index": 7},
        leaf | {"name": "a proof too long", "proof": [*leaf["proof"], other]},
        leaf | {"name": "a proof too short", "proof": leaf["proof"][:-1]},
        leaf | {"name": "a hash of 31 bytes", "proof": [leaf["proof"][0][:-2], *leaf["proof"][1:]]},
        leaf | {"name": "a node read as a leaf", "leaf": leaf["proof"][0] * 2},
        grown | {"name": "another old root", "old_root": other},
        grown | {"name": "another new root", "root": other},
        grown | {"name": "shrunk", "old_size": 8},
        grown | {"name": "an empty proof", "proof": []},
        grown | {"name": "a changed proof", "proof": [other, *grown["proof"][1:]]},
    ]
    return finished("log_tree.json", cases)


def _entry(name: str, n: int, *, first: int | None = None) -> LogEntry:
    raw = some_digest(name)
    return LogEntry(raw if first is None else type(raw)(bytes([first]) + raw[1:]), n, some_digest(f"{name} {n}"))


def heads(_standing: Standing) -> list[Case]:
    one, newer, near = _entry("a", 1, first=0), _entry("a", 2, first=0), _entry("b", 5, first=1)
    far, stranger = _entry("c", 3, first=255), _entry("d", 1, first=128)
    full = HeadsTree()
    for entry in (one, near, far, newer):
        full.put(entry)
    root = full.root.hex()

    def shown(entry: LogEntry) -> str:
        return entry_bytes(entry).hex()

    def proof(entry: LogEntry) -> list[str]:
        return [sibling.hex() for sibling in full.proof(entry.name)[1]]

    newest: Case = {"root": root, "newest": shown(newer), "proof": proof(newer)}
    unknown: Case = {"root": root, "unknown": stranger.name.hex(), "stands": shown(far), "proof": proof(stranger)}
    cases: list[Case] = [
        {"name": "no stream", "entries": []},
        {"name": "one stream", "entries": [shown(one)]},
        {"name": "three streams, one of them twice", "entries": [shown(e) for e in (one, near, far, newer)]},
        {"name": "the same in another order", "entries": [shown(e) for e in (far, newer, near)]},
        newest | {"name": "the newest of a stream"},
        newest | {"name": "one that is no longer the newest", "newest": shown(one)},
        newest | {"name": "siblings turned round", "proof": proof(newer)[::-1]},
        newest | {"name": "a sibling missing", "proof": proof(newer)[:-1]},
        newest | {"name": "257 siblings", "proof": proof(newer)[:1] * 257},
        unknown | {"name": "a stream that is not there"},
        unknown | {"name": "a stream that is there", "unknown": far.name.hex()},
        unknown | {"name": "a leaf from elsewhere", "stands": shown(newer), "proof": proof(newer)},
        newest | {"name": "no record", "newest": shown(newer).replace("02", "00", 1)},
    ]
    return finished("heads_tree.json", cases)


def signed_notes(_standing: Standing) -> list[Case]:
    log, witness = signing_key("log"), signing_key("witness")
    by_log, by_witness = note_key(ORIGIN, NoteKind.LOG, log.public), note_key(WITNESS, NoteKind.WITNESS, witness.public)
    text = checkpoint_text(Checkpoint(ORIGIN, 1_000_000, some_digest("root"), some_digest("heads")))
    note, line = sign_note(text, ORIGIN, log), cosignature_line(text, WITNESS, witness, 1_795_000_000)
    both = note + line
    wrong = f"— {ORIGIN} {b64encode(by_log.hash + flipped(log.sign_text(text.encode()))).decode()}\n"
    of_log: Case = {"key": str(by_log), "note": note}
    of_witness: Case = {"key": str(by_witness), "note": both}
    bare = text.rsplit("heads", 1)[0]
    cases: list[Case] = [
        of_log | {"name": "a checkpoint"},
        of_log | {"name": "a cosigned checkpoint", "note": both},
        of_witness | {"name": "its cosignature"},
        of_witness | {"name": "not cosigned", "note": note},
        of_log | {"name": "another size", "note": note.replace("1000000", "1000001")},
        of_log | {"name": "a second line in the log's name, wrong", "note": note + wrong},
        of_log | {"name": "another log's key", "key": str(note_key(ORIGIN, NoteKind.LOG, witness.public))},
        of_log | {"name": "a key with another hash", "key": str(by_log).replace("+", "+0", 1)},
        of_log | {"name": "a size with a zero before", "note": sign_note(text.replace("1000", "01000"), ORIGIN, log)},
        of_log | {"name": "without heads", "note": sign_note(bare, ORIGIN, log)},
        of_log | {"name": "carriage returns", "note": note.replace("\n", "\r\n")},
        of_log | {"name": "no signature", "note": text},
    ]
    return finished("notes.json", cases)


def policies(_standing: Standing) -> list[Case]:
    now = 1_795_000_000
    log, text = signing_key("log"), checkpoint_text(Checkpoint(ORIGIN, 9, some_digest("root"), some_digest("heads")))
    by_log = note_key(ORIGIN, NoteKind.LOG, log.public)
    keys = {name: signing_key(f"witness {name}") for name in "abcd"}
    vkeys = {name: note_key(f"{name}.example/w", NoteKind.WITNESS, key.public) for name, key in keys.items()}
    note = sign_note(text, ORIGIN, log)

    def by(names: str, at: int = now) -> str:
        return note + "".join(cosignature_line(text, vkeys[name].name, keys[name], at) for name in names)

    begun = f"log {by_log}\n" + "".join(f"witness {name} {vkey}\n" for name, vkey in vkeys.items())
    three: Case = {"policy": f"{begun}group all 3 a b c d\nquorum all\n", "now": now}
    two: Case = {"policy": f"{begun}group x any a b\ngroup y all c d\ngroup all all x y\nquorum all\n", "now": now}
    wrong = f"— {vkeys['d'].name} {b64encode(vkeys['d'].hash + bytes(72)).decode()}\n"
    cases: list[Case] = [
        three | {"name": "three of four", "note": by("abd")},
        three | {"name": "two of four", "note": by("bd")},
        three | {"name": "one of them twice", "note": by("bdd")},
        three | {"name": "three, and a wrong line of the fourth", "note": by("abc") + wrong},
        three | {"name": "a time to come", "note": by("ab") + by("c", now + 301)[len(note) :]},
        three | {"name": "not signed by the log", "note": by("abcd").replace(note[len(text) + 1 :], "")},
        two | {"name": "groups of groups", "note": by("bcd")},
        two | {"name": "three, but not these", "note": by("abc")},
        three | {"name": "nobody is asked", "policy": f"{begun}quorum none\n", "note": note},
        three | {"name": "a key under two names", "policy": f"{begun}witness e {vkeys['a']}\nquorum a\n", "note": note},
        three | {"name": "a member of two groups", "policy": f"{begun}group x any a\ngroup y any a\nquorum y\n"},
        three | {"name": "a quorum of nobody", "policy": f"{begun}quorum e\n"},
    ]
    return finished("log_policies.json", [{"note": note} | case for case in cases])


def promises(_standing: Standing) -> list[Case]:
    deployment, log, other = bytes(range(16)), signing_key("log"), signing_key("another log")
    records = [
        Promised(LogEntry(some_digest(f"stream {n}"), n + 1, some_digest(f"head {n}")), 900 + n) for n in range(5)
    ]
    made = make_promises(records, deployment, 1_795_000_060_000, log)
    good: Case = {"deployment": deployment.hex(), "key": log.public.hex()}

    def of(promise: Promise, **changes: object) -> str:
        return encode_promise(replace(promise, **changes)).hex()  # type: ignore[arg-type]

    first = made[0].promised
    elsewhere = replace(first, position=first.position + 1)
    cases: list[Case] = [
        good | {"name": f"record {n + 1} of 5", "promise": of(promise)} for n, promise in enumerate(made)
    ]
    alone = make_promises(records[:1], deployment, 1_795_000_060_000, log)[0]
    cases += [
        good | {"name": "one alone", "promise": of(alone)},
        good | {"name": "another place", "promise": of(made[0], promised=elsewhere)},
        good | {"name": "another head", "promise": of(made[0], promised=made[1].promised)},
        good | {"name": "another index", "promise": of(made[0], index=1)},
        good | {"name": "a sibling less", "promise": of(made[0], siblings=made[0].siblings[1:])},
        good | {"name": "another statement", "promise": of(made[0], statement=alone.statement)},
        good | {"name": "another key", "promise": of(make_promises(records, deployment, 1, other)[0])},
        good | {"name": "another deployment", "promise": of(made[0]), "deployment": bytes(16).hex()},
        good | {"name": "no promise", "promise": "80"},
        good | {"name": "position 0", "promise": of(made[0]).replace("190384", "00", 1)},
    ]
    return finished("log_promises.json", cases)


# The example in the text of C2SP tlog-witness (CC BY 4.0, https://c2sp.org/tlog-witness).
EXAMPLE = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
    "+xeMcTOAYQ8=\n"
    "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovn"
    "zv++qbSzm9Q=\n"
)


def requests(_standing: Standing) -> list[Case]:
    head, note = EXAMPLE.split("\n\n", 1)
    hashes = "\n".join(head.split("\n")[1:])
    bare = note.split("\n\n")
    cases: list[Case] = [
        {"name": "the example of the format", "body": EXAMPLE},
        {"name": "the first time", "body": f"old 0\n\n{note}"},
        {"name": "with an extension line", "body": f"{head}\n\n{bare[0]}\nmore\n\n{bare[1]}"},
        {"name": "64 hashes", "body": "old 1\n" + f"{hashes}\n" * 16 + f"\n{note}"},
        {"name": "63 hashes", "body": "old 1\n" + f"{hashes}\n" * 15 + hashes.rsplit("\n", 1)[0] + f"\n\n{note}"},
        {"name": "no old size", "body": f"{hashes}\n\n{note}"},
        {"name": "a size with a zero before", "body": EXAMPLE.replace("old 2", "old 02", 1)},
        {"name": "a size with a sign", "body": EXAMPLE.replace("old 2", "old +2", 1)},
        {"name": "two spaces", "body": EXAMPLE.replace("old ", "old  ", 1)},
        {"name": "no empty line", "body": f"{head}\n{note.replace(chr(10) * 2, chr(10))}"},
        {"name": "a hash of 31 bytes", "body": EXAMPLE.replace("PlRN", "", 1)},
        {"name": "a hash in a second form", "body": EXAMPLE.replace("Kj/0=", "Kj/1=", 1)},
        {"name": "carriage returns", "body": EXAMPLE.replace("\n", "\r\n")},
        {"name": "no note", "body": f"{head}\n\n"},
        {"name": "two lines only", "body": EXAMPLE.replace("20852163\n", "", 1)},
    ]
    return finished("witness_requests.json", cases)


FILES = {
    "log_promises.json": ("What commits the hub to log what it receipted.", promises),
    "log_tree.json": ("The log's tree: roots, inclusion, consistency (RFC 6962).", tree),
    "heads_tree.json": ("The heads tree: what is newest, and what is not there.", heads),
    "log_policies.json": ("Quorum policies: who must cosign a checkpoint (C2SP tlog-policy).", policies),
    "witness_requests.json": ("What a log asks a witness (C2SP tlog-witness).", requests),
    "notes.json": ("Checkpoints as signed notes, and cosignatures (C2SP).", signed_notes),
}
