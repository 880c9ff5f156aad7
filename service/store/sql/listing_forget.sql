WITH current AS (
    SELECT coalesce((SELECT version FROM listing_current WHERE organisation = $1), 0) AS version
), gone AS (
    DELETE FROM listing_entries e USING current
    WHERE e.ctid = ANY (ARRAY(
        SELECT i.ctid FROM listing_entries i, current c
        WHERE i.organisation = $1 AND (i.since > c.version OR i.until <= c.version) LIMIT $2
    ))
    RETURNING 1
), restored AS (
    UPDATE listing_entries e SET until = 9223372036854775807
    WHERE e.ctid = ANY (ARRAY(
        SELECT i.ctid FROM listing_entries i, current c
        WHERE i.organisation = $1 AND i.since <= c.version AND i.until > c.version
        AND i.until < 9223372036854775807 LIMIT $2
    ))
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM restored);
