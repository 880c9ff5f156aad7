-- A large version is written row by row before anybody sees it. Each row says from which version on it holds, and up to
-- which it does not; who reads looks at the version in `listing_current`, which changes in one small statement.
ALTER TABLE listing_entries
    ADD COLUMN since bigint NOT NULL DEFAULT 1 CHECK (since > 0),
    ADD COLUMN until bigint NOT NULL DEFAULT 9223372036854775807,
    ADD CONSTRAINT listing_entries_span CHECK (until > since);
ALTER TABLE listing_entries ALTER COLUMN since DROP DEFAULT, ALTER COLUMN until DROP DEFAULT;
ALTER TABLE listing_entries DROP CONSTRAINT listing_entries_pkey;
ALTER TABLE listing_entries ADD CONSTRAINT listing_entries_pkey PRIMARY KEY (organisation, entry, since);
-- Room on each page, so that ending a row need not touch what it is searched by.
ALTER TABLE listing_entries SET (fillfactor = 85);
CREATE INDEX listing_entries_unsettled ON listing_entries (organisation, since, until);

CREATE TABLE listing_current (
    organisation bytea CONSTRAINT listing_current_pkey PRIMARY KEY CHECK (octet_length(organisation) = 16),
    version bigint NOT NULL CHECK (version > 0)
);
INSERT INTO listing_current SELECT organisation, max(version) FROM listing_heads GROUP BY organisation;

-- Whose large version is on its way: one for each organisation. `busy_until`: somebody is writing it (UTC ms).
CREATE TABLE listing_stages (
    organisation bytea CONSTRAINT listing_stages_pkey PRIMARY KEY CHECK (octet_length(organisation) = 16),
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    begun_at bigint NOT NULL,
    busy_until bigint NOT NULL
);
CREATE TABLE listing_pieces (
    organisation bytea NOT NULL REFERENCES listing_stages ON DELETE CASCADE,
    piece integer NOT NULL CHECK (piece >= 0),
    data bytea NOT NULL,
    CONSTRAINT listing_pieces_pkey PRIMARY KEY (organisation, piece)
);
ALTER TABLE listing_pieces ALTER COLUMN data SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, UPDATE ON listing_current TO samsnakk_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON listing_stages, listing_pieces TO samsnakk_service;
