SELECT entry, leaf FROM listing_entries WHERE organisation = $1 ORDER BY entry;
