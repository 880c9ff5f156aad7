"""Kontrollerer en bevispakke fra Samsnakk, uten noe av Samsnakk: bare Python 3.11 og pakken `cryptography`.

    python3 verify.py PAKKE.zip TILLIT.json [--witness NAVN+hash+nøkkel …]

Hent programmet og tillitsfilen et annet sted enn pakken. Kontrollerer filene; at hver nøkkel er utstedt under en rot i
tillitsfilen; hver signatur, dato og lenke i loggen og i innsynsloggen; at navet har signert at nettopp dette er det
nyeste; og hvilke vitner som har signert det samme. Reglene for hvem som har lov til hva, kan `samsnakk audit verify`.
"""

import hashlib
import json
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LABEL = b"samsnakk/1 "


class Certificate(NamedTuple):
    """Hva en enhet signerte med, for hvem, fra og til; `revoked`: tidspunkt og nummer i eierens nøkkelrekke."""

    owner: bytes
    organisation: bytes | None
    key: bytes
    start: int
    end: int
    revoked: tuple[int, int] | None = None

    def holds(self, at: int, entered: dict[bytes, int]) -> bool:
        known = entered.get(self.owner)  # tilbakekallet teller fra da det ble ført inn i kanalen
        over = self.revoked and (at >= self.revoked[0] if known is None else known >= self.revoked[1])
        return self.start <= at < self.end and not over


def h(label: bytes, data: bytes) -> bytes:
    return hashlib.sha256(LABEL + label + b"\0" + data).digest()


