-- Sealed keyrings, as people's devices left them; the hub can open none. Of each person the newest few stay, so that a
-- device which stops half-way between leaving a file and having it named in the key stream locks nobody out.
CREATE TABLE keyrings (
    person bytea NOT NULL CHECK (octet_length(person) = 16),
    generation bigint NOT NULL CHECK (generation > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    locators bytea[] NOT NULL,
    device bytea NOT NULL CHECK (octet_length(device) = 16),
    stored_at bigint NOT NULL,
    file bytea NOT NULL,
    CONSTRAINT keyrings_pkey PRIMARY KEY (person, generation)
);
ALTER TABLE keyrings ALTER COLUMN file SET STORAGE EXTERNAL;
CREATE INDEX keyrings_locators ON keyrings USING gin (locators);

-- Letters between a new device and an old one: each is written once and goes when its mailbox ends.
CREATE TABLE device_letters (
    mailbox bytea NOT NULL CHECK (octet_length(mailbox) = 16),
    step text NOT NULL CHECK (step IN ('commitment', 'answer', 'offer', 'handover')),
    content bytea NOT NULL,
    ends_at bigint NOT NULL,
    CONSTRAINT device_letters_pkey PRIMARY KEY (mailbox, step)
);
CREATE INDEX device_letters_ends_at ON device_letters (ends_at);

GRANT SELECT, INSERT, DELETE ON keyrings, device_letters TO samsnakk_service;
