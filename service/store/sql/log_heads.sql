SELECT s.name, e.originator_version, e.head
FROM streams s CROSS JOIN LATERAL (
    SELECT originator_version, head FROM stored_events
    WHERE originator_id = s.stream AND notification_id <= $1
    ORDER BY originator_version DESC LIMIT 1
) e;
