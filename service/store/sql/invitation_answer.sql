UPDATE invitations SET state = 'answered', opening = NULL, answer = $2, answer_hash = $3
WHERE id = $1 AND state = 'open' AND expires_at > $4;
