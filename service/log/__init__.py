"""The global log at the hub, without I/O: which checkpoint is out to be cosigned, which one is shown (protocol §7)."""
