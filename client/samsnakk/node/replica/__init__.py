"""The organisation's own copy of every channel it took part in: verified as people verify, sealed as it came.

reader     in whose name            copying    following the hub, a few channels at a time
shelf      what is kept, on disk    entering   revocations that the hub does not enter
archive    reading it alone         exporting  handing it on to the record system
confirming what it has erased
"""
