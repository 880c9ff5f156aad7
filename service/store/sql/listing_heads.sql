SELECT DISTINCT ON (organisation) organisation, head, signature FROM listing_heads
WHERE organisation = ANY ($1::bytea[]) ORDER BY organisation, version DESC;
