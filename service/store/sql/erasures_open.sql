SELECT * FROM (
    SELECT
        s.originator_id,
        s.originator_version,
        EXISTS (
            SELECT FROM erasures_scrubbed d
            WHERE d.decided_by_stream = s.originator_id AND d.decided_by_version = s.originator_version
        ) AS scrubbed,
        EXISTS (
            SELECT FROM erasures e JOIN bodies b USING (originator_id, originator_version)
            WHERE e.decided_by_stream = s.originator_id AND e.decided_by_version = s.originator_version
        ) OR EXISTS (
            SELECT FROM file_erasures f JOIN attachment_pieces p USING (channel, file)
            WHERE f.decided_by_stream = s.originator_id AND f.decided_by_version = s.originator_version
        ) AS present,
        s.notification_id
    FROM stored_events s
    WHERE s.topic = 'erasure-approved/1'
) AS decisions
WHERE present OR NOT EXISTS (
    SELECT FROM erasures_done d
    WHERE d.decided_by_stream = originator_id AND d.decided_by_version = originator_version
)
ORDER BY notification_id;
