DELETE FROM sign_ins WHERE id = $1 RETURNING sealed, expires_at;
