INSERT INTO log_cosignatures (size, key, seconds, line) SELECT $1, * FROM unnest($2::bytea[], $3::bigint[], $4::text[])
ON CONFLICT (size, key) DO UPDATE SET seconds = excluded.seconds, line = excluded.line
WHERE excluded.seconds > log_cosignatures.seconds;
