"""Vectors of everything that gives the same bytes each time: encoding, hashes, signatures, padding, chains."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from crypto import labels
from crypto.cbor import CborInput, encode
from crypto.chain import SIGNED_LENGTH, record_bytes
from crypto.errors import CryptoError
from crypto.key_statements import DeviceRevoked, SignedStatement
from crypto.padding import pad
from crypto.signing import sign
from tests.crypto.fixed import flipped, signing_key, some_bytes, some_id
from tests.crypto.stream_writing import (
    CLINIC,
    DEPLOYMENT,
    PERSON,
    ROOTS,
    STAFF,
    USER,
    Said,
    certified,
    version,
    written,
)
from tests.vectors.crypto_replay import REPLAY

Case = dict[str, Any]
Standing = dict[str, Case]

GOOD_VALUES: dict[str, CborInput] = {
    "constants": [None, True, False],
    "integers at every width": [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1],
    "negative integers at every width": [-1, -24, -25, -256, -257, -65537, -(2**32) - 1, -(2**53) + 1],
    "bytes and text": [b"", b"\x00\xff", "", "Sámegiella, blåbær, 🦌"],
    "strings of 23, 24 and 256 bytes": [b"x" * 23, b"x" * 24, b"x" * 256, "y" * 256],
    "map keys sorted by length, then by byte": {"b": 1, "aa": 2, "a": 3, "å": 4, "": 5},
    "nesting": [[], {}, [[1], {"a": [{"b": None}]}]],
}
BAD_CBOR = {
    "empty": "",
    "integer not shortest": "1817",
    "length not shortest": "580161",
    "integer above 2^53-1": "1b0020000000000000",
    "integer below -(2^53-1)": "3b001fffffffffffff",
    "half float": "f93c00",
    "double float": "fb3ff8000000000000",
    "undefined": "f7",
    "indefinite array": "9f01ff",
    "indefinite bytes": "5f4101ff",
    "tag": "c100",
    "invalid UTF-8": "62c328",
    "lone surrogate": "63eda080",
    "U+0000 in text": "63610062",
    "integer map key": "a10102",
    "repeated map key": "a2616101616102",
    "map keys out of order": "a2616201616101",
    "longer map key first": "a262616101616201",
    "bytes after the end": "0000",
    "bytes cut short": "4261",
    "array cut short": "8201",
    "17 levels": "81" * 17 + "00",
}
ORDER = 2**252 + 27742317777372353535851937790883648493


def finished(file: str, cases: list[Case]) -> list[Case]:
    """Each case with what comes of it: `output`, or the name of the error in `expect`."""
    return [case | _outcome(REPLAY[file], case) for case in cases]


def _outcome(replay: Callable[[Case], Any], case: Case) -> Case:
    try:
        return {"output": replay(case)}
    except CryptoError as error:
        return {"expect": type(error).__name__}


def cbor(_standing: Standing) -> list[Case]:
    good = [{"name": name, "data": encode(value).hex()} for name, value in GOOD_VALUES.items()]
    good.append({"name": "16 levels", "data": "81" * 16 + "00"})
    return finished("cbor.json", good + [{"name": name, "data": data} for name, data in BAD_CBOR.items()])


def hashing(_standing: Standing) -> list[Case]:
    found = [value for name, value in sorted(vars(labels).items()) if name.isupper() and name != "PREFIX"]
    return finished(
        "hashing.json", [{"name": one.decode(), "label": one.decode(), "data": b"data".hex()} for one in found]
    )


def signing(_standing: Standing) -> list[Case]:
    key, label, message = signing_key("telephone"), labels.ACT, b"message"
    signature = sign(key, label, message)
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")
    identity, field = (1).to_bytes(32, "little"), 2**255 - 19
    pairs = {
        "a good signature": (key.public, signature),
        "a flipped bit in R": (key.public, flipped(signature, 0)),
        "a flipped bit in S": (key.public, flipped(signature, 40)),
        "the malleable twin": (key.public, twin),
        "a short signature": (key.public, signature[:-1]),
        "another key": (signing_key("other").public, signature),
        "a short key": (key.public[:-1], signature),
        "the identity as key": (identity, identity + bytes(32)),
        "order two as key": ((field - 1).to_bytes(32, "little"), identity + bytes(32)),
        "order four as key": (bytes(32), identity + bytes(32)),
        "order eight as key": (
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            identity + bytes(32),
        ),
        "the identity in its second encoding": ((field + 1).to_bytes(32, "little"), identity + bytes(32)),
    }
    asked = {"label": label.decode(), "message": message.hex()}
    made: Case = {"name": "signing", "seed": some_bytes("signing seed of telephone").hex(), **asked}
    checked = [
        {"name": name, "public_key": public.hex(), **asked, "signature": signed.hex()}
        for name, (public, signed) in pairs.items()
    ]
    other = checked[0] | {"name": "another label", "label": labels.READ_REQUEST.decode()}
    return finished("signing.json", [made, *checked, other])


def padding(_standing: Standing) -> list[Case]:
    good = [{"name": f"{length} bytes", "content": ("ab" * length)} for length in (0, 1, 252, 253, 269, 700)]
    hello = pad(b"hello")
    bad = {
        "nothing": b"",
        "a byte behind": hello + b"\x00",
        "a byte short": hello[:-1],
        "not zero": flipped(hello),
        "a wrong length": flipped(hello, 3),
        "a length beyond the end": b"\xff" * 256,
    }
    return finished(
        "padding.json",
        [*good, {"name": "unpadding", "padded": hello.hex()}]
        + [{"name": name, "padded": padded.hex()} for name, padded in bad.items()],
    )


def chain(_standing: Standing) -> list[Case]:
    def item(number: int, thread: int | None, kind: str) -> Case:
        record = record_bytes(b"header %d" % number, some_bytes("signature", SIGNED_LENGTH), number, 1000 + number)
        blind = some_bytes(f"blind {number}").hex()
        return {"record": record.hex(), "blind": blind, "thread": thread, "kind_class": kind}

    whole: Case = {
        "name": "three records",
        "deployment": DEPLOYMENT.hex(),
        "stream_secret": some_bytes("stream secret").hex(),
        "stream_kind": "channel",
        "records": [item(1, None, "opening"), item(2, 0, "message"), item(3, 7, "message")],
    }
    short = whole["records"][0] | {"record": whole["records"][0]["record"][:-2]}
    return finished(
        "chain.json",
        [
            whole,
            whole | {"name": "no records", "records": []},
            whole | {"name": "a record cut short", "records": [short]},
            whole | {"name": "a blind of 31 bytes", "records": [whole["records"][0] | {"blind": "00" * 31}]},
        ],
    )


def key_streams(_standing: Standing) -> list[Case]:
    good = written(
        Said(STAFF, issued_at=1000),
        Said(version(1), issued_at=1001),
        Said(certified("telephone"), issued_at=1002),
        Said(certified("telephone", CLINIC), CLINIC, 1003),
        Said(DeviceRevoked(some_id("telephone")), CLINIC, 1004),
        Said(version(2), issued_at=1005),
    )
    own = written(Said(USER, PERSON), Said(version(1), PERSON), Said(certified("telephone", None), PERSON))
    forged = SignedStatement(good[1].statement, sign(signing_key("clinic"), labels.KEY_STATEMENT, good[1].statement))
    streams = {
        "staff with two organisations": good,
        "a user with their own root": own,
        "nothing": [],
        "a statement left out": [good[0], *good[2:]],
        "two statements swapped": [good[0], good[2], good[1]],
        "a statement signed by another organisation": [good[0], forged],
        "a statement of another organisation": written(Said(STAFF), Said(version(1), CLINIC)),
        "a key version left out": written(Said(STAFF), Said(version(2))),
        "time running backwards": written(Said(STAFF), Said(version(1), issued_at=1)),
        "a statement cut short": [SignedStatement(good[0].statement[:-1], good[0].signature)],
    }
    assert all(earlier.statement != later.statement for earlier, later in pairwise(good))
    roots = {issuer.hex(): root.hex() for issuer, root in ROOTS.items()}
    place = {"deployment": DEPLOYMENT.hex(), "principal": PERSON.hex(), "roots": roots}
    return finished(
        "key_streams.json",
        [
            {"name": name, **place, "entries": [[one.statement.hex(), one.signature.hex()] for one in entries]}
            for name, entries in streams.items()
        ],
    )


def recovery_codes(_standing: Standing) -> list[Case]:
    typed = {
        "as printed": "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ",
        "as typed": "o1234567 89ab cdef ghjk mnpq rstv wxy l",
        "too short": "0123",
        "a sign that is none": "U123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ",
    }
    return finished(
        "recovery_codes.json",
        [{"name": "printing", "secret": some_bytes("recovery", 20).hex()}]
        + [{"name": name, "code": code} for name, code in typed.items()],
    )


FILES = {
    "cbor.json": ("Deterministic CBOR. Reading: data → value, or refusal; writing the value gives data.", cbor),
    "hashing.json": ("SHA-256 under every domain label.", hashing),
    "signing.json": ("Ed25519 over labelled messages, with every way of being refused.", signing),
    "padding.json": ("Padmé padding, minimum 256 bytes.", padding),
    "chain.json": ("Records, inner hashes, leaves and heads of a stream.", chain),
    "key_streams.json": ("Key streams and the state they replay to.", key_streams),
    "recovery_codes.json": ("Recovery codes, printed and typed.", recovery_codes),
}
