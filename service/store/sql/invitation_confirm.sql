UPDATE invitations SET state = 'confirmed', answer = NULL, confirmation = $2 WHERE id = $1 AND state = 'answered';
