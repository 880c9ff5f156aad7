DELETE FROM passkey_challenges WHERE id = $1 RETURNING session, expires_at;
