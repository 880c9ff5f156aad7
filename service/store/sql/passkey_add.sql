WITH added AS (
    INSERT INTO passkeys (id, credential, subject, provider, audience, public_key, sign_count, name, unlocks, created_at,
        used_at, ends_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11
    WHERE (SELECT count(*) FROM passkeys WHERE subject = $3) < $12
    ON CONFLICT DO NOTHING
    RETURNING id, subject, created_at
)
INSERT INTO passkey_trail (subject, passkey, what, at) SELECT subject, id, 'added', created_at FROM added
RETURNING passkey;
