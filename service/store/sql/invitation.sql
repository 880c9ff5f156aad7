SELECT channel, device, expires_at, state, opening, answer, answer_hash, confirmation FROM invitations WHERE id = $1;
