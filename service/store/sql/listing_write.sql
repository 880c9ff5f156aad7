WITH held AS (
    UPDATE listing_stages SET busy_until = $10 WHERE organisation = $1 AND head = $9 RETURNING 1
), ended AS (
    UPDATE listing_entries SET until = $2 FROM held
    WHERE organisation = $1 AND entry = ANY ($3::bytea[]) AND since < $2 AND until > $2
), written AS (
    INSERT INTO listing_entries (organisation, entry, leaf, data, name, words, since, until)
    SELECT $1, u.e, u.l, u.d, u.n, u.w::tsvector, $2, 9223372036854775807
    FROM held, unnest($4::bytea[], $5::bytea[], $6::bytea[], $7::text[], $8::text[]) AS u (e, l, d, n, w)
    ON CONFLICT (organisation, entry, since) DO UPDATE
    SET leaf = EXCLUDED.leaf, data = EXCLUDED.data, name = EXCLUDED.name, words = EXCLUDED.words, until = EXCLUDED.until
)
SELECT 1 FROM held;
