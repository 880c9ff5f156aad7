"""Profiles for the SDK: what every real client keeps on its machine, with an empty local store."""

from pathlib import Path

from samsnakk.demo.profiles import make_profile, unlock_profile
from samsnakk.demo.world import World
from samsnakk.profile import Unlocked


def new_profile(world: Path, name: str, folder: Path) -> Unlocked:
    """A fresh profile of that person of the world."""
    found = World.open(world)
    make_profile(folder, found.trust, found.person(name), ())
    return unlock_profile(folder)


def same_profile(folder: Path) -> Unlocked:
    """The profile as a program finds it when it is started again."""
    return unlock_profile(folder)
