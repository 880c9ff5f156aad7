SELECT organisation, entry, data FROM listing_entries WHERE organisation = $1 AND entry > $2 ORDER BY entry LIMIT $3;
