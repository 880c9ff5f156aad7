INSERT INTO erasures (originator_id, originator_version, decided_by_stream, decided_by_version)
SELECT $1, v, $1, $2 FROM unnest($3::bigint[]) AS u (v)
ON CONFLICT DO NOTHING;
