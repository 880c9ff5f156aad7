WITH candidates AS MATERIALIZED (
    SELECT e.organisation, e.entry, e.data, e.name, e.words
    FROM listing_entries e JOIN listing_current c USING (organisation)
    WHERE e.words @@ $1::text::tsquery AND e.since <= c.version AND e.until > c.version LIMIT 400
)
SELECT organisation, entry, data FROM candidates
ORDER BY words @@ $2::text::tsquery DESC, words @@ $3::text::tsquery DESC, name, entry LIMIT $4;
