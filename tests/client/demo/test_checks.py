"""The checks of the folders fail where they must: each is shown one wrong thing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from protocol.trust import encode_trust
from samsnakk.demo.checking import checks_of
from samsnakk.demo.folder import DemoFolder
from samsnakk.demo.lines import Holds
from samsnakk.demo.world import World

TEXT = "Nøkkelen er klar torsdag, og jeg ringer i dag."


@dataclass
class Stage:
    """A demonstration with a node and two people, in which everything holds."""

    folder: DemoFolder
    held: dict[str, Holds] = field(default_factory=dict)

    def problems(self) -> list[str]:
        return [p for c in checks_of(self.folder, self.held, frozenset({"dps"}), [TEXT]) for p in c.problems]

    def change(self, key: str, **changes: object) -> None:
        self.held[key] = msgspec.structs.replace(self.held[key], **changes)


@pytest.fixture
def stage(world: World, tmp_path: Path) -> Stage:
    made = Stage(DemoFolder(tmp_path))
    dps = world.organisation("dps")
    pins = tuple(pin for pin in world.trust.organisations if pin.id == dps.id)
    made.folder.trust_file.write_bytes(encode_trust(msgspec.structs.replace(world.trust, organisations=pins)))
    for place in (made.folder.node("dps").data, made.folder.officers / "dps", made.folder.person("Kari")):
        place.mkdir(parents=True)
        place.chmod(0o700)
        place.parent.chmod(0o700)
    made.folder.hub.mkdir()
    (made.folder.hub / "log").write_text("alt vel")
    (made.folder.node("dps").data / "x.root").touch()
    made.held["node dps"] = Holds(1, {"rot": "a"}, (), control=True, roots=(dps.root.public,))
    made.held["Kari"] = Holds(1, {"enhet script": "b", "enhet chat": "c"}, (), control=True)
    made.held["Elle"] = Holds(1, {"rot": "d"}, (), control=True)
    return made


def test_nothing_is_said_where_everything_holds(stage: Stage) -> None:
    assert stage.problems() == []


WRONG: dict[str, tuple[Callable[[Stage], object], str]] = {
    "two hold one secret": (lambda s: s.change("Elle", secrets={"rot": "b"}), "Elle og Kari har samme nøkkel"),
    "a secret lies at the hub": (
        lambda s: s.change("Kari", found=("enhet chat",)),
        "Kari: enhet chat ligger",
    ),
    "the search is blind": (lambda s: s.change("Elle", control=False), "Elle: letingen fant ikke engang"),
    "another root is pinned": (lambda s: s.change("node dps", roots=(bytes(32),)), "tillitsfilen fester andre røtter"),
    "a root lies in two files": (lambda s: (s.folder.node("dps").data / "y.root").touch(), "har 2 rotfiler"),
    "a folder is open": (lambda s: s.folder.person("Kari").chmod(0o750), "people/Kari"),
    "a message stands there": (lambda s: (s.folder.hub / "log").write_text(f"x{TEXT}"), TEXT[:30]),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(stage: Stage, what: str) -> None:
    spoil, said = WRONG[what]
    spoil(stage)
    [problem] = stage.problems()
    assert said in problem
