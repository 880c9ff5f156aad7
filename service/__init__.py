"""The hub: the way of a request, in order (steps 1 to 5 of 5: receive, decide, store, log, push)."""
