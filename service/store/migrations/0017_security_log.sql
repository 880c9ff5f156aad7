-- Attempts that were refused: gathered, numbered, chained. Rows are added and never changed; they go when they are old,
-- and nobody, the service included, takes one away before it has stood here for 90 days.
CREATE TABLE security_log (
    n bigint NOT NULL CHECK (n > 0),
    recorded_at bigint NOT NULL,
    before bytea NOT NULL CHECK (octet_length(before) = 32),
    encoded bytea NOT NULL CHECK (octet_length(encoded) BETWEEN 1 AND 512),
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    CONSTRAINT security_log_pkey PRIMARY KEY (n)
);

CREATE FUNCTION refusals_stay_for_90_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.recorded_at > extract(epoch FROM clock_timestamp()) * 1000 - 90 * 86400000::bigint THEN
        RAISE insufficient_privilege USING MESSAGE = 'rows of the security log stay for 90 days at least';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER never_changed BEFORE UPDATE OR TRUNCATE ON security_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE security_log ENABLE ALWAYS TRIGGER never_changed;
CREATE TRIGGER kept_long_enough BEFORE DELETE ON security_log
    FOR EACH ROW EXECUTE FUNCTION refusals_stay_for_90_days();
ALTER TABLE security_log ENABLE ALWAYS TRIGGER kept_long_enough;

REVOKE ALL ON FUNCTION refusals_stay_for_90_days() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refusals_stay_for_90_days() TO samsnakk_service;
GRANT SELECT, INSERT, DELETE ON security_log TO samsnakk_service;
