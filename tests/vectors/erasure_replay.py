"""What is computed from the vectors about erasing."""

from typing import Any

from domain.channel.erasing import NodeWord
from domain.ids import ChannelId, DeploymentId, Digest, Millis, PrincipalId, ThreadNo, Version
from protocol.acts import Place
from protocol.node_words import Wording, verify_signed_word
from tests.vectors.crypto_replay import Case, raw


def node_word(case: Case) -> Any:
    """The word of a node, under its key."""
    place = Place(DeploymentId(raw(case["deployment"])), ChannelId(raw(case["channel"])))
    about = Wording(place, ThreadNo(case["thread"]), Version(case["ref"]), PrincipalId(raw(case["vault"])))
    word = NodeWord(
        raw(case["device"]), Digest(raw(case["head"])), case["held"], Millis(case["at"]), raw(case["signature"])
    )
    verify_signed_word(about, word, raw(case["public_key"]))
    return {"held": word.held}
