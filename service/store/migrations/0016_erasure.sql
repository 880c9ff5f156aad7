-- Two people of one organisation decide an erasure (docs/retention.md). Their second act lets content be destroyed, and
-- nothing else does. What is destroyed must also go from where a database keeps what it has deleted: see
-- rewrite_erasable() below, and service/store/erasing.py for the write-ahead log.
INSERT INTO erasing_topics VALUES ('erasure-approved/1');
CREATE INDEX stored_events_decisions ON stored_events (notification_id) WHERE topic = 'erasure-approved/1';
CREATE INDEX erasures_decision ON erasures (decided_by_stream, decided_by_version);

-- Which recorded decision lets which sealed file be destroyed. Kept for ever; so is the row in `attachments`.
CREATE TABLE file_erasures (
    channel uuid NOT NULL,
    file bytea NOT NULL CHECK (octet_length(file) = 16),
    decided_by_stream uuid NOT NULL,
    decided_by_version bigint NOT NULL,
    CONSTRAINT file_erasures_pkey PRIMARY KEY (channel, file),
    CONSTRAINT file_erasures_decided_by FOREIGN KEY (decided_by_stream, decided_by_version)
        REFERENCES stored_events (originator_id, originator_version)
);
CREATE INDEX file_erasures_decision ON file_erasures (decided_by_stream, decided_by_version);

-- Of which decisions the eraser has left nothing in the database's files, and of which of those the hub has said so in
-- the channel. Kept for ever.
CREATE TABLE erasures_scrubbed (
    decided_by_stream uuid NOT NULL,
    decided_by_version bigint NOT NULL,
    CONSTRAINT erasures_scrubbed_pkey PRIMARY KEY (decided_by_stream, decided_by_version),
    CONSTRAINT erasures_scrubbed_decided_by FOREIGN KEY (decided_by_stream, decided_by_version)
        REFERENCES stored_events (originator_id, originator_version)
);
CREATE TABLE erasures_done (
    decided_by_stream uuid NOT NULL,
    decided_by_version bigint NOT NULL,
    CONSTRAINT erasures_done_pkey PRIMARY KEY (decided_by_stream, decided_by_version),
    CONSTRAINT erasures_done_decided_by FOREIGN KEY (decided_by_stream, decided_by_version)
        REFERENCES stored_events (originator_id, originator_version)
);

CREATE FUNCTION piece_goes_only_when_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM file_erasures e WHERE e.channel = OLD.channel AND e.file = OLD.file) THEN
        RAISE insufficient_privilege USING MESSAGE = 'no recorded act decides this erasure';
    END IF;
    RETURN OLD;
END $$;

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['file_erasures', 'erasures_scrubbed', 'erasures_done'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', kept);
    END LOOP;
    FOREACH kept IN ARRAY ARRAY['file_erasures', 'erasures_done'] LOOP
        EXECUTE format('CREATE TRIGGER decided BEFORE INSERT ON %I
                        FOR EACH ROW EXECUTE FUNCTION erasure_needs_a_decision()', kept);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER decided', kept);
    END LOOP;
END $$;

DROP TRIGGER append_only ON attachment_pieces;
CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON attachment_pieces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE attachment_pieces ENABLE ALWAYS TRIGGER never_changed;
CREATE TRIGGER erased_when_decided BEFORE DELETE ON attachment_pieces
    FOR EACH ROW EXECUTE FUNCTION piece_goes_only_when_decided();
ALTER TABLE attachment_pieces ENABLE ALWAYS TRIGGER erased_when_decided;

-- A deleted row stays in its page, and in the file behind it, until something else is written there; VACUUM gives the
-- room back and wipes nothing, and VACUUM FULL takes along what an older transaction could still see. A change of type
-- writes every living row into new files and nothing else, and the old files are emptied when it commits. Everybody
-- waits meanwhile, so whoever holds the table up makes it give up soon; the hub tries again.
CREATE FUNCTION rewrite_erasable() RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '3s'
AS $$
BEGIN
    ALTER TABLE public.bodies
        ALTER COLUMN body SET DATA TYPE bytea USING body || ''::bytea,
        ALTER COLUMN body SET STORAGE EXTERNAL;
    ALTER TABLE public.attachment_pieces
        ALTER COLUMN data SET DATA TYPE bytea USING data || ''::bytea,
        ALTER COLUMN data SET STORAGE EXTERNAL;
END $$;
REVOKE ALL ON FUNCTION rewrite_erasable() FROM PUBLIC;
REVOKE ALL ON FUNCTION piece_goes_only_when_decided() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rewrite_erasable() TO samsnakk_eraser;
GRANT EXECUTE ON FUNCTION piece_goes_only_when_decided() TO samsnakk_service, samsnakk_eraser;
GRANT EXECUTE ON FUNCTION body_goes_only_when_decided() TO samsnakk_eraser;

GRANT SELECT, INSERT ON file_erasures, erasures_done TO samsnakk_service;
GRANT SELECT ON erasures_scrubbed TO samsnakk_service;
GRANT SELECT ON file_erasures TO samsnakk_eraser;
GRANT SELECT, INSERT ON erasures_scrubbed TO samsnakk_eraser;
GRANT SELECT (channel, file), DELETE ON attachment_pieces TO samsnakk_eraser;
