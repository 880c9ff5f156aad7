SELECT stream, kind, channel, name, created_at FROM streams
WHERE ($1::uuid IS NULL OR channel = $1) AND ($2::text IS NULL OR kind = $2) ORDER BY created_at, stream;
