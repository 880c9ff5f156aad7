-- Seeds of service inboxes, sealed for the people who are eligible to answer them; the hub can open none. Of each inbox
-- the newest few stay, so that whoever stops half-way takes nothing away from the others.
CREATE TABLE inbox_files (
    inbox bytea NOT NULL CHECK (octet_length(inbox) = 16),
    generation bigint NOT NULL CHECK (generation > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    device bytea NOT NULL CHECK (octet_length(device) = 16),
    stored_at bigint NOT NULL,
    file bytea NOT NULL,
    CONSTRAINT inbox_files_pkey PRIMARY KEY (inbox, generation)
);
ALTER TABLE inbox_files ALTER COLUMN file SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, DELETE ON inbox_files TO samsnakk_service;
