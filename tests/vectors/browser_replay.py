"""What the vectors of a page's handover to a program ask for."""

from collections.abc import Callable
from typing import Any

from crypto import browser_handovers as handovers

Case = dict[str, Any]
raw = bytes.fromhex


def _handover(case: Case) -> Any:
    if "sealed" not in case:
        public = handovers.ProgramKey(raw(case["seed"])).public
        return {"public": public.hex(), "code": handovers.program_code(public)}
    got = handovers.open_handover(raw(case["sealed"]), handovers.ProgramKey(raw(case["seed"])))
    told = {name: getattr(got, name).hex() for name in ("person", "credential", "salt", "key")}
    return told | {"name": got.name}


REPLAY: dict[str, Callable[[Case], Any]] = {"browser_handovers.json": _handover}
