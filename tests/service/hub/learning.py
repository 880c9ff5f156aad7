"""Key streams that went on since the world was made: one hub serves many tests, and some of them go on with streams."""

from urllib.request import urlopen

from protocol.directory import Directory
from protocol.published_keys import decode_entries
from samsnakk.key_finding import principals_named

PATIENCE = 10.0


def learn(directory: Directory, url: str, item: object) -> None:
    """Fetch the newest key streams of everybody whom the item names."""
    for principal in principals_named(item):
        with urlopen(f"{url}/api/v1/key-streams/{principal.hex()}", timeout=PATIENCE) as answer:  # noqa: S310 - the hub of these tests
            directory.add(principal, decode_entries(answer.read()))
