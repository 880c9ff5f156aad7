INSERT INTO passkey_challenges (id, session, expires_at) VALUES ($1, $2, $3);
