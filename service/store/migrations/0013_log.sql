-- The global log. Its leaves are the record itself, in order of position; here is what is made of them: full tiles,
-- which never change, and the newest signed checkpoints. All of it can be made anew from the record, and is compared
-- with it whenever the hub starts.
CREATE TABLE log_tiles (
    level smallint NOT NULL CHECK (level BETWEEN 0 AND 5),
    n bigint NOT NULL CHECK (n >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
    CONSTRAINT log_tiles_pkey PRIMARY KEY (level, n)
);
ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_tiles
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_tiles ENABLE ALWAYS TRIGGER append_only;

CREATE TABLE log_checkpoints (
    size bigint NOT NULL CHECK (size > 0),
    note text NOT NULL,
    CONSTRAINT log_checkpoints_pkey PRIMARY KEY (size)
);

GRANT SELECT, INSERT ON log_tiles TO samsnakk_service;
GRANT SELECT, INSERT, DELETE ON log_checkpoints TO samsnakk_service;
