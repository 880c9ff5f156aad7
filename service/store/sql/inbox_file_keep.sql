WITH newest AS (
    SELECT generation, hash FROM inbox_files WHERE inbox = $1 ORDER BY generation DESC LIMIT 1
)
INSERT INTO inbox_files (inbox, generation, hash, device, stored_at, file)
SELECT $1, $2::bigint, $3, $5, $6, $7
WHERE ($2::bigint = 1 AND NOT EXISTS (SELECT FROM newest))
   OR EXISTS (SELECT FROM newest WHERE generation = $2::bigint - 1 AND hash = $4)
ON CONFLICT DO NOTHING;
