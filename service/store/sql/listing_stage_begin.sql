WITH abandoned AS (
    DELETE FROM listing_stages WHERE organisation <> $1 AND begun_at < $4 AND busy_until < $3
), replaced AS (
    DELETE FROM listing_pieces p USING listing_stages s
    WHERE p.organisation = $1 AND s.organisation = $1 AND s.head <> $2 AND (s.busy_until < $3 OR $5)
)
INSERT INTO listing_stages AS s (organisation, head, begun_at, busy_until) VALUES ($1, $2, $3, 0)
ON CONFLICT (organisation) DO UPDATE SET head = $2, begun_at = $3, busy_until = 0
WHERE s.head = $2 OR s.busy_until < $3 OR $5 RETURNING 1;
