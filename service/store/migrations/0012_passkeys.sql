-- Passkeys of people who have signed in. A row names nobody: `subject` is the keyed hash that sessions have too. Who removes
-- a passkey removes its row; that it was there, and when it came, went or was suspended, stays in passkey_trail.
CREATE TABLE passkeys (
    id bytea NOT NULL CHECK (octet_length(id) = 16),
    credential bytea NOT NULL CHECK (octet_length(credential) BETWEEN 1 AND 1023),
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    provider text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('staff', 'user')),
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    name text NOT NULL,
    unlocks boolean NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    suspended boolean NOT NULL DEFAULT false,
    CONSTRAINT passkeys_pkey PRIMARY KEY (id),
    CONSTRAINT passkeys_credential UNIQUE (credential)
);
CREATE INDEX passkeys_subject ON passkeys (subject);

-- Attempts on their way. A challenge follows from the token in the browser's cookie, of which only the hash stands here.
CREATE TABLE passkey_challenges (
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    session bytea,
    expires_at bigint NOT NULL,
    CONSTRAINT passkey_challenges_pkey PRIMARY KEY (id),
    CONSTRAINT passkey_challenges_session FOREIGN KEY (session) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX passkey_challenges_session ON passkey_challenges (session);

CREATE TABLE passkey_trail (
    n bigint GENERATED ALWAYS AS IDENTITY,
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    passkey bytea NOT NULL CHECK (octet_length(passkey) = 16),
    what text NOT NULL CHECK (what IN ('added', 'removed', 'suspended')),
    at bigint NOT NULL,
    CONSTRAINT passkey_trail_pkey PRIMARY KEY (n)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON passkey_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE passkey_trail ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT, DELETE ON passkeys, passkey_challenges TO samsnakk_service;
GRANT UPDATE (sign_count, used_at, suspended) ON passkeys TO samsnakk_service;
GRANT SELECT, INSERT ON passkey_trail TO samsnakk_service;
