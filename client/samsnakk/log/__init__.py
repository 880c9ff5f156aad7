"""The hub's global log, held against everything this end reads: in the background, and never in the way of a message.

`following` asks and compares, `pinning` keeps what was accepted, `evidence` writes down what was false.
"""
