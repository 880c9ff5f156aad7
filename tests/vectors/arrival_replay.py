"""What the vector files of the arrival ask to be done with a case; the same table makes the outputs and checks them."""

from collections.abc import Callable
from typing import Any

from domain.ids import Millis
from protocol.arrival import exchange, messages
from protocol.arrival.card import card_hash
from protocol.arrival.link import Link, encode_fragment, parse_link
from tests.vectors.crypto_replay import Case, raw


def _link(case: Case) -> Any:
    hub, link = parse_link(case["link"])
    return {"hub": hub, "secret": link.secret.hex(), "card": link.card.hex(), "id": link.id.hex()}


def _arrival(case: Case) -> Any:
    link = Link(raw(case["secret"]), raw(case["card_digest"]))
    opening = messages.open_opening(link, raw(case["opening"]))
    invited = exchange.verify_opening(link, opening, Millis(case["at"]))
    card, hashed = opening.card, card_hash(opening.card)
    answer = messages.open_answer(link, hashed, raw(case["answer"]))
    bundle = exchange.verify_answer(link, card, answer)
    mac = messages.open_confirmation(link, hashed, raw(case["confirmation"]))
    exchange.verify_confirmation(link, card, answer, mac)
    transcript = exchange.transcript(link, card, answer)
    return {
        "fragment": encode_fragment(link),
        "card_hash": hashed.hex(),
        "inviter": invited.card.inviter.hex(),
        "name": opening.name,
        "team": [[m.principal.hex(), m.function, m.is_tillitsperson] for m in opening.team],
        "user": bundle.principal.hex(),
        "kem_hash": bundle.key.kem_hash.hex(),
        "device": bundle.device.hex(),
        "user_code": answer.mac.hex(),
        "inviter_code": mac.hex(),
        "transcript": transcript.hex(),
        "safety_code": exchange.safety_code(transcript),
    }


REPLAY: dict[str, Callable[[Case], Any]] = {"links.json": _link, "arrivals.json": _arrival}
