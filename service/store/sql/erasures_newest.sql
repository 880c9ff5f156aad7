SELECT COALESCE(
    (
        SELECT notification_id FROM stored_events WHERE topic = 'erasure-approved/1'
        ORDER BY notification_id DESC LIMIT 1
    ),
    0
);
