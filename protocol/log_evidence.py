"""Evidence that a hub's log lied: everything that was seen, to be judged by whoever has the hub's pinned key.

No content, no name and no id of a person is in it: signed notes, hashes, and blinded names of streams.
"""

from dataclasses import dataclass
from typing import Final

from crypto import cbor
from crypto.errors import CryptoError, Malformed
from crypto.hashing import DIGEST_LENGTH
from crypto.shapes import array, blob, exactly, identifier, short_text, whole
from crypto.signing import PUBLIC_KEY_LENGTH
from protocol.errors import MalformedEvidence

FORMAT: Final = "samsnakk/log-evidence/1"
MAX_EVIDENCE: Final = 512 * 1024
_TEXT: Final = 400


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """What was seen of one stream. `head`: of this end's record `n`, 0 and nothing where there is none.

    `leaf` and `siblings`: what the newer checkpoint's heads tree shows. `before`: the leaf that was shown earlier.
    """

    name: bytes
    n: int
    head: bytes
    leaf: bytes | None
    siblings: tuple[bytes, ...]
    before: bytes | None


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """`older` is the note that was pinned, empty for the log's beginning; `newer` the one that came, empty for none.

    `promise`: a promise of the hub to log a record, as it was signed.
    """

    code: str
    detail: str
    seen_at: int
    deployment: bytes
    key: bytes
    older: str
    newer: str
    consistency: tuple[bytes, ...] = ()
    stream: StreamSeen | None = None
    promise: bytes | None = None


def encode_evidence(evidence: LogEvidence) -> bytes:
    """The file."""
    seen = evidence.stream
    siblings: list[cbor.CborInput] = [] if seen is None else [*seen.siblings]
    stream: list[cbor.CborInput] | None = None
    if seen is not None:
        stream = [seen.name, seen.n, seen.head, seen.leaf, siblings, seen.before]
    return cbor.encode(
        [
            FORMAT,
            evidence.code,
            evidence.detail,
            evidence.seen_at,
            evidence.deployment,
            evidence.key,
            evidence.older,
            evidence.newer,
            [*evidence.consistency],
            stream,
            evidence.promise,
        ]
    )


def decode_evidence(data: bytes) -> LogEvidence:
    """Read the file. Raises `MalformedEvidence`."""
    try:
        form, *rest = array(cbor.decode(data, max_size=MAX_EVIDENCE, max_depth=4), 11)
        if form != FORMAT:
            raise Malformed("format")
        return _read(rest)
    except CryptoError:
        raise MalformedEvidence("not evidence about a log") from None


def _read(fields: list[cbor.CborValue]) -> LogEvidence:
    code, detail, at, deployment, key, older, newer, consistency, stream, promise = fields
    return LogEvidence(
        code=short_text(code, _TEXT),
        detail=short_text(detail, _TEXT) if detail else "",
        seen_at=whole(at),
        deployment=identifier(deployment),
        key=exactly(key, PUBLIC_KEY_LENGTH),
        older=_note(older),
        newer=_note(newer),
        consistency=tuple(exactly(one, DIGEST_LENGTH) for one in array(consistency)),
        stream=None if stream is None else _stream(stream),
        promise=None if promise is None else blob(promise),
    )


def _stream(value: cbor.CborValue) -> StreamSeen:
    name, n, head, leaf, siblings, before = array(value, 6)
    return StreamSeen(
        exactly(name, DIGEST_LENGTH),
        whole(n),
        blob(head),
        None if leaf is None else blob(leaf),
        tuple(exactly(one, DIGEST_LENGTH) for one in array(siblings)),
        None if before is None else blob(before),
    )


def _note(value: cbor.CborValue) -> str:
    if not isinstance(value, str):
        raise Malformed("a note is text")
    return value
