"""Vectors of the user's arrival: links, whole exchanges, key streams under a root of one's own."""

from dataclasses import replace

from crypto.errors import CryptoError
from crypto.key_statements import KeyFact, OwnRootFounded
from crypto.own_roots import own_id
from domain.ids import Millis
from protocol.arrival import exchange, messages
from protocol.arrival.card import decode_card, encode_card
from protocol.arrival.link import encode_fragment, encode_link
from protocol.arrival.messages import Answer
from protocol.errors import ProtocolError
from tests.crypto.fixed import flipped, signing_key, some_bytes, some_id
from tests.protocol.arrival.exchange_making import AFTER, BEFORE, Made, first_facts, made, own_entries, own_stream
from tests.protocol.stream_builder import PLACE
from tests.vectors.arrival_replay import REPLAY
from tests.vectors.crypto_replay import REPLAY as CRYPTO_REPLAY
from tests.vectors.crypto_replay import Case

Standing = dict[str, Case]


def finished(file: str, cases: list[Case]) -> list[Case]:
    """Each case with its output, or with the name of the error."""
    replay = {**CRYPTO_REPLAY, **REPLAY}[file]
    done = []
    for case in cases:
        try:
            done.append(case | {"output": replay(case)})
        except (CryptoError, ProtocolError) as error:
            done.append(case | {"expect": type(error).__name__})
    return done


def links(_standing: Standing) -> list[Case]:
    fragment = encode_fragment(made().link)
    hub = "https://hub.example"
    texts = {
        "a link": encode_link(hub, made().link),
        "with a port, in small letters": f"http://localhost:8440/velkommen#{fragment.lower()}",
        "broken over lines": f"{hub}/velkommen#{fragment[:30]}\n  {fragment[30:]}",
        "cut short": f"{hub}/velkommen#{fragment[:-1]}",
        "without what stands behind the #": f"{hub}/velkommen",
        "a sign too many": f"{hub}/velkommen#{fragment}A",
        "one sign wrong": f"{hub}/velkommen#{fragment[:20]}{'A' if fragment[20] != 'A' else 'B'}{fragment[21:]}",
        "another page": f"{hub}/#{fragment}",
        "no link": "hei",
    }
    return finished("links.json", [{"name": name, "link": text} for name, text in texts.items()])


def arrivals(_standing: Standing) -> list[Case]:
    one, other = made(), made("Mari")
    later = encode_card(replace(decode_card(one.card), expires_at=Millis(AFTER + 1)))
    stolen = own_stream("Mallory")
    theirs = Answer(stolen, exchange.user_code(one.link, one.card, stolen))
    swapped = replace(one.answer, bundle=stolen)
    elsewhere = own_stream("Elle", deployment=some_id("elsewhere"))
    foreign = Answer(elsewhere, exchange.user_code(one.link, one.card, elsewhere))
    good = _case("a whole exchange", one)
    return finished(
        "arrivals.json",
        [
            good,
            _case("with another user", other),
            good | {"name": "after its end", "at": AFTER},
            good
            | {"name": "an opening with one bit changed", "opening": flipped(bytes.fromhex(good["opening"])).hex()},
            good | {"name": "the opening of another invitation", "opening": _case("", other)["opening"]},
            _case("a card with a later end", replace(one, opening=replace(one.opening, card=later)), one),
            good | {"name": "the answer to another invitation", "answer": _case("", other)["answer"]},
            good
            | {
                "name": "somebody else's keys with her code",
                "answer": _answer(one, swapped),
            },
            good | {"name": "keys made for another deployment", "answer": _answer(one, foreign)},
            good | {"name": "the code for somebody else's answer", "confirmation": _confirmation(one, theirs)},
            good | {"name": "her own code sent back", "confirmation": _sealed_code(one, one.answer.mac)},
        ],
    )


def _case(name: str, one: Made, bound: Made | None = None) -> Case:
    """`bound`: what link and later messages are made for, where it is not what the opening says."""
    whole = bound or one
    return {
        "name": name,
        "secret": whole.link.secret.hex(),
        "card_digest": whole.link.card.hex(),
        "at": BEFORE,
        "opening": messages.seal_opening(whole.link, one.opening, some_bytes("nonce 1", 12)).hex(),
        "answer": _answer(whole, whole.answer),
        "confirmation": _confirmation(whole, whole.answer),
    }


def _answer(one: Made, answer: Answer) -> str:
    return messages.seal_answer(one.link, one.hash, answer, some_bytes("nonce 2", 12)).hex()


def _confirmation(one: Made, answer: Answer) -> str:
    return _sealed_code(one, exchange.inviter_code(one.link, one.card, answer))


def _sealed_code(one: Made, mac: bytes) -> str:
    return messages.seal_confirmation(one.link, one.hash, mac, some_bytes("nonce 3", 12)).hex()


def own_roots(_standing: Standing) -> list[Case]:
    elle = own_id(PLACE.deployment, signing_key("Elle").public)
    mallory: list[KeyFact] = [OwnRootFounded(signing_key("Mallory").public), *first_facts("Elle")[1:]]
    streams = {
        "under a root of her own": (own_entries("Elle"), {}),
        "her own root, where another is pinned": (own_entries("Elle"), {elle: signing_key("Mallory").public}),
        "another root than the id says": (own_entries("Elle", mallory, signer="Mallory"), {}),
        "the root named, another signing": (own_entries("Elle", signer="Mallory"), {}),
        "founded twice": (own_entries("Elle", [*first_facts("Elle"), first_facts("Elle")[0]]), {}),
        "made for another deployment": (own_entries("Elle", deployment=some_id("elsewhere")), {}),
    }
    place = {"deployment": PLACE.deployment.hex(), "principal": elle.hex()}
    cases = [
        {
            "name": name,
            **place,
            "roots": {issuer.hex(): root.hex() for issuer, root in roots.items()},
            "entries": [[one.statement.hex(), one.signature.hex()] for one in entries],
        }
        for name, (entries, roots) in streams.items()
    ]
    return finished("own_roots.json", cases)


FILES = {
    "links.json": ("Invitation links, whole and copied wrong.", links),
    "arrivals.json": ("The user's arrival: three sealed messages, both codes, transcript, safety code.", arrivals),
    "own_roots.json": ("Key streams under a root of the principal's own, as key_streams.json.", own_roots),
}
