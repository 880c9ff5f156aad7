WITH newest AS (
    SELECT generation, hash FROM keyrings WHERE person = $1 ORDER BY generation DESC LIMIT 1
)
INSERT INTO keyrings (person, generation, hash, locators, device, stored_at, file)
SELECT $1, $2::bigint, $3, $5::bytea[], $6, $7, $8
WHERE ($2::bigint = 1 AND NOT EXISTS (SELECT FROM newest))
   OR EXISTS (SELECT FROM newest WHERE generation = $2::bigint - 1 AND hash = $4)
ON CONFLICT DO NOTHING;
