INSERT INTO security_log (n, recorded_at, before, encoded, head)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]);
