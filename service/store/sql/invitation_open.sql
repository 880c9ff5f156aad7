-- A new invitation takes the place of the channel's earlier ones: a link that was lost with a telephone is dead. The
-- same one sent again changes nothing.
WITH replaced AS (
    UPDATE invitations SET state = 'cancelled', opening = NULL, answer = NULL
    WHERE channel = $2 AND state IN ('open', 'answered') AND NOT EXISTS (SELECT FROM invitations WHERE id = $1)
)
INSERT INTO invitations (id, channel, device, expires_at, state, opening)
VALUES ($1, $2, $3, $4, 'open', $5)
ON CONFLICT DO NOTHING;
