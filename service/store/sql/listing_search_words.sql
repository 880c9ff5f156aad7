WITH candidates AS MATERIALIZED (
    SELECT organisation, entry, data, name, words FROM listing_entries WHERE words @@ $1::text::tsquery LIMIT 400
)
SELECT organisation, entry, data FROM candidates
ORDER BY words @@ $2::text::tsquery DESC, words @@ $3::text::tsquery DESC, name, entry LIMIT $4;
