"""`samsnakk recovery make|use`: the code on paper."""

from samsnakk.cli.device import run

__all__ = ["run"]
