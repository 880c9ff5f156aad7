"""What the steps of `samsnakk node` take on the command line."""

import argparse
from pathlib import Path
from typing import Final

from samsnakk.cli.node_root_arguments import add_root
from samsnakk.cli.node_steps import add_step

_PLAIN: Final = {
    "status": "compare with the hub; exit code 3 where it lies",
    "refused": "what the hub refused to one's own people's devices",
    "adopt": "take over streams that were begun before this node",
}
"""Steps that take nothing but the folder."""


def add_steps(command: argparse.ArgumentParser) -> None:
    """Add every step."""
    steps = command.add_subparsers(title="steps", metavar="STEP", dest="step", required=True)
    init = add_step(
        steps, "init", "make a node's folder", "/etc/samsnakk-node --trust trust.json --hub https://hub --root dps.seed"
    )
    init.add_argument("--trust", type=Path, required=True, help="the deployment's trust file")
    init.add_argument("--hub", required=True, help="the hub's address")
    init.add_argument(
        "--root", type=Path, action="append", required=True, help="a file with an organisation's 32-byte root seed"
    )
    init.add_argument("--listen", default="127.0.0.1:8600", help="where the door for staff stands")
    run = add_step(steps, "run", "run the node until it is stopped", "/etc/samsnakk-node")
    run.add_argument(
        "--development-sign-in",
        metavar="ADDRESS",
        help="let the invented people of a hub on this machine sign in, without any proof (docs/sign-in.md)",
    )
    for name, about in _PLAIN.items():
        add_step(steps, name, about, "/etc/samsnakk-node")
    revoke = add_step(
        steps, "revoke", "end a person who has left, or one device", "/etc/samsnakk-node 0192… --device 0193…"
    )
    revoke.add_argument("person", metavar="PERSON", help="the person's id, 32 hexadecimal digits")
    revoke.add_argument("--device", help="only this device of theirs")
    _duty(steps)
    identity = add_step(
        steps, "identity", "the register's hash of a login", "/etc/samsnakk-node https://op.example 12345"
    )
    identity.add_argument("issuer", help="the identity provider's name for itself")
    identity.add_argument("subject", help="its name for the person")
    add_root(steps.add_parser("root", help="replace an organisation's root, or vouch for another's"))


def _duty(steps: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    duty = add_step(
        steps,
        "duty",
        "who audits, and who approves it; without people: show it",
        "/etc/samsnakk-node --audit 0192…",
    )
    duty.add_argument("--organisation", help="its name or number; needed where the node serves several")
    duty.add_argument("--audit", nargs="*", metavar="PERSON", help="exactly these open audit cases and look")
    duty.add_argument("--approve", nargs="*", metavar="PERSON", help="exactly these approve the cases of others")
