SELECT id FROM sessions WHERE id = ANY ($1) AND ends_at > $2 AND seen_at + idle > $2;
