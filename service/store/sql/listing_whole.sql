SELECT entry, data, name, words::text FROM listing_entries WHERE organisation = $1 ORDER BY entry;
