"""Which organisation a login was made for."""

from dataclasses import replace

import pytest

from protocol.sign_in import SignedIn
from samsnakk.demo.world import World
from samsnakk.node.issuing import NotGranted
from samsnakk.node.sign_in.whose import organisation_of

PERSON = SignedIn("helseid", "https://op", "kari", None, "4", 1, None, None, None, None, "")
UNKNOWN = "000000086"


@pytest.mark.parametrize(
    ("child", "parent", "meant"),
    [
        (None, "dps", "dps"),
        ("dps", None, "dps"),
        ("", "dps", "dps"),
        ("nordvik", "dps", "nordvik"),
        (UNKNOWN, "dps", "dps"),
    ],
)
def test_the_unit_counts_before_the_whole(world: World, child: str | None, parent: str | None, meant: str) -> None:
    numbers = {o.key: o.number for o in (world.organisation(key) for key in ("dps", "nordvik"))}
    person = replace(PERSON, child=numbers.get(child or "", child), parent=numbers.get(parent or "", parent))
    assert organisation_of(world.trust, person) == world.organisation(meant).id


@pytest.mark.parametrize(
    ("child", "parent", "code"),
    [
        (None, None, "no_organisation_number"),
        ("", "", "no_organisation_number"),
        (None, UNKNOWN, "another_organisation_number"),
        (UNKNOWN, UNKNOWN, "another_organisation_number"),
        (None, " 000000019", "another_organisation_number"),
    ],
)
def test_a_login_for_nobody_here_is_refused(world: World, child: str | None, parent: str | None, code: str) -> None:
    with pytest.raises(NotGranted) as refused:
        organisation_of(world.trust, replace(PERSON, child=child, parent=parent))
    assert refused.value.code == code
