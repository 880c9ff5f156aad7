SELECT e.entry, e.data, sha256(convert_to(e.name || E'\n' || e.words::text, 'UTF8'))
FROM listing_entries e JOIN listing_current c USING (organisation)
WHERE e.organisation = $1 AND e.entry > $2 AND e.since <= c.version AND e.until > c.version
ORDER BY e.entry LIMIT $3;
