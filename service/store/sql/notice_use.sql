INSERT INTO used_notices (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id;
