WITH head AS (
    INSERT INTO listing_heads (organisation, version, head, signature, stored_at) VALUES ($1, $2, $3, $4, $5)
), gone AS (
    DELETE FROM listing_entries WHERE organisation = $1 AND entry = ANY ($6::bytea[])
)
INSERT INTO listing_entries (organisation, entry, leaf, data, name, words)
SELECT $1, u.e, u.l, u.d, u.n, u.w::tsvector
FROM unnest($7::bytea[], $8::bytea[], $9::bytea[], $10::text[], $11::text[]) AS u (e, l, d, n, w)
ON CONFLICT (organisation, entry)
DO UPDATE SET leaf = EXCLUDED.leaf, data = EXCLUDED.data, name = EXCLUDED.name, words = EXCLUDED.words;
