SELECT organisation, entry, data FROM listing_entries WHERE organisation = $1 AND entry = ANY ($2::bytea[]) ORDER BY entry;
