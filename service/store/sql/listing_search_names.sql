SELECT e.organisation, e.entry, e.data FROM listing_entries e JOIN listing_current c USING (organisation)
WHERE e.name <> '' AND e.name >= $1 AND e.name < $2 AND e.since <= c.version AND e.until > c.version
ORDER BY e.name, e.entry LIMIT $3;
