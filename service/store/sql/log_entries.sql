SELECT e.notification_id, s.name, e.originator_version, e.head
FROM stored_events e JOIN streams s ON s.stream = e.originator_id
WHERE e.notification_id > $1 AND e.notification_id <= $2 ORDER BY e.notification_id;
