SELECT id, credential, subject, provider, audience, public_key, sign_count, name, unlocks, created_at, used_at, ends_at,
    suspended
FROM passkeys WHERE subject = $1 ORDER BY created_at, id;
