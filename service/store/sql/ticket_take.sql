DELETE FROM tickets WHERE id = $1 RETURNING session, challenge, expires_at;
