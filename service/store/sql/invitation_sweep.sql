WITH forgotten AS (
    DELETE FROM invitations WHERE expires_at <= $2
)
UPDATE invitations SET state = 'expired', opening = NULL, answer = NULL
WHERE expires_at <= $1 AND expires_at > $2 AND state IN ('open', 'answered');
