"""The node as a witness of the hub's log (C2SP tlog-witness, tlog-cosignature).

source     what the hub serves under /log/        book      what was cosigned, on disk before it is signed
witnessing recompute, compare, sign, hand in
"""
