"""What `samsnakk audit export` and `samsnakk audit verify` take on the command line."""

import argparse
from pathlib import Path

from samsnakk.cli.access_arguments import rendering_arguments


def evidence_arguments(about: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both."""
    export = about.add_parser("export", help="put a channel and everything that proves it into one file")
    export.add_argument("channel", metavar="CHANNEL", help="its name in the trust file, or its id in hex")
    export.add_argument("--as", dest="person", metavar="NAME", required=True, help="whose profile to use")
    export.add_argument("--out", type=Path, metavar="FILE", required=True, help="where; nothing may be there yet")
    export.add_argument("--data", type=Path, metavar="DIR", help="the profile, or the demonstration's folder")
    export.add_argument("--url", help="the hub's address (else: the profile's or the demonstration's)")
    export.add_argument("--inbox", nargs="?", const="", metavar="INBOX", help="read for a service inbox")
    export.add_argument("--wait", type=float, metavar="SECONDS", help="how long to wait for the witnesses")
    verify = about.add_parser("verify", help="check such a file against a trust file; asks no hub")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE", help="the file")
    verify.add_argument("--trust", type=Path, metavar="FILE", required=True, help="the trust file, from elsewhere")
    verify.add_argument("--policy", type=Path, metavar="FILE", help="who must have cosigned (C2SP tlog-policy)")
    rendering_arguments(verify)
