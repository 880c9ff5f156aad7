"""The channel aggregate: what it is (`state`), what it decides (`decide`), how it evolves (`evolve`)."""
