"""An organisation's own node: it holds the organisation's root, issues its people's certificates, ends them when
somebody leaves, and compares what the hub serves with what it issued.

    configuration  node.toml       staff     who may have a certificate      ledger    every stream it issued
    folder         the root        issuing   wishes and departures           watching  is the hub telling the truth?
    door           /node/v1        running   all of it, until stopped
"""
