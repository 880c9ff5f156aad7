"""What the vectors of the global log ask for: its tree, the heads tree, notes and checkpoints."""

from collections.abc import Callable
from typing import Any

from crypto import checkpoints, heads_tree, log_entries, log_policies, log_promises, log_tree, notes, witness_requests
from crypto.hashing import Digest

Case = dict[str, Any]
raw = bytes.fromhex


def _hashes(case: Case, name: str) -> tuple[Digest, ...]:
    return tuple(Digest(raw(one)) for one in case[name])


def _entry(data: str) -> log_entries.LogEntry:
    return log_entries.parse_entry(raw(data))


def _tree(case: Case) -> Any:
    if "leaves" in case:
        return {"root": log_tree.root_of(log_tree.leaf_hash(raw(leaf)) for leaf in case["leaves"]).hex()}
    proof, root, size = _hashes(case, "proof"), raw(case["root"]), case["size"]
    if "leaf" in case:
        log_tree.verify_inclusion(log_tree.leaf_hash(raw(case["leaf"])), case["index"], size, proof, root)
    else:
        log_tree.verify_consistency(case["old_size"], raw(case["old_root"]), size, root, proof)
    return {"holds": True}


def _heads(case: Case) -> Any:
    if "entries" in case:
        tree = heads_tree.HeadsTree()
        for entry in case["entries"]:
            tree.put(_entry(entry))
        return {"root": tree.root.hex(), "streams": len(tree)}
    root, proof = raw(case["root"]), _hashes(case, "proof")
    if "newest" in case:
        heads_tree.verify_newest(root, _entry(case["newest"]), proof)
    else:
        stands = None if case["stands"] is None else _entry(case["stands"])
        heads_tree.verify_unknown(root, Digest(raw(case["unknown"])), stands, proof)
    return {"holds": True}


def _note(case: Case) -> Any:
    key, note = notes.parse_note_key(case["key"]), notes.parse_note(case["note"])
    if key.kind is notes.NoteKind.WITNESS:
        return {"seconds": notes.verify_cosignature(note, key)}
    notes.verify_note(note, key)
    found = checkpoints.parse_checkpoint(note.text)
    return {"origin": found.origin, "size": found.size, "root": found.root.hex(), "heads": found.heads.hex()}


def _policy(case: Case) -> Any:
    policy = log_policies.parse_policy(case["policy"].encode())
    found = log_policies.verify_quorum(notes.parse_note(case["note"]), policy, case["now"])
    return {"size": found.checkpoint.size, "cosigned": dict(found.times)}


def _promise(case: Case) -> Any:
    promise = log_promises.parse_promise(raw(case["promise"]))
    due = log_promises.verify_promise(promise, raw(case["deployment"]), raw(case["key"]))
    entry = promise.promised.entry
    found = {"name": entry.name.hex(), "n": entry.n, "head": entry.head.hex()}
    return found | {"position": promise.promised.position, "due": due}


def _request(case: Case) -> Any:
    asked = witness_requests.parse_add_checkpoint(case["body"].encode())
    assert witness_requests.encode_add_checkpoint(asked).decode() == case["body"]
    head = witness_requests.parse_tree_head(notes.parse_note(asked.note).text)
    return {
        "old": asked.old,
        "proof": [one.hex() for one in asked.proof],
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
    }


REPLAY: dict[str, Callable[[Case], Any]] = {
    "log_tree.json": _tree,
    "heads_tree.json": _heads,
    "notes.json": _note,
    "log_policies.json": _policy,
    "log_promises.json": _promise,
    "witness_requests.json": _request,
}
