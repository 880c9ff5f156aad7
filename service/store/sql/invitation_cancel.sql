UPDATE invitations SET state = 'cancelled', opening = NULL, answer = NULL
WHERE id = $1 AND state IN ('open', 'answered');
