WITH held AS (
    DELETE FROM listing_stages WHERE organisation = $1 AND head = $6 RETURNING 1
), head AS (
    INSERT INTO listing_heads (organisation, version, head, signature, stored_at) SELECT $1, $2, $3, $4, $5 FROM held
    RETURNING organisation, version
)
INSERT INTO listing_current (organisation, version) SELECT organisation, version FROM head
ON CONFLICT (organisation) DO UPDATE SET version = EXCLUDED.version RETURNING 1;
