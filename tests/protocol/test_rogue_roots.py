"""What a root that certifies too much can and cannot do to people of other organisations."""

from pathlib import Path

import pytest

from crypto import labels
from crypto.key_statements import DeviceCertified
from crypto.random import random_bytes
from crypto.signing import SigningKey
from protocol.directory import Directory, Speaker
from protocol.errors import SubstitutedKey
from samsnakk.demo.authority import VALIDITY
from samsnakk.demo.world import World, now_ms


def test_a_root_that_certifies_somebody_elses_device_for_its_own_people_is_refused(tmp_path: Path) -> None:
    world = World.create(tmp_path)
    directory, kari, berit = Directory(world.trust), world.person("Kari"), world.person("Berit")
    thief = SigningKey.from_seed(random_bytes(32))
    claim = DeviceCertified(kari.device, thief.public, berit.organisation, now_ms() + VALIDITY)
    with pytest.raises(SubstitutedKey):
        directory.add(berit.id, world.state_fact("Berit", claim))
    assert directory.signer(kari.device) == (kari.signing_key.public, labels.ACT)
    directory.verify_speaker(Speaker(kari.device, kari.id, kari.organisation, None), now_ms())


def test_nobody_is_certified_to_sign_as_the_hub(tmp_path: Path) -> None:
    world = World.create(tmp_path)
    directory, berit = Directory(world.trust), world.person("Berit")
    claim = DeviceCertified(world.hub_device, berit.signing_key.public, berit.organisation, now_ms() + VALIDITY)
    with pytest.raises(SubstitutedKey):
        directory.add(berit.id, world.state_fact("Berit", claim))
