"""Whose cosignatures count where no policy file says otherwise: those of nodes that organisations have certified."""

import pytest

from crypto.checkpoints import Checkpoint, checkpoint_text
from crypto.errors import NoQuorum
from crypto.hashing import Digest
from crypto.key_heads import genesis_head
from crypto.key_statements import DeviceRevoked, KeyFact, NodeCertified, PrincipalEnded
from crypto.log_policies import verify_quorum
from crypto.notes import Note, cosignature_line, parse_note, sign_note
from crypto.root_facts import Place, Replacement, RootReplaced, StreamKept, sign_support
from domain.ids import DeviceId, Millis, OrganisationId, PrincipalId
from protocol.directory import Directory
from protocol.witnesses import log_origin, standing_policy, standing_witnesses, witness_name
from tests.crypto.fixed import signing_key, some_id
from tests.protocol.keyholders import CERTIFIED, DEPLOYMENT, EXPIRES, HUB_KEY, stated, trust
from tests.protocol.stream_builder import directory

AT = Millis(CERTIFIED + 5000)
ORIGIN = log_origin(DEPLOYMENT)
TEXT = checkpoint_text(Checkpoint(ORIGIN, 3, Digest(b"\x07" * 32), Digest(b"\x08" * 32)))


def certify(keys: Directory, house: str, *more: KeyFact, node: str = "node", root: str = "") -> None:
    vault = PrincipalId(some_id(f"vault of {house}"))
    key = signing_key(f"{node} of {house}")
    facts = [NodeCertified(DeviceId(some_id(f"{node} of {house}")), key.public, EXPIRES), *more]
    by = signing_key(root or f"root of {house}")
    keys.add(vault, stated(vault, some_id(house), by, facts, after=keys.entries(vault)))


def cosigned(*who: tuple[str, str]) -> Note:
    lines = [
        cosignature_line(TEXT, witness_name(some_id(house)), signing_key(f"{node} of {house}"), AT // 1000)
        for house, node in who
    ]
    return parse_note(sign_note(TEXT, ORIGIN, HUB_KEY) + "".join(lines))


def enough(keys: Directory, note: Note, at: Millis = AT) -> bool:
    policy = standing_policy(trust(), standing_witnesses(trust(), keys, at))
    try:
        verify_quorum(note, policy, at // 1000)
    except NoQuorum:
        return False
    return True


def test_the_nodes_of_all_organisations_are_the_witnesses() -> None:
    keys = directory()
    for house in ("clinic", "town"):
        certify(keys, house)
    assert enough(keys, cosigned(("clinic", "node"), ("town", "node")))
    assert not enough(keys, cosigned(("clinic", "node")))


def test_two_nodes_of_one_organisation_count_once() -> None:
    keys = directory()
    certify(keys, "clinic")
    certify(keys, "clinic", node="another node")
    certify(keys, "town")
    assert not enough(keys, cosigned(("clinic", "node"), ("clinic", "another node")))
    assert enough(keys, cosigned(("clinic", "another node"), ("town", "node")))


def test_an_organisation_without_a_node_is_asked_all_the_same() -> None:
    keys = directory()
    certify(keys, "clinic")
    assert not enough(keys, cosigned(("clinic", "node")))
    assert standing_witnesses(trust(), keys, AT)[OrganisationId(some_id("town"))] == ()


def test_a_key_that_nobody_certified_is_no_witness() -> None:
    keys = directory()
    certify(keys, "clinic")
    certify(keys, "town")
    assert not enough(keys, cosigned(("clinic", "node"), ("town", "somebody")))


@pytest.mark.parametrize("end", [DeviceRevoked(DeviceId(some_id("node of town"))), PrincipalEnded()])
def test_a_node_that_was_revoked_is_no_witness_any_more(end: KeyFact) -> None:
    keys = directory()
    certify(keys, "clinic")
    certify(keys, "town", end)
    assert not enough(keys, cosigned(("clinic", "node"), ("town", "node")))


def test_a_witness_whose_certificate_has_run_out_counts_no_more() -> None:
    keys = directory()
    certify(keys, "clinic")
    certify(keys, "town")
    note = cosigned(("clinic", "node"), ("town", "node"))
    assert enough(keys, note, Millis(EXPIRES - 1))
    assert not enough(keys, note, Millis(EXPIRES))


def test_what_a_replaced_root_certified_counts_again_once_the_new_root_says_so() -> None:
    keys = directory()
    certify(keys, "clinic")
    certify(keys, "town")
    note = cosigned(("clinic", "node"), ("town", "node"))
    town, vault = some_id("town"), PrincipalId(some_id("vault of town"))
    old, new = signing_key("root of town"), signing_key("newer root of town")
    kept = Place(town, 0, genesis_head(DEPLOYMENT, town))
    asked = Replacement(DEPLOYMENT, kept, old.public, new.public)
    fact = RootReplaced(old.public, new.public, 0, kept.head, sign_support(old, asked, town, 0), (), ())
    keys.roots.add({PrincipalId(town): stated(town, town, new, [fact])})
    assert not enough(keys, note)
    before = keys.entries(vault)
    keys.add(vault, stated(vault, town, new, [StreamKept(len(before))], after=before))
    assert enough(keys, note)
