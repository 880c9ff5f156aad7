"""Commands for people: all that `samsnakk …` does on a terminal (before step 1 of 5, and after step 5 of 5)."""

from samsnakk.cli.arguments import main

__all__ = ["main"]
