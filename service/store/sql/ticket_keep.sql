INSERT INTO tickets (id, session, challenge, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING;
