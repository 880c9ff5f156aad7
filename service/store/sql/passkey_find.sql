SELECT id, credential, subject, provider, audience, public_key, sign_count, name, unlocks, created_at, used_at, ends_at,
    suspended
FROM passkeys WHERE credential = $1 AND ends_at > $2;
