"""The access log of a channel: who got what, on which basis, written before anything leaves the hub."""
