"""What every step of `samsnakk node` takes: the folder, and what opens it."""

import argparse
from pathlib import Path


def add_step(
    steps: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    about: str,
    example: str,
    command: str = "node",
) -> argparse.ArgumentParser:
    """A step that works in a node's folder, with an example below its help."""
    step = steps.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"example:\n  samsnakk {command} {name} --passphrase-file pass.txt {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    step.add_argument("folder", type=Path, help="the node's folder")
    step.add_argument("--passphrase-file", type=Path, required=True, help="its first line opens the roots; chmod 600")
    return step
