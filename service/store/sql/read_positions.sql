SELECT e.originator_id, e.originator_version, e.topic, e.state, e.notification_id, e.inner_hash, e.head, b.body, b.blind
FROM stored_events e LEFT JOIN bodies b USING (originator_id, originator_version)
WHERE e.notification_id > $1 ORDER BY e.notification_id LIMIT $2;
