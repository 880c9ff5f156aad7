-- What organisations publish of themselves. Heads are kept for ever; entries are those of the newest version only, so
-- that who is no longer listed is gone. `name` and `words` are made for searching and are nobody's word.
CREATE TABLE listing_heads (
    organisation bytea NOT NULL CHECK (octet_length(organisation) = 16),
    version bigint NOT NULL CHECK (version > 0),
    head bytea NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    stored_at bigint NOT NULL,
    CONSTRAINT listing_heads_pkey PRIMARY KEY (organisation, version)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON listing_heads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE listing_heads ENABLE ALWAYS TRIGGER append_only;

CREATE TABLE listing_entries (
    organisation bytea NOT NULL CHECK (octet_length(organisation) = 16),
    entry bytea NOT NULL CHECK (octet_length(entry) = 16),
    leaf bytea NOT NULL CHECK (octet_length(leaf) = 32),
    data bytea NOT NULL,
    name text COLLATE "C" NOT NULL,
    words tsvector NOT NULL,
    CONSTRAINT listing_entries_pkey PRIMARY KEY (organisation, entry)
);
CREATE INDEX listing_entries_name ON listing_entries (name, entry) WHERE name <> '';
-- Without a list of pending rows: whoever searches should not have to read through it.
CREATE INDEX listing_entries_words ON listing_entries USING gin (words) WITH (fastupdate = off);

GRANT SELECT, INSERT ON listing_heads TO samsnakk_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON listing_entries TO samsnakk_service;
