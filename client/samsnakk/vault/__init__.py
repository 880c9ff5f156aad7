"""The key officers' tools: cards, groups, and a case from the asking to the auditor's reading (docs/vault.md).

Nothing here needs the hub: officers work with files that are handed from one to the next, on machines of their own.
"""
