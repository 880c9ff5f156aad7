"""Every way we know to forge a bundle: each changes the files of one, as a forger would."""

import hashlib
import io
import json
from typing import Any

from crypto import cbor
from samsnakk.evidence.contents import ACCESS, CHECKPOINT, EVENTS, KEYS, LOG, NAMES, RECORD, item_bytes
from samsnakk.evidence.contents import read_items as items_in

Files = dict[str, bytes]
Items = list[Any]


def items(files: Files, name: str) -> Items:
    return list(items_in(io.BytesIO(files[name])))


def put(files: Files, name: str, found: Items) -> None:
    files[name] = b"".join(item_bytes(item) for item in found)


def ends(files: Files, **changed: dict[str, Any]) -> None:
    about = json.loads(files["bundle.json"])
    for name, end in changed.items():
        about[name] |= end
    files["bundle.json"] = json.dumps(about).encode()


def drop_newest(files: Files) -> None:
    put(files, RECORD, items(files, RECORD)[:-1])
    ends(files, record={"version": len(items(files, RECORD))})


def drop_middle(files: Files) -> None:
    found = items(files, RECORD)
    put(files, RECORD, [*found[:3], *found[4:]])


def swap(files: Files) -> None:
    found = items(files, RECORD)
    put(files, RECORD, [*found[:-2], found[-1], found[-2]])


def _record(item: list[Any]) -> list[Any]:
    found = cbor.decode(item[1], max_size=10**6)
    assert isinstance(found, list)
    return found


def back_date(files: Files) -> None:
    found = items(files, RECORD)
    header, signature, version, at = _record(found[-1])
    found[-1][1] = cbor.encode([header, signature, version, at - 1])
    put(files, RECORD, found)


def other_author(files: Files) -> None:
    """A message of one person under the device of another."""
    found = items(files, RECORD)
    messages = [item for item in found if len(item) == 4 and item[3] == "content"]
    header, _, version, at = _record(messages[-1])
    messages[-1][1] = cbor.encode([header, _record(messages[0])[1], version, at])
    put(files, RECORD, found)


def other_body(files: Files) -> None:
    found = items(files, RECORD)
    messages = [item for item in found if len(item) == 4 and item[3] == "content"]
    messages[0][2], messages[-1][2] = messages[-1][2], messages[0][2]
    put(files, RECORD, found)


def as_leaf(files: Files) -> None:
    """Hide a record of which the reader may have everything behind its leaf."""
    found = items(files, RECORD)
    place = next(n for n, item in enumerate(found) if len(item) == 4 and item[3] == "content")
    blind, record, _, kind_class = found[place]
    header, _, version, at = _record(found[place])
    thread = cbor.decode(header, max_size=10**6)
    assert isinstance(thread, list)
    inner = hashlib.sha256(b"samsnakk/1 record\0" + blind + record).digest()
    found[place] = [version, thread[4], kind_class, at, inner]
    put(files, RECORD, found)


def drop_reading(files: Files) -> None:
    found = items(files, ACCESS)
    put(files, ACCESS, found[:-1])
    ends(files, access={"version": len(found) - 1})


def invented_reading(files: Files) -> None:
    found = items(files, ACCESS)
    put(files, ACCESS, [*found, found[0]])


def other_key(files: Files) -> None:
    found = items(files, KEYS)
    found[-1][1], found[-2][1] = found[-2][1], found[-1][1]
    put(files, KEYS, found)


def without_revocations(files: Files) -> None:
    """A key stream without its newest statement: this is how a revocation would be left out."""
    found = items(files, KEYS)
    longest = max(range(len(found)), key=lambda n: len(found[n][1]))
    stream = cbor.decode(found[longest][1], max_size=10**6)
    assert isinstance(stream, list)
    found[longest][1] = cbor.encode(stream[:-1])
    put(files, KEYS, found)


def without_proof(files: Files) -> None:
    found = items(files, LOG)
    found[0][1] = found[0][1][1:]
    put(files, LOG, found)


def other_checkpoint(files: Files) -> None:
    found = items(files, LOG)
    lines = found[-1][0].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    found[-1][0] = "\n".join(lines)
    put(files, LOG, found)


def other_cosigned(files: Files) -> None:
    files[CHECKPOINT] = files[CHECKPOINT].replace(b"heads ", b"heads A", 1)


LIES = [
    drop_newest,
    drop_middle,
    swap,
    back_date,
    other_author,
    other_body,
    drop_reading,
    invented_reading,
    other_key,
    without_revocations,
    without_proof,
    other_checkpoint,
    other_cosigned,
]


def other_reader_named(files: Files) -> None:
    names = json.loads(files[NAMES])
    names[next(iter(names))]["name"] = "Noen Andre"
    files[NAMES] = (json.dumps(names, indent=2, ensure_ascii=False) + "\n").encode()


def other_event(files: Files) -> None:
    files[EVENTS] = files[EVENTS].replace(b"COC", b"TREAT")


BY_RULES = [as_leaf, other_event, other_reader_named]
"""What only the rules, or files that follow from others, show: the short verifier says that it does not look there."""
