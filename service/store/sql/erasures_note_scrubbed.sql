INSERT INTO erasures_scrubbed (decided_by_stream, decided_by_version)
SELECT s, v FROM unnest($1::uuid[], $2::bigint[]) AS u (s, v)
ON CONFLICT DO NOTHING;
