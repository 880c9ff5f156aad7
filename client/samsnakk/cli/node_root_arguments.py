"""What `samsnakk node root` takes on the command line."""

import argparse
from pathlib import Path

from samsnakk.cli.node_steps import add_step


def add_root(command: argparse.ArgumentParser) -> None:
    """Add every step."""
    steps = command.add_subparsers(title="steps", metavar="STEP", dest="root_step", required=True)
    ask = _step(steps, "ask", "ask other organisations to vouch for a new root", "/etc/samsnakk-node ny.rot")
    ask.add_argument("out", type=Path, help="the file to send to them; not secret")
    support = _step(
        steps,
        "support",
        "vouch for another organisation's new root",
        "/etc/samsnakk-node ny.rot svar.rot",
    )
    support.add_argument("plea", type=Path, help="the file that came from them")
    support.add_argument("out", type=Path, help="the file to send back")
    replace = _step(
        steps,
        "replace",
        "replace the root, and go on where that was interrupted",
        "/etc/samsnakk-node --support nav.rot --support kommune.rot",
    )
    replace.add_argument(
        "--support",
        type=Path,
        action="append",
        default=[],
        help="an organisation's answer (none: planned)",
    )
    replace.add_argument(
        "--adopt",
        action="store_true",
        help="keep streams outside the ledger; never after a theft",
    )
    replace.add_argument("--yes", action="store_true", help="do not ask whether it is meant")


def _step(
    steps: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str, example: str
) -> argparse.ArgumentParser:
    step = add_step(steps, name, about, example, command="node root")
    step.add_argument("--organisation", help="its name or id, where the node serves several")
    return step
