UPDATE sessions SET seen_at = $2
WHERE id = ANY ($1) AND ends_at > $2 AND seen_at + idle > $2 AND seen_at < $2;
