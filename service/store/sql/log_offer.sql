WITH old AS (
    DELETE FROM log_candidates WHERE size < (
        SELECT size FROM log_candidates ORDER BY size DESC OFFSET $4 LIMIT 1
    )
)
INSERT INTO log_candidates (size, note, offered_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;
