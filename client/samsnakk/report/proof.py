"""An access log that is handed on: whoever has the trust file checks it again, without the hub and without us.

Every line as it came, and the key streams of everybody who asked. Believed in nothing: signatures, chain and the
readers' own requests are checked anew, and the head at the end is compared with what the checker has from elsewhere.
"""

from base64 import b64decode, b64encode
from typing import Any, Final

from crypto import cbor
from crypto.errors import CryptoError
from domain.ids import ChannelId, DeploymentId, PrincipalId
from protocol.acts import Place
from protocol.directory import Directory
from protocol.errors import ProtocolError
from protocol.published_keys import decode_entries, encode_entries
from protocol.trust import Trust
from samsnakk.access_log import AccessLogReplay
from samsnakk.errors import SamsnakkError
from samsnakk.held import MAX_ITEM
from samsnakk.who_read import WhoRead

FORMAT: Final = "samsnakk-access-log/1"


class BadProof(SamsnakkError):
    """What is handed on does not hold; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(why, "Do not rely on it. Ask whoever made it for another one, and tell them why.")


def make_proof(read: WhoRead) -> dict[str, Any]:
    """The log and what it takes to check it. The secret of the stream's name travels along; it opens no content."""
    channel, place, directory = read.history.channel, read.log.place, read.log.directory
    needed = sorted(read.log.askers() | set(directory.roots.replaced()))
    return {
        "format": FORMAT,
        "deployment": place.deployment.hex(),
        "channel": place.channel.hex(),
        "stream_secret": _text(channel.stream_secret),
        "channel_version": channel.version,
        "channel_head": read.channel_head.hex(),
        "access_version": len(read.lines),
        "access_head": read.head.hex(),
        "lines": [_text(cbor.encode(item)) for item in read.log.items],  # type: ignore[arg-type]
        "key_streams": {who.hex(): _text(encode_entries(directory.entries(who))) for who in needed},
    }


def check_proof(proof: object, trust: Trust) -> AccessLogReplay:
    """The log, once every line of it holds; nothing is believed that does not follow from the trust file.

    Raises:
        BadProof: it does not hold, or is no proof.

    """
    try:
        if not isinstance(proof, dict) or proof.get("format") != FORMAT:
            raise BadProof("this is no access log that was handed on")
        place = Place(DeploymentId(bytes.fromhex(proof["deployment"])), ChannelId(bytes.fromhex(proof["channel"])))
        if place.deployment != trust.deployment_id:
            raise BadProof("it is from another deployment than the trust file's")
        return _replayed(proof, place, trust)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadProof("it is not written as an access log is") from None
    except (ProtocolError, CryptoError) as error:
        raise BadProof(f"it does not verify: {error}") from None


def _replayed(proof: dict[str, Any], place: Place, trust: Trust) -> AccessLogReplay:
    directory = Directory(trust)
    streams = proof["key_streams"].items()
    directory.add_all({PrincipalId(bytes.fromhex(who)): decode_entries(_bytes(data)) for who, data in streams})
    log = AccessLogReplay(place, _bytes(proof["stream_secret"]), directory)
    for line in proof["lines"]:
        log.take(cbor.decode(_bytes(line), max_size=MAX_ITEM))
    if (len(log.lines), log.head.hex()) != (proof["access_version"], proof["access_head"]):
        raise BadProof("the lines do not lead to the head that it names")
    return log


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return b64decode(text, validate=True)
