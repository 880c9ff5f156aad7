WITH a AS (DELETE FROM sign_ins WHERE expires_at <= $1),
    b AS (DELETE FROM tickets WHERE expires_at <= $1),
    c AS (DELETE FROM used_notices WHERE expires_at <= $1),
    d AS (DELETE FROM passkey_challenges WHERE expires_at <= $1)
DELETE FROM sessions WHERE ends_at <= $1 OR seen_at + idle <= $1;
