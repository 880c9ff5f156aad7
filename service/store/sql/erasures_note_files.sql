INSERT INTO file_erasures (channel, file, decided_by_stream, decided_by_version)
SELECT $1, f, $1, $2 FROM unnest($3::bytea[]) AS u (f)
ON CONFLICT DO NOTHING;
