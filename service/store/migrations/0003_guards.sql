-- What is recorded stays. Grants say so to the service; these triggers say so to everybody, superusers included, until
-- somebody drops them (which the witnessed log is there to show). ENABLE ALWAYS: session_replication_role is no way around.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = format('%s is append-only: %s refused', TG_TABLE_NAME, TG_OP);
END $$;

CREATE TABLE erasing_topics (
    topic text NOT NULL,
    CONSTRAINT erasing_topics_pkey PRIMARY KEY (topic)
);

-- Which recorded decision lets which body be destroyed. Kept for ever.
CREATE TABLE erasures (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    decided_by_stream uuid NOT NULL,
    decided_by_version bigint NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT erasures_of FOREIGN KEY (originator_id, originator_version)
        REFERENCES stored_events (originator_id, originator_version),
    CONSTRAINT erasures_decided_by FOREIGN KEY (decided_by_stream, decided_by_version)
        REFERENCES stored_events (originator_id, originator_version)
);

-- Only events of a topic that a migration has named can decide an erasure. None is named here: nothing can be erased yet.
CREATE FUNCTION erasure_needs_a_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM stored_events e JOIN erasing_topics t ON t.topic = e.topic
        WHERE e.originator_id = NEW.decided_by_stream AND e.originator_version = NEW.decided_by_version
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'no recorded act decides this erasure';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION body_goes_only_when_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasures e
        WHERE e.originator_id = OLD.originator_id AND e.originator_version = OLD.originator_version
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'no recorded act decides this erasure';
    END IF;
    RETURN OLD;
END $$;

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['stored_events', 'streams', 'commands', 'snapshots', 'erasures'] LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only', kept);
    END LOOP;
END $$;

CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON bodies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE bodies ENABLE ALWAYS TRIGGER never_changed;
CREATE TRIGGER erased_when_decided BEFORE DELETE ON bodies FOR EACH ROW EXECUTE FUNCTION body_goes_only_when_decided();
ALTER TABLE bodies ENABLE ALWAYS TRIGGER erased_when_decided;
CREATE TRIGGER decided BEFORE INSERT ON erasures FOR EACH ROW EXECUTE FUNCTION erasure_needs_a_decision();
ALTER TABLE erasures ENABLE ALWAYS TRIGGER decided;
