SELECT s.stream, e.originator_version, e.head
FROM unnest($1::uuid[]) AS s (stream) CROSS JOIN LATERAL (
    SELECT originator_version, head FROM stored_events WHERE originator_id = s.stream
    ORDER BY originator_version DESC LIMIT 1
) e;
