WITH tiles AS (
    INSERT INTO log_tiles (level, n, hashes) SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
    ON CONFLICT DO NOTHING
), old AS (
    DELETE FROM log_checkpoints WHERE size < (
        SELECT size FROM log_checkpoints ORDER BY size DESC OFFSET $6 LIMIT 1
    )
)
INSERT INTO log_checkpoints (size, note) VALUES ($4, $5) ON CONFLICT DO NOTHING;
