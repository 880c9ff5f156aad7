INSERT INTO sessions (id, audience, provider, subject, provider_session, level, auth_time, native, created_at, seen_at,
    idle, ends_at, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING;
