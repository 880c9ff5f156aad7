-- Who is signed in. Unlike the record, this must be able to end: the service may change and delete these rows, and only
-- these. No row names a person: tokens stand as hashes, people and their sessions at providers as keyed hashes, and what
-- the provider said is sealed under the browser's own token. What is bound to whom stays (sign_in_bindings).
CREATE TABLE sign_ins (
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    sealed bytea NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT sign_ins_pkey PRIMARY KEY (id)
);

CREATE TABLE sessions (
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    audience text NOT NULL CHECK (audience IN ('staff', 'user')),
    provider text NOT NULL,
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    provider_session bytea CHECK (octet_length(provider_session) = 32),
    level text NOT NULL,
    auth_time bigint NOT NULL,
    native boolean NOT NULL,
    created_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    idle bigint NOT NULL CHECK (idle > 0),
    ends_at bigint NOT NULL,
    sealed bytea,
    CONSTRAINT sessions_pkey PRIMARY KEY (id)
);
CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_provider_session ON sessions (provider_session);

CREATE TABLE tickets (
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    session bytea NOT NULL,
    challenge bytea NOT NULL CHECK (octet_length(challenge) = 32),
    expires_at bigint NOT NULL,
    CONSTRAINT tickets_pkey PRIMARY KEY (id),
    -- A ticket ends with the session that made it.
    CONSTRAINT tickets_session FOREIGN KEY (session) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX tickets_of_session ON tickets (session);

-- Logout notices taken in, so that none counts twice.
CREATE TABLE used_notices (
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    expires_at bigint NOT NULL,
    CONSTRAINT used_notices_pkey PRIMARY KEY (id)
);

-- Whose principal somebody who signs in is: decided once, by a device of that principal, whose signed statement stands
-- here as the evidence.
CREATE TABLE sign_in_bindings (
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    principal bytea NOT NULL CHECK (octet_length(principal) = 16),
    statement bytea NOT NULL,
    bound_at bigint NOT NULL,
    CONSTRAINT sign_in_bindings_pkey PRIMARY KEY (subject)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_in_bindings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE sign_in_bindings ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT, DELETE ON sign_ins, sessions, tickets, used_notices TO samsnakk_service;
-- Of a session nothing changes but when it was last used.
GRANT UPDATE (seen_at) ON sessions TO samsnakk_service;
GRANT SELECT, INSERT ON sign_in_bindings TO samsnakk_service;
