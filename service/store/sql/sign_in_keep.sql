INSERT INTO sign_ins (id, sealed, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;
