SELECT entry, leaf FROM listing_entries
WHERE organisation = $1 AND since <= $2 AND until > $2 ORDER BY entry;
