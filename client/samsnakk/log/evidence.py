"""Writing down how a hub's log lied: everything that was seen, for whoever judges it later."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import time_ns

from crypto.errors import CryptoError
from crypto.hashing import Digest
from crypto.log_entries import LogEntry, entry_bytes, parse_entry
from protocol import errors
from protocol.errors import Attack, ProtocolError
from protocol.log_evidence import LogEvidence, StreamSeen, encode_evidence
from protocol.log_watch import Stream
from protocol.trust import Trust
from samsnakk.errors import LogBroken
from samsnakk.private_files import write_private


@dataclass(frozen=True, slots=True)
class Seen:
    """What is being compared: the notes, and the stream that is being judged."""

    older: str = ""
    newer: str = ""
    consistency: tuple[bytes, ...] = ()
    stream: StreamSeen | None = None
    promise: bytes | None = None

    def of_stream(
        self,
        name: Digest,
        stream: Stream | None,
        proof: tuple[bytes | None, Sequence[bytes]],
        before: LogEntry | None,
    ) -> "Seen":
        """The same, with what the log says of this stream, and what stands here at the version where they differ."""
        n = 0 if stream is None else stream.version
        said = _parsed(proof[0], name)
        if stream is not None and said is not None and said.n < n and stream.head_at(said.n) not in (None, said.head):
            n = said.n
        head = (None if stream is None else stream.head_at(n)) or b""
        earlier = None if before is None else entry_bytes(before)
        return replace(self, stream=StreamSeen(name, n, head, proof[0], tuple(proof[1]), earlier))


def write_evidence(folder: Path, problem: ProtocolError, seen: Seen, trust: Trust) -> Path:
    """Write the file; returns where it is."""
    now = time_ns() // 1_000_000
    file = folder / f"evidence-log-{now}.cbor"
    keep_evidence(file, problem, seen, trust, now)
    return file


def keep_evidence(file: Path, problem: ProtocolError, seen: Seen, trust: Trust, at: int) -> None:
    """Write it to `file`, making the folder where it is missing; `at`: UTC milliseconds."""
    evidence = LogEvidence(
        code=problem.code,
        detail=problem.detail,
        seen_at=at,
        deployment=trust.deployment,
        key=trust.hub.public_key,
        older=seen.older,
        newer=seen.newer,
        consistency=seen.consistency,
        stream=seen.stream,
        promise=seen.promise,
    )
    file.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(file, encode_evidence(evidence))


def broken_before(kept: tuple[str, str, str], folder: Path) -> LogBroken:
    """The lie that an earlier run of the program found."""
    code, detail, file = kept
    kinds = {kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Attack)}
    return LogBroken(kinds.get(code, Attack)(detail), folder / file)


def _parsed(leaf: bytes | None, name: Digest) -> LogEntry | None:
    try:
        entry = None if leaf is None else parse_entry(leaf)
    except CryptoError:
        return None
    return entry if entry is not None and entry.name == name else None
