"""HOW an act is sealed, signed and proven: bytes in, bytes out; no I/O, no clock (steps 1, 4 and 5 of 5 call it).

Read in this order: `labels`, `cbor`, `hashing`, `signing`, `kem`, `boxes`; then what is built of them: `messages`,
`epochs`, `grants`, `attachments`, `chain`, `key_streams`, `keyrings`. Randomness comes from `random` alone.
"""
