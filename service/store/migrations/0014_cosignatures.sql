-- Checkpoints that witnesses are asked to cosign, and what they said. Nothing here is needed to serve the record:
-- whatever is lost is asked for again.
CREATE TABLE log_candidates (
    size bigint NOT NULL CHECK (size > 0),
    note text NOT NULL,
    offered_at bigint NOT NULL,
    CONSTRAINT log_candidates_pkey PRIMARY KEY (size)
);

CREATE TABLE log_cosignatures (
    size bigint NOT NULL REFERENCES log_candidates ON DELETE CASCADE,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    seconds bigint NOT NULL,
    line text NOT NULL,
    CONSTRAINT log_cosignatures_pkey PRIMARY KEY (size, key)
);

GRANT SELECT, INSERT, DELETE ON log_candidates TO samsnakk_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON log_cosignatures TO samsnakk_service;
