SELECT s.id, s.audience, s.provider, s.subject, s.provider_session, s.level, s.auth_time, s.native, s.created_at,
    s.seen_at, s.idle, s.ends_at, s.sealed, b.principal
FROM sessions s LEFT JOIN sign_in_bindings b USING (subject)
WHERE s.id = $1 AND s.ends_at > $2 AND s.seen_at + s.idle > $2;
