"""Listings: what organisations publish about themselves, signed by them, so that whoever serves an entry cannot have
made it up, changed it, kept a newer one back for long, or taken it from somewhere else (docs/protocol.md §8)."""