def check_signature(key: bytes, message: bytes, signature: bytes, what: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        raise ValueError(f"{what}: signaturen stemmer ikke") from None


def read(data: bytes, at: int = 0) -> tuple[Any, int]:
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return {20: False, 21: True, 22: None}[value], at
    if value > 23:
        width = 1 << (value - 24)
        value, at = int.from_bytes(data[at : at + width], "big"), at + width
    if major < 2:
        return (value if major == 0 else -1 - value), at
    if major < 4:
        raw = data[at : at + value]
        return (raw if major == 2 else raw.decode()), at + value
    items = []
    for _ in range(value * (2 if major == 5 else 1)):
        item, at = read(data, at)
        items.append(item)
    return (items if major == 4 else dict(zip(items[::2], items[1::2], strict=True))), at


def write(value: Any) -> bytes:
    if value is None or isinstance(value, int):
        return b"\xf6" if value is None else head(0, value)
    if isinstance(value, bytes | str):
        raw = value if isinstance(value, bytes) else value.encode()
        return head(2 if value is raw else 3, len(raw)) + raw
    return head(4, len(value)) + b"".join(write(item) for item in value)


def head(major: int, value: int) -> bytes:
    width = next(w for w in (0, 1, 2, 4, 8) if value < (1 << 8 * w if w else 24))
    if not width:
        return bytes([major << 5 | value])
    return bytes([major << 5 | 23 + width.bit_length()]) + value.to_bytes(width, "big")


def items(data: bytes) -> Iterator[Any]:
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        yield read(data[at + 4 : end])[0]
        at = end


class Keys:
    """Hvem sin enhet det er, og når den gjaldt; bare det en rot i tillitsfilen har signert."""

    def __init__(self, trust: dict[str, Any], entries: list[Any]) -> None:
        self.deployment = b64decode(trust["deployment"])
        self.hub, self.hub_key = b64decode(trust["hub"]["device"]), b64decode(trust["hub"]["public_key"])
        pinned = [*trust["organisations"], *(person for person in trust["people"] if person.get("root"))]
        self.roots = {b64decode(one["id"]): b64decode(one["root"]) for one in pinned}
        self.owners: dict[bytes, bytes] = {}
        self.certificates: dict[bytes, list[Certificate]] = {}
        self.heads: dict[bytes, tuple[int, bytes]] = {}
        for principal, stream in entries:
            self.take(principal, read(stream)[0])

    def take(self, principal: bytes, stream: list[Any]) -> None:
        top = h(b"key-stream-genesis", write([self.deployment, principal]))
        for n, (statement, signature) in enumerate(stream, 1):
            _, deployment, who, number, previous, kind, facts, issuer, _ = read(statement)[0]
            if (deployment, who, number, previous) != (self.deployment, principal, n, top):
                raise ValueError("en nøkkelrekke henger ikke sammen")
            if kind in {"root-replaced", "stream-kept"}:
                raise ValueError("en virksomhet har byttet rot: bruk samsnakk audit verify, som kan følge et bytte")
            if kind == "own-root" and h(b"own-root", write([self.deployment, facts["root"]]))[:16] == principal:
                self.roots.setdefault(principal, facts["root"])  # id-en er fingeravtrykket av roten
            if issuer not in self.roots:
                raise ValueError("en nøkkel uten rot i tillitsfilen")
            self.owners.setdefault(principal, issuer)
            check_signature(self.roots[issuer], LABEL + b"key-statement\0" + statement, signature, "nøkkel")
            self.apply(principal, n, read(statement)[0])
            top = h(b"key-stream", top + write([statement, signature]))
        self.heads[h(b"stream-name", principal)] = (len(stream), top)

    def apply(self, owner: bytes, n: int, statement: list[Any]) -> None:
        kind, facts, issuer, at = statement[5:]
        mine = self.certificates.setdefault(facts.get("device", b""), [])
        if kind in {"device-certified", "node-certified"}:
            organisation = facts.get("organisation", issuer)
            if issuer != (owner if organisation is None else organisation):
                raise ValueError("en virksomhet har gått god for en enhet i en annens navn")
            mine.append(Certificate(owner, organisation, facts["public_key"], at, facts["valid_until"]))
        elif kind == "device-revoked":
            ends = {None, *(one.organisation for one in mine)} if issuer == self.owners[owner] else {issuer}
            mine[:] = [c._replace(revoked=c.revoked or (at, n)) if c.organisation in ends else c for c in mine]

    def key_of(self, header: list[Any], at: int, entered: dict[bytes, int]) -> bytes:
        person, device, organisation = header[6:9]
        if device == self.hub and person is None:
            return self.hub_key
        for one in self.certificates.get(device, []):
            # Brukerens egen enhet taler for henne selv, også når meldingen nevner en virksomhet.
            if one.owner == person and one.organisation in {None, organisation} and one.holds(at, entered):
                return one.key
        raise ValueError("noen handlet med en enhet som ikke gjaldt da")


class Stream:
    """Kanalens logg eller innsynsloggen: hver signatur og hver lenke. `secret` står i kanalens første handling."""

    def __init__(self, keys: Keys, channel: bytes, kind: str, secret: bytes = b"") -> None:
        self.keys, self.channel, self.kind, self.secret = keys, channel, kind, secret
        self.entered: dict[bytes, int] = {}
        self.last, self.n, self.top = 0, 0, b""

    def take(self, item: list[Any]) -> None:
        # Fem felter er et blad: noe denne leseren ikke får se.
        version, thread, kind_class, at, inner = item if len(item) == 5 else self.record(*item)
        if version != self.n + 1 or at < self.last or not self.secret:
            raise ValueError("noe mangler, eller tiden går bakover")
        self.n, self.last = version, at
        self.top = self.top or h(b"genesis", write([self.keys.deployment, self.name()]))
        self.top = h(b"head", self.top + h(b"leaf", write([version, thread, kind_class, at, inner])))

    def name(self) -> bytes:
        return h(b"stream-name", write([self.secret, self.kind]))

    def record(self, blind: bytes, record: bytes, body: bytes | None, kind_class: str) -> list[Any]:
        signed, signature, version, at = read(record)[0]
        header, device = read(signed)[0], signature[:16]
        label = b"hub-act" if device == self.keys.hub else b"act"
        if self.kind == "access" and label == b"act":
            raise ValueError(f"linje {version} i innsynsloggen er ikke navets")
        key = self.keys.key_of(header, at, self.entered)
        check_signature(key, LABEL + label + b"\0" + signed, signature[16:], f"nr. {version}")
        if header[2:4] != [self.keys.deployment, self.channel] or header[7] != device:
            raise ValueError(f"nr. {version} hører hjemme et annet sted")
        if body is not None and h(b"body", body) != header[17]:
            raise ValueError(f"nr. {version} har et annet innhold enn det som ble signert")
        self.learn(header[5], header[16])
        return [version, header[4], kind_class, at, h(b"record", blind + record)]

    def learn(self, kind: str, facts: dict[str, Any]) -> None:
        if kind == "channel-opened/1":
            self.secret = facts["stream_secret"]
        elif kind == "key-moved/1":
            self.entered[facts["principal"]] = facts["n"]
        elif "request" in facts:  # leseren har selv signert at den ba om innsyn
            body, signature = read(facts["request"])[0]
            label = b"node-read-request" if facts["purpose"] == "archive" else b"read-request"
            key = self.keys.certificates[facts["device"]][-1].key
            check_signature(key, LABEL + label + b"\0" + body, signature[16:], "innsyn")


def check_note(note: str, name: str, key: bytes, kind: int) -> str | None:
    """Teksten, hvis `key` har signert den; None hvis navnet ikke står der."""
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    known = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]
    for line in lines.splitlines():
        who, _, rest = line.removeprefix("— ").partition(" ")
        raw = b64decode(rest)
        if who != name or raw[:4] != known:
            continue
        before = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[4:12], "big") if kind == 4 else b""
        check_signature(key, before + text.encode(), raw[12 if kind == 4 else 4 :], name)
        return text
    return None


