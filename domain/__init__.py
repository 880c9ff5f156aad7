"""WHAT may happen in a channel: pure, synchronous, no clock, no randomness, no I/O (step 2 of 5: decide).

The way of a message passes here twice: the hub asks `channel.decide` whether a verified act may be
recorded, and every client asks the same question again when the record reaches it.
"""
