"""The global log as it grows, without I/O: the store's rows go in, tiles and roots come out (docs/protocol.md §7)."""
