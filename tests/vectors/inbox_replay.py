"""What the vectors of service inboxes' files ask for."""

from collections.abc import Callable
from typing import Any

from crypto import inbox_files
from crypto.kem import KemKey

Case = dict[str, Any]
raw = bytes.fromhex


def _inbox_file(case: Case) -> Any:
    data = raw(case["file"])
    file = inbox_files.parse_inbox_file(data)
    keys = {case["version"]: KemKey.from_seed(raw(case["seed"]))}
    found = inbox_files.open_inbox(file, raw(case["person"]), keys)
    certified = {int(version): raw(kem_hash) for version, kem_hash in case["certified"].items()}
    counted = inbox_files.certified_seeds(found, certified)  # type: ignore[arg-type]
    carried = inbox_files.carried_on(found, certified)  # type: ignore[arg-type]
    return {
        "inbox": file.place.inbox.hex(),
        "generation": file.place.generation,
        "readers": [[seat.person.hex(), seat.version] for seat in file.seats],
        "hash": inbox_files.inbox_file_hash(data).hex(),
        "seeds": {str(version): seed.hex() for version, seed in counted.items()},
        "carried_on": [[one.version, one.seed.hex()] for one in carried],
    }


REPLAY: dict[str, Callable[[Case], Any]] = {"inbox_files.json": _inbox_file}
