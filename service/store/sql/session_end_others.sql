DELETE FROM sessions WHERE subject = $1 AND id <> $2 RETURNING id;
