INSERT INTO snapshots (originator_id, originator_version, topic, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
