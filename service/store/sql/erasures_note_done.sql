INSERT INTO erasures_done (decided_by_stream, decided_by_version) VALUES ($1, $2) ON CONFLICT DO NOTHING;
