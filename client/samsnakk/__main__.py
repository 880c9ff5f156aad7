"""`python -m samsnakk …`: the command without its script."""

import sys

from samsnakk.cli import main

if __name__ == "__main__":
    sys.exit(main())