def check_newest(heads: bytes, name: bytes, leaf: bytes, siblings: list[bytes], expected: tuple[int, bytes]) -> None:
    found = read(leaf[len(LABEL + b"log-entry\0") :])[0]
    if found != [name, *expected]:
        raise ValueError("kontrollpunktet sier at noe annet er det nyeste: noe er utelatt eller endret")
    node = h(b"heads-leaf", write(found))
    for depth in range(len(siblings) - 1, -1, -1):
        right = name[depth >> 3] >> (7 - (depth & 7)) & 1
        node = h(b"heads-node", siblings[depth] + node if right else node + siblings[depth])
    if node != heads:
        raise ValueError("et bevis i pakken stemmer ikke med kontrollpunktet")


def check_goes_on(m: int, old: bytes, n: int, new: bytes, proof: list[bytes]) -> None:
    """Loggen på n hendelser begynner med hele loggen på m (RFC 9162 kapittel 2.1.4.2)."""
    node: Callable[[bytes, bytes], bytes] = lambda left, right: hashlib.sha256(b"\1" + left + right).digest()  # noqa: E731
    if (m, old, proof) == (n, new, []):
        return
    path = list(proof) if m & (m - 1) else [old, *proof]
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for one in path[1:]:
        if fn & 1 or fn == sn:
            first, second = node(one, first), node(one, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node(second, one)
        fn, sn = fn >> 1, sn >> 1
    if not 0 < m < n or (first, second, sn) != (old, new, 0):
        raise ValueError("to kontrollpunkter er ikke av samme logg")


def check_log(entries: list[Any], keys: Keys, expected: dict[bytes, tuple[int, bytes]], newest: str) -> list[str]:
    """Hver rekke er den nyeste i et kontrollpunkt navet har signert, av én og samme logg; linjene i det siste."""
    origin, left, points = f"log.samsnakk/{keys.deployment.hex()}", dict(expected), []
    for note, shown, _ in entries:
        text = (check_note(note, origin, keys.hub_key, 1) or "").split("\n")
        if text[0] != origin:
            raise ValueError("et kontrollpunkt som navet ikke har signert")
        points.append(text)
        for name, leaf, siblings in shown:
            check_newest(b64decode(text[3].removeprefix("heads ")), name, leaf, siblings, left.pop(name))
    last = points[-1]
    for point, (_, _, proof) in list(zip(points, entries, strict=True))[:-1]:
        check_goes_on(int(point[1]), b64decode(point[2]), int(last[1]), b64decode(last[2]), proof)
    witnessed = (check_note(newest, origin, keys.hub_key, 1) or "").split("\n")
    needed = max(int(point[1]) for point, (_, shown, _) in zip(points, entries, strict=True) if shown)
    if left or witnessed not in points or int(witnessed[1]) < needed:
        raise ValueError("kontrollpunktene sier ikke noe om alt som er i pakken")
    return last


def main(arguments: list[str]) -> None:
    """Kontroller alt, og si hva som ble funnet."""
    path, trust_path, *rest = arguments
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(files["bundle.json"])
    for name, expected in about["files"].items():
        if hashlib.sha256(files[name]).hexdigest() != expected["sha256"]:
            raise ValueError(f"{name} er endret")
    with open(trust_path, "rb") as file:
        keys = Keys(json.load(file), list(items(files["keys.items"])))
    record = Stream(keys, bytes.fromhex(about["channel"]), "channel")
    for item in items(files["record.items"]):
        record.take(item)
    access = Stream(keys, record.channel, "access", record.secret)
    for item in items(files["access.items"]):
        access.take(item)
    ends = {s.name(): (s.n, s.top) for s in (record, access) if s.n}
    newest = files["checkpoint.txt"].decode()
    last = check_log(list(items(files["log.items"])), keys, keys.heads | ends, newest)
    print(f"Pakken har navnet {hashlib.sha256(files['bundle.json']).hexdigest()}")
    print(f"Alt stemmer: {record.n} hendelser, {access.n} linjer i innsynsloggen, nøklene til {len(keys.heads)}.")
    print(f"Navet har signert at dette er det nyeste i en logg på {last[1]} hendelser.")
    for witness in rest[1::2]:
        name, _, key = witness.split("+", 2)
        signed = check_note(newest, name, b64decode(key)[1:], 4)
        print(f"Vitnet {name}: {'har signert det samme' if signed else 'HAR IKKE SIGNERT'}.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as problem:  # noqa: BLE001 - hva det enn er: pakken er ikke i orden
        sys.exit(f"STEMMER IKKE. Ikke stol på pakken. {problem!r}")
