-- The record: append-only tables. The first five columns of stored_events are the shape that the event sourcing
-- library's own tools read; positions are made in 0002, never by a sequence (a sequence commits out of order).
CREATE TABLE stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version >= 0),
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    inner_hash bytea CHECK (octet_length(inner_hash) = 32),
    head bytea CHECK (octet_length(head) = 32),
    CONSTRAINT stored_events_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT stored_events_position UNIQUE (notification_id)
);
-- Ciphertext and hashes do not compress: EXTERNAL spares the attempt on every row.
ALTER TABLE stored_events ALTER COLUMN state SET STORAGE EXTERNAL;

-- One row for each stream of a channel. `name` is the blinded name under which the stream stands in the global log.
CREATE TABLE streams (
    stream uuid NOT NULL,
    kind text NOT NULL,
    channel uuid NOT NULL,
    name bytea NOT NULL CHECK (octet_length(name) = 32),
    created_at bigint NOT NULL,
    CONSTRAINT streams_pkey PRIMARY KEY (stream),
    CONSTRAINT streams_name UNIQUE (name)
);
CREATE INDEX streams_channel ON streams (channel);

-- Which command recorded which event: the idempotency keys.
CREATE TABLE commands (
    device bytea NOT NULL CHECK (octet_length(device) = 16),
    command_id bytea NOT NULL CHECK (octet_length(command_id) = 16),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    CONSTRAINT commands_pkey PRIMARY KEY (device, command_id)
);

-- The only table from which anything may ever be destroyed, and only against a recorded decision (see 0003).
CREATE TABLE bodies (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    body bytea,
    blind bytea CHECK (octet_length(blind) = 32),
    CONSTRAINT bodies_pkey PRIMARY KEY (originator_id, originator_version)
);
ALTER TABLE bodies ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE snapshots (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (originator_id, originator_version)
);
ALTER TABLE snapshots ALTER COLUMN state SET STORAGE EXTERNAL;

-- How far a process has followed another log: rows only rise.
CREATE TABLE tracking (
    application_name text NOT NULL,
    notification_id bigint NOT NULL,
    CONSTRAINT tracking_pkey PRIMARY KEY (application_name, notification_id)
);

CREATE FUNCTION tracking_must_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM tracking t
        WHERE t.application_name = NEW.application_name AND t.notification_id >= NEW.notification_id
    ) THEN
        RAISE unique_violation USING MESSAGE = 'tracking must rise', CONSTRAINT = 'tracking_must_rise';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tracking_must_rise BEFORE INSERT ON tracking FOR EACH ROW EXECUTE FUNCTION tracking_must_rise();
