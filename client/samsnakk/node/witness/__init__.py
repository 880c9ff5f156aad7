"""The node as a witness of the hub's log (C2SP tlog-witness, tlog-cosignature).

witnessing   recompute, compare, sign, hand in        book       what was cosigned, on disk before it is signed
any_log      the same for logs of others, by proofs   log_doors  where they ask
"""
