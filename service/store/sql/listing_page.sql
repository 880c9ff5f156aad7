SELECT e.organisation, e.entry, e.data FROM listing_entries e JOIN listing_current c USING (organisation)
WHERE e.organisation = $1 AND e.entry > $2 AND e.since <= c.version AND e.until > c.version
ORDER BY e.entry LIMIT $3;
