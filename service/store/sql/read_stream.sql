SELECT e.originator_id, e.originator_version, e.topic, e.state, e.notification_id, e.inner_hash, e.head, b.body, b.blind
FROM stored_events e LEFT JOIN bodies b USING (originator_id, originator_version)
WHERE e.originator_id = $1 AND e.originator_version > $2 AND e.originator_version <= $3
ORDER BY e.originator_version LIMIT $4;
