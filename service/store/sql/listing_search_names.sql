SELECT organisation, entry, data FROM listing_entries
WHERE name <> '' AND name >= $1 AND name < $2 ORDER BY name, entry LIMIT $3;
